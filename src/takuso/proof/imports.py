"""Check `imports`: fences in the program's text. What may speak to the database, and what a screen may not touch.

import-linter keeps the layers; this keeps what no layer tells: that doors and stages have neither a driver nor a
socket, reach into nobody's private parts, and guess nothing from the Referer.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from takuso.proof.program import Program

Wrong = tuple[str, str]
# Rooms that serve people: they get bytes from the gate and have no other way to data.
_FENCED: Final = ("doors/web", "flow")
_DRIVERS: Final = frozenset(
    {"psycopg", "psycopg_pool", "sqlite3", "duckdb", "socket", "subprocess", "urllib.request", "http.client", "pickle",
     "shelve", "marshal", "ctypes", "importlib", "smtplib", "ftplib", "asyncio", "multiprocessing.connection"}
)  # fmt: skip
_STORES: Final = ("takuso.store", "takuso.accesslog", "django.db", "django.core.cache", "django.contrib")
# Where a stage's operations run: functions of the database that a job calls, one point at a time.
_MAY: Final = {
    "flow/points/operations.py": {"psycopg"},
    "flow/points/migrations/0001_points.py": {"takuso.store.migrate", "django.db"},
    "flow/points/migrations/0002_planned.py": {"takuso.store.migrate", "django.db"},
    "flow/reception/migrations/0001_reception.py": {"takuso.store.migrate", "django.db"},
    "flow/reception/migrations/0002_taken.py": {"takuso.store.migrate", "django.db"},
    "flow/reception/turns.py": {"psycopg"},
    "doors/web/settings.py": {"django.apps"},
}
_NEVER_CALLED: Final = frozenset({"eval", "exec", "compile", "__import__", "open", "globals", "vars", "setattr"})
_MAY_CALL: Final = {"doors/web/settings.py": {"setattr"}}
_REFERER: Final = frozenset({"HTTP_REFERER", "Referer", "referer"})
_NO_CACHE: Final = frozenset(
    {"cache_page", "cache_control", "lru_cache", "cache", "cached_property", "etag", "condition"}
)
# Nothing of a customer is remembered: these keep what depends on the program alone, or on one value of the calendar.
_MAY_KEEP: Final = {
    "doors/web/frame.py": {"_switch_to"},
    "doors/web/filters.py": {"_both", "_slash", "_month"},
    "doors/web/language.py": {"catalogue"},
    "doors/web/palette.py": {"commands", "palette"},
    "doors/web/readings.py": {"words"},
    "doors/web/wishes.py": {"_moves"},
    "doors/web/keys.py": {"_marks", "_face"},
    "flow/reception/plain.py": {"_hints"},
}


def import_faults(program: Program) -> list[Wrong]:
    """(where, what) of every place that goes through a fence."""
    return [fault for file in sorted(program.root.rglob("*.py")) for fault in _faults(file, program.root)]


def _faults(file: Path, root: Path) -> Iterator[Wrong]:
    place = file.relative_to(root).as_posix()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if place.startswith(_FENCED):
        yield from _imports(place, tree)
        yield from _calls(place, tree)
        yield from _memories(place, tree)
        yield from _containers(place, tree)
    yield from _words(place, tree)


def _imports(place: str, tree: ast.Module) -> Iterator[Wrong]:
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if _forbidden(name) and not _allowed(place, name):
                yield f"{place}:{getattr(node, 'lineno', 0)}", f"{name} を読み込みます（データへの道は関門だけです）"


def _forbidden(name: str) -> bool:
    return name in _DRIVERS or any(name == store or name.startswith(f"{store}.") for store in _STORES)


def _allowed(place: str, name: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in _MAY.get(place, ()))


def _calls(place: str, tree: ast.Module) -> Iterator[Wrong]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _NEVER_CALLED:
            if node.func.id not in _MAY_CALL.get(place, ()):
                yield f"{place}:{node.lineno}", f"{node.func.id}() を呼びます"
        elif isinstance(node, ast.Attribute) and _private(node):
            yield f"{place}:{node.lineno}", f"ほかの部品の内側（{ast.unparse(node)}）に手を入れています"


def _private(node: ast.Attribute) -> bool:
    hidden = node.attr.startswith("_") and not node.attr.startswith("__")
    own = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}
    return hidden and not own


def _memories(place: str, tree: ast.Module) -> Iterator[Wrong]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            name = ast.unparse(decorator).partition("(")[0].rpartition(".")[2]
            if name in _NO_CACHE and node.name not in _MAY_KEEP.get(place, ()):
                yield (
                    f"{place}:{node.lineno}",
                    f"{node.name} は値を覚えます（{name}）。お客さまの情報を覚えてはなりません",
                )


def _containers(place: str, tree: ast.Module) -> Iterator[Wrong]:
    """A module's own dict, list or set that its functions write to outlives the request."""
    held = {ast.unparse(target) for node in tree.body for target in _targets(node)}
    for node in ast.walk(tree):
        written = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            written = ast.unparse(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _GROWS:
            written = ast.unparse(node.func.value)
        elif isinstance(node, ast.Global):
            written = node.names[0]
            held = held | {written}
        if written in held:
            yield f"{place}:{getattr(node, 'lineno', 0)}", f"要求をこえて残る {written} に書き込みます"


_GROWS: Final = frozenset({"append", "add", "update", "setdefault", "extend", "insert"})


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def _words(place: str, tree: ast.Module) -> Iterator[Wrong]:
    if place.startswith("proof/"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in _REFERER:
            yield f"{place}:{node.lineno}", "Referer を読みます（来た画面は閲覧票だけが言えます）"
