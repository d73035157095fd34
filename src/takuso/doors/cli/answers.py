"""What a command says and how it ends: data to stdout, talk to stderr, four exit codes."""

import json
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from takuso.store.findings import Finding

Json = Annotated[bool, typer.Option("--json", help="結果を JSON 1 文書で標準出力に出す（ほかはすべて標準エラー）")]


_WIDTH: Final = 140


class Code(IntEnum):
    """Exit codes of every command."""

    GOOD = 0
    FINDINGS = 1
    WRONG_USE = 2
    COULD_NOT_RUN = 3


class Refused(Exception):
    """A command that ends early; the message is Japanese and says what to do next."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


def wrong_use(message: str) -> Refused:
    """The command was called in a way that cannot work."""
    return Refused(Code.WRONG_USE, message)


def could_not_run(message: str) -> Refused:
    """Nothing is wrong with the call; something it needs is not there."""
    return Refused(Code.COULD_NOT_RUN, message)


def talk() -> Console:
    """For people: stderr, plain when it is not a terminal."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def paper() -> Console:
    """For results a person reads: stdout."""
    page = Console(highlight=False, soft_wrap=True)
    # A link must not be broken or cut: on a narrow terminal the terminal wraps it.
    page.width = max(page.width, _WIDTH)
    return page


def say(message: str) -> None:
    """One line for the person in front of the terminal."""
    talk().print(Text(message))


def emit(document: Mapping[str, Any]) -> None:
    """The one JSON document of a command."""
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))


_MARKS: Final = {"ok": ("正常", "green"), "warn": ("注意", "yellow"), "bad": ("異常", "bold red")}


def findings_table(findings: Sequence[Finding]) -> Table:
    """State, name, what was found and the cure."""
    table = Table(show_lines=False, pad_edge=False)
    for heading in ("状態", "項目", "結果と対処"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        word, style = _MARKS[finding.state]
        text = finding.what + (f"\n対処: {finding.cure}" if finding.cure else "")
        table.add_row(Text(word, style=style), Text(finding.name), Text(text))
    return table


def findings_document(findings: Sequence[Finding]) -> list[dict[str, str]]:
    """The same for a program."""
    return [{"name": f.name, "state": f.state, "what": f.what, "cure": f.cure} for f in findings]


def service_log() -> None:
    """Lines of a running service: JSON on stderr."""
    import structlog

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
