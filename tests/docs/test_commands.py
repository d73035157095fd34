"""Every command that a page tells the reader to type is one that the program has, with these options."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import typer.main

from takuso.doors.cli.program import program
from tests.docs.markdown import PAGES, ROOT, inline, name, read, shell_lines

TREE = typer.main.get_command(program())
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
_HELP = {"--help", "-h"}
_END = {"|", "&&", "||", ";", ">", ">>", "2>", "&"}
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*")


def _told(line: str) -> list[list[str]]:
    """The commands of a line, as words: what stands before a comment, a pipe, a redirection."""
    words = shlex.split(line, comments=True)
    commands: list[list[str]] = [[]]
    for word in words:
        if word in _END:
            commands.append([])
        elif commands[-1] or not _ASSIGNMENT.fullmatch(word):
            commands[-1].append(word)
    return [command for command in commands if command]


def _problems(words: Sequence[str], *, whole: bool) -> Iterator[str]:
    """What is wrong with `takuso …`; `whole`: nothing that must be there may be missing."""
    command, rest = TREE, list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    if getattr(command, "commands", None) and not getattr(command, "invoke_without_command", False):
        if rest and not rest[0].startswith("-"):
            yield f"{rest[0]}: そのコマンドはない"
        elif whole and not _HELP & set(rest):
            yield "コマンドが足りない"
        return
    yield from _arguments(command, rest, whole=whole)


def _arguments(command: Any, rest: list[str], *, whole: bool) -> Iterator[str]:
    options = {text: one for one in command.params for text in (*one.opts, *one.secondary_opts) if text[0] == "-"}
    wanted = [one for one in command.params if one.param_type_name == "argument"]
    given, seen = 0, set()
    while rest:
        word, _, value = rest.pop(0).partition("=")
        if not word.startswith("-"):
            given += 1
        elif word in options:
            seen.add(options[word].name)
            if not options[word].is_flag:
                value = value or (rest.pop(0) if rest else "")
                if (whole or value) and not _fits(options[word], value):
                    yield f"{word} {value}: その値はない"
        elif word not in _HELP:
            yield f"{word}: そのオプションはない"
    if whole:
        if given < sum(one.required for one in wanted):
            yield "引数が足りない"
        yield from (
            f"{one.opts[0]} が足りない"
            for one in command.params
            if one.required and one not in wanted and one.name not in seen
        )
    if given > len(wanted) and not any(one.nargs == -1 for one in wanted):
        yield "引数が多い"


def _fits(option: Any, value: str) -> bool:
    kind = option.type_descriptor.annotation
    if get_origin(kind) is not Literal:
        return value != ""
    return set(value.split("|")) <= set(map(str, get_args(kind)))


def _line_problems(line: str) -> list[str]:
    found = []
    for words in _told(line):
        if words[0].endswith("takuso"):
            found += [f"{line}: {problem}" for problem in _problems(words[1:], whole=True)]
        elif words[0] == "make":
            found += [f"{line}: {word} はない" for word in words[1:] if word not in TARGETS]
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_to_be_typed_can_be_typed(page: Path) -> None:
    assert [problem for line in shell_lines(read(page)) for problem in _line_problems(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_in_the_text_exist(page: Path) -> None:
    found = []
    for text in inline(read(page)):
        if text.startswith(("takuso ", ".venv/bin/takuso ", "make ")):
            words = re.sub(r"[\[\]]", "", text).replace("…", "").split()
            if words[0] == "make":
                found += [f"{text}: {word}" for word in words[1:] if word not in TARGETS]
                continue
            for first in words[1].split("|") if len(words) > 1 else ():
                found += [f"{text}: {problem}" for problem in _problems([first, *words[2:]], whole=False)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "takuso fly",
        "takuso barrier fly",
        "takuso drill plant",
        "takuso log show --wings",
        "takuso serve --doors nobody",
        "takuso demo customers --kind own",
        "make wings",
        ".venv/bin/takuso doctor again",
        "PORT=1 takuso log show --last",
        "takuso demo --points 3 | takuso fly",
    ],
)
def test_a_wrong_line_is_found(line: str) -> None:
    assert _line_problems(line) != []


def test_a_right_line_is_taken() -> None:
    assert _line_problems("TAKUSO_HOME=x .venv/bin/takuso serve --doors network --https > log  # wie immer") == []
