"""Check `doors`: what can be entered in the running program, against what is declared of it, both ways.

Nothing here is walked. An address, command, job, error page, log line or login that nobody has declared is red, and
so is a declaration that nothing answers to.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from takuso.barrier.matrix import DataClass
from takuso.doors.register import Door, DoorKind, Passes
from takuso.proof.program import PageShape, Program
from takuso.store.logins import LOGIN_NAMES

Wrong = tuple[str, str]
SCREENS: Final = "/screens/<str:code>"
# Addresses a browser may send a form to without a token, each with its reason in the view.
_WITHOUT_TOKEN: Final = frozenset({"/demo/login"})
# No cookie counts below it (the walk tries one at each): another site has nothing that it could make a browser send.
_BY_BEARER: Final = "/api/v1/"
_LEVELS: Final = frozenset({"debug", "info", "warning", "error", "critical", "exception", "msg", "log"})


def door_faults(program: Program) -> list[Wrong]:
    """(where, what) of everything undeclared, declared for nothing, or declared otherwise than it is."""
    return [
        *_declarations(program.doors),
        *_both_ways(program, DoorKind.ADDRESS, addresses(program)),
        *_both_ways(program, DoorKind.COMMAND, program.commands),
        *_both_ways(program, DoorKind.JOB, tuple(program.jobs)),
        *_both_ways(program, DoorKind.FAILURE, tuple(map(str, program.failures))),
        *_both_ways(program, DoorKind.LOGIN, LOGIN_NAMES),
        *_both_ways(program, DoorKind.SINK, tuple(name for name, _ in sinks(program.root))),
        *_fields(program),
        *_screens(program),
        *_routes(program),
        *((f"job {job}", f"{login} は登録されたログインではありません") for job, login in _odd_jobs(program)),
    ]


def addresses(program: Program) -> tuple[str, ...]:
    """Every address, the screens one by one."""
    found = [route.path for route in program.routes if route.path != SCREENS]
    return (*found, *(f"/screens/{code}" for code in program.pages))


def of_kind(program: Program, kind: DoorKind) -> dict[str, Door]:
    """The declared doors of a kind by name."""
    return {door.name: door for door in program.doors if door.kind is kind}


def _declarations(doors: Sequence[Door]) -> Iterator[Wrong]:
    names = [(door.kind, door.name) for door in doors]
    yield from (
        (f"{kind} {name}", "二度宣言されています") for kind, name in sorted(set(names)) if _twice(names, kind, name)
    )
    for door in doors:
        if not door.purpose.strip():
            yield f"{door.kind} {door.name}", "目的が書かれていません"
        if door.classes and door.passes is Passes.NOTHING:
            yield f"{door.kind} {door.name}", "何も通らない出入口に情報の区分が書かれています"
        if door.kind is DoorKind.ADDRESS and not door.methods:
            yield f"{door.kind} {door.name}", "メソッドが書かれていません"


def _twice(names: Sequence[tuple[DoorKind, str]], kind: DoorKind, name: str) -> bool:
    return names.count((kind, name)) > 1


def _both_ways(program: Program, kind: DoorKind, found: Sequence[str]) -> Iterator[Wrong]:
    declared = of_kind(program, kind)
    yield from ((f"{kind} {name}", "登録簿にない出入口です") for name in sorted(set(found) - declared.keys()))
    yield from (
        (f"{kind} {name}", "登録簿にありますが、プログラムにありません")
        for name in sorted(declared.keys() - set(found))
    )


def _screens(program: Program) -> Iterator[Wrong]:
    declared = of_kind(program, DoorKind.ADDRESS)
    known = {screen.code for screen in program.screens}
    for code, page in program.pages.items():
        door = declared.get(f"/screens/{code}")
        if door is not None:
            yield from _screen(door, page)
        if code not in known:
            yield f"screen {code}", "配備する画面定義にありません"
        yield from (
            (f"screen {code}", f"{to} へ進みますが、そういう画面はありません") for to in sorted(page.leads_to - known)
        )


def _screen(door: Door, page: PageShape) -> Iterator[Wrong]:
    where = f"screen {page.screen.code}"
    if door.passes is not Passes.GATE:
        yield where, "画面は関門を通らなければなりません"
    for more in sorted(page.screen.classes - door.classes):
        yield where, f"登録簿にない区分 {more} を求められます"
    for less in sorted(door.classes - page.screen.classes):
        yield where, f"登録簿の区分 {less} を画面定義は求めません"
    for query in page.queries:
        yield from (
            (where, f"{query.name} は画面定義にない区分 {c} を読みます") for c in sorted(query.classes - _all(page))
        )
        if not query.classes:
            yield where, f"{query.name} に区分が書かれていません"


def _all(page: PageShape) -> frozenset[DataClass]:
    return page.screen.classes


def _routes(program: Program) -> Iterator[Wrong]:
    for route in program.routes:
        if route.csrf_exempt and route.path not in _WITHOUT_TOKEN and not route.path.startswith(_BY_BEARER):
            yield f"address {route.path}", f"{route.view} は CSRF トークンなしで受け付けます"


def _odd_jobs(program: Program) -> Iterator[tuple[str, str]]:
    return ((job, login) for job, login in program.jobs.items() if login not in LOGIN_NAMES)


def _fields(program: Program) -> Iterator[Wrong]:
    declared = of_kind(program, DoorKind.SINK)
    for name, fields in sinks(program.root):
        door = declared.get(name)
        if door is not None and not fields <= door.fields:
            yield f"sink {name}", f"登録簿にない項目: {'、'.join(sorted(fields - door.fields))}"


def sinks(root: Path) -> list[tuple[str, frozenset[str]]]:
    """`logger event` and field names of every line that the program can write to a log of its own."""
    found: list[tuple[str, frozenset[str]]] = []
    for file in sorted(root.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        loggers = _loggers(tree)
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        found += [_line(call, loggers) for call in calls if _is_line(call, loggers)]
    return found


def _loggers(tree: ast.Module) -> dict[str, str]:
    """Variables that hold a logger, with the logger's name."""
    made = {}
    for node in ast.walk(tree):
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(value, ast.Call):
            continue
        if isinstance(value.func, ast.Attribute) and value.func.attr == "get_logger":
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            made[ast.unparse(target)] = _constant(value.args)
    return made


def _is_line(call: ast.Call, loggers: dict[str, str]) -> bool:
    return (
        isinstance(call.func, ast.Attribute) and call.func.attr in _LEVELS and ast.unparse(call.func.value) in loggers
    )


def _line(call: ast.Call, loggers: dict[str, str]) -> tuple[str, frozenset[str]]:
    logger = loggers[ast.unparse(call.func.value)] if isinstance(call.func, ast.Attribute) else "?"
    return f"{logger} {_constant(call.args)}", frozenset(keyword.arg or "（定まらない）" for keyword in call.keywords)


def _constant(arguments: Sequence[ast.expr]) -> str:
    """The one argument if it is a constant text: what is put together at run time may hold a value."""
    one = arguments[0] if len(arguments) == 1 else None
    return one.value if isinstance(one, ast.Constant) and isinstance(one.value, str) else "（定まらない）"
