"""What the program says when it refuses: the texts as they stand in its source, with … for what is filled in."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import takuso

ROOT: Final = Path(takuso.__file__).parent
_CALLS: Final = {"wrong_use": 2, "could_not_run": 3}
_ANCESTOR: Final = "StoreError"
_STORE_CODE: Final = 3


@dataclass(frozen=True, slots=True, order=True)
class Spoken:
    """One text, the module it stands in (as `doors/cli/serve.py`), and the exit code of a command that ends so."""

    module: str
    text: str
    code: int = 0


@cache
def of_commands() -> list[Spoken]:
    """Texts that end a command, in the order of modules and lines; each once."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(ROOT.rglob("*.py"))}
    refused = _descendants(trees.values())
    found = [
        Spoken(module=str(file.relative_to(ROOT)), text=text, code=code)
        for file, tree in trees.items()
        for text, code in _ends(tree, refused)
    ]
    return list(dict.fromkeys(found))


def of_fields() -> list[Spoken]:
    """Every Japanese sentence of the modules that make a Problem (an entry of a form that is refused); each once."""
    found = []
    for file in sorted((ROOT / "doors" / "web").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if file.name == "typed.py" or _calls(tree, "Problem"):
            module = str(file.relative_to(ROOT))
            found += [Spoken(module=module, text=text) for node in ast.walk(tree) if "。" in (text := _text(node))]
    inner = {one.text for one in found}
    # A part of an f-string is also met by itself.
    return [one for one in dict.fromkeys(found) if not any(one.text != other and one.text in other for other in inner)]


def _calls(tree: ast.Module, name: str) -> bool:
    return any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == name for n in ast.walk(tree))


def raised(module: str, name: str) -> list[str]:
    """Texts that `raise name(…)` or the exception's own `super().__init__(…)` in this module say."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    return list(dict.fromkeys(text for text, _ in _ends(tree, {name})))


def _descendants(trees: Iterable[ast.Module]) -> set[str]:
    classes = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {_ANCESTOR}
    while more := {name for name, bases in classes.items() if bases & found} - found:
        found |= more
    return found


def _ends(tree: ast.Module, refused: set[str]) -> Iterator[tuple[str, int]]:
    own = {
        id(call)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in refused
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if id(node) in own or name in refused or name in _CALLS:
            texts = [text for one in node.args if (text := _text(one))]
            if texts and "。" in texts[0]:
                yield "\n対処: ".join(texts), _CALLS.get(name, _STORE_CODE)


def _text(node: ast.AST) -> str:
    """The text of a string or f-string; nothing for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(one) or "…" for one in values)
        case ast.BinOp(left=left, right=right, op=ast.Add()):
            return _text(left) + _text(right)
    return ""
