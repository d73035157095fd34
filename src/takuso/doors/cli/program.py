"""The command line as a whole: every command mounted, every end turned into an exit code."""

import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import psycopg
import typer
import typer.main
from typer.exceptions import TyperException

from takuso.barrier.gate import GateClosed, LogUnavailable, WrongDoor
from takuso.doors.cli import (
    barrier,
    demo,
    demo_advance,
    demo_log,
    doctor,
    drill,
    drill_try,
    explain,
    jobs,
    log,
    log_archive,
    log_close,
    log_cold,
    log_erase,
    log_evidence,
    log_import,
    log_key,
    log_retention,
    log_sniff,
    login,
    points,
    serve,
    store,
    survey,
    survey_standing,
)
from takuso.doors.cli.answers import Code, Refused, emit, say
from takuso.doors.cli.house import House
from takuso.store.errors import StoreError

_INTERRUPTED: Final = 130
_TITLES: Final = {
    "ARGUMENTS_PANEL_TITLE": "引数",
    "OPTIONS_PANEL_TITLE": "オプション",
    "COMMANDS_PANEL_TITLE": "コマンド",
    "REQUIRED_LONG_STRING": "[必須]",
    "DEFAULT_STRING": "[既定: {}]",
}
SEE_HELP: Final = "--help を付けると使い方を表示します。"
WRONG_WORDS: Final = (
    (r"No such command '(.*?)'\..*", "コマンド {} はありません。"),
    (r"No such option: (\S+).*", "オプション {} はありません。"),
    (r"Missing command\..*", "コマンドが足りません。"),
    (r"Missing (?:option|argument|parameter) '(.*?)'.*", "{} が足りません。"),
    (r"Option '(.*?)' requires an argument\.", "{} の値が足りません。"),
    (
        r"Invalid value for '(.*?)': (?:Value error, )?'(.*?)' does not match the formats? .*",
        "{} の値 {} は日付（2026-04-01 の形）ではありません。",
    ),
    (
        r"Invalid value for '(.*?)': (?:Value error, )?'(.*?)' is not one of (.*)\.",
        "{} の値 {} は、{} のどれでもありません。",
    ),
    (r"Invalid value for '(.*?)':? ?(.*)", "{} の値が正しくありません（{}）。"),
)
"""What the library says to what is said here: {} for what it found."""
_HELP: Final = (
    "託送: 一般送配電事業者の託送業務と、閲覧を 1 件ずつ記録する情報遮断。\n\n"
    "データは TAKUSO_HOME（既定 .takuso）に置く。外のデータベースは DATABASE_URL、ポートは PORT で指定する。\n\n"
    "終了コード: 0 正常、1 指摘あり、2 使い方の誤り、3 実行できなかった。"
)


def program() -> typer.Typer:
    """The commands, in the order of the work."""
    app = typer.Typer(
        help=_HELP,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    start, work, keep = "はじめる", "業務", "守る・動かす"
    demo.app.command("log")(demo_log.log)
    demo.app.command("advance")(demo_advance.advance_command)
    app.add_typer(demo.app, name="demo", rich_help_panel=start)
    app.command("serve", rich_help_panel=start)(serve.serve)
    app.add_typer(login.app, name="login", rich_help_panel=start)
    app.add_typer(points.app, name="points", rich_help_panel=work)
    log.app.command("sniff")(log_sniff.sniff_command)
    log.app.command("import")(log_import.import_command)
    log.app.command("archive")(log_archive.archive_command)
    log.app.command("evidence")(log_evidence.evidence_command)
    # A receipt may begin with a hyphen.
    log.app.command("prove", context_settings={"ignore_unknown_options": True})(log_evidence.prove_command)
    log.app.command("verify")(log_evidence.verify_command)
    log.app.command("checkpoint")(log_evidence.checkpoint_command)
    log.app.command("gap")(log_evidence.gap_command)
    log.app.add_typer(log_key.app, name="key")
    log.app.add_typer(log_retention.app, name="retention")
    # A receipt may begin with a hyphen.
    log.app.command("erase", context_settings={"ignore_unknown_options": True})(log_erase.erase_command)
    log.app.command("close")(log_close.close_command)
    log.app.command("cold")(log_cold.cold_command)
    app.add_typer(log.app, name="log", rich_help_panel=keep)
    survey.app.command("stand")(survey_standing.stand_command)
    survey.app.command("standing")(survey_standing.standing_command)
    app.add_typer(survey.app, name="survey", rich_help_panel=keep)
    barrier.app.command("explain")(explain.explain_command)
    app.add_typer(barrier.app, name="barrier", rich_help_panel=keep)
    drill.app.command("try")(drill_try.try_command)
    app.add_typer(drill.app, name="drill", rich_help_panel=keep)
    app.command("doctor", rich_help_panel=keep)(doctor.doctor)
    app.add_typer(store.app, name="store", rich_help_panel=keep)
    app.add_typer(jobs.app, name="jobs", rich_help_panel=keep)
    return app


def names() -> tuple[str, ...]:
    """Every command as it is typed, such as `points record-supply`."""
    return tuple(sorted(_names(typer.main.get_command(program()), ())))


def _names(command: Any, words: tuple[str, ...]) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None or getattr(command, "invoke_without_command", False):
        yield " ".join(words)
    for word, child in (below or {}).items():
        yield from _names(child, (*words, word))


def run(house: House, arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. With --json, stdout has one document even when it fails."""
    words = list(arguments) or ["--help"]
    _quiet(help_asked=not {"-h", "--help"}.isdisjoint(words))
    app = program()
    command = partial(app, args=words, prog_name="takuso", obj=house, standalone_mode=False)
    return _ended(command, json="--json" in words)


def _ended(command: Callable[[], object], *, json: bool) -> int:
    try:
        code = command()
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else Code.GOOD
    except TyperException as error:
        return _failed(Code.WRONG_USE, _in_japanese(error.format_message()), json=json)
    except Refused as error:
        return _failed(error.code, str(error), json=json)
    except (StoreError, LogUnavailable, GateClosed, WrongDoor) as error:
        return _failed(Code.COULD_NOT_RUN, str(error), json=json)
    except psycopg.Error as error:
        # Without the detail: it may quote a customer's value.
        said = f"SQLSTATE {error.sqlstate}: {error.diag.message_primary}"
        cure = "takuso doctor で状態を確かめてください。"
        return _failed(Code.COULD_NOT_RUN, f"データベースが処理を断りました（{said}）。\n対処: {cure}", json=json)
    return code if isinstance(code, int) else Code.GOOD


def _failed(code: Code, message: str, *, json: bool) -> int:
    say(message)
    if json:
        emit({"ok": False, "error": message})
    return code


def _in_japanese(message: str) -> str:
    for pattern, text in WRONG_WORDS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return f"{text.format(*found.groups())}\n対処: {SEE_HELP}"
    return f"使い方の誤り: {message}\n対処: {SEE_HELP}"


def _quiet(*, help_asked: bool) -> None:
    """Libraries speak only of what is wrong, and on stderr; headings of the help are Japanese."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    for chatty in ("psycopg", "psycopg.pool"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    if help_asked:
        from typer import rich_utils

        for name, text in _TITLES.items():
            setattr(rich_utils, name, text)
