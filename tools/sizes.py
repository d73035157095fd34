"""Limits that keep the tail short: lines of a function and a file, depth of folders, names that say nothing.

SQL, tables and migrations are data and are not counted.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path("src/takuso")
LONGEST_FUNCTION: Final = 50
LONGEST_FILE: Final = 400
DEEPEST: Final = 4
# It is copied to machines where nothing of ours is, so it must be one file (ADR 27).
ALONE: Final = {"accesslog/verify_log.py": 960}
SAY_NOTHING: Final = frozenset({"utils", "util", "common", "helpers", "helper", "misc"})


def problems() -> Iterator[str]:
    """One line for each limit that is broken."""
    for file in sorted(ROOT.rglob("*.py")):
        place = file.relative_to(ROOT)
        if len(place.parent.parts) > DEEPEST:
            yield f"{file}: deeper than {DEEPEST} folders"
        for part in {file.stem, *place.parent.parts} & SAY_NOTHING:
            yield f"{file}: the name '{part}' says nothing"
        if "migrations" not in place.parts:
            yield from _lines(file)


def _lines(file: Path) -> Iterator[str]:
    text = file.read_text(encoding="utf-8")
    count = len(text.splitlines())
    longest = ALONE.get(file.relative_to(ROOT).as_posix(), LONGEST_FILE)
    if count > longest:
        yield f"{file}: {count} lines, at most {longest}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{file}:{node.lineno}: {node.name} has {length} lines, at most {LONGEST_FUNCTION}"


def main() -> int:
    """Print the problems; 1 if there are any."""
    found = list(problems())
    for line in found:
        print(line)
    print(f"sizes: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
