"""The command line as a whole: every command mounted, every end turned into an exit code."""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
import structlog
import typer
from typer import rich_utils

from takuso.barrier.gate import GateClosed, LogUnavailable, WrongDoor
from takuso.doors.cli import barrier, demo, doctor, jobs, log, login, points, serve, store
from takuso.doors.cli.answers import Code, Refused, emit, say
from takuso.doors.cli.house import House
from takuso.store.errors import StoreError

_INTERRUPTED: Final = 130
_TITLES: Final = {
    "ARGUMENTS_PANEL_TITLE": "引数",
    "OPTIONS_PANEL_TITLE": "オプション",
    "COMMANDS_PANEL_TITLE": "コマンド",
    "ERRORS_PANEL_TITLE": "使い方の誤り",
    "ABORTED_TEXT": "中断しました。",
    "REQUIRED_LONG_STRING": "[必須]",
    "DEFAULT_STRING": "[既定: {}]",
    "RICH_HELP": "使い方は [blue]'{command_path} {help_option}'[/] で表示します。",
}
_HELP: Final = (
    "託送: 一般送配電事業者の託送業務と、閲覧を 1 件ずつ記録する情報遮断。\n\n"
    "データは TAKUSO_HOME（既定 .takuso）に置く。外のデータベースは DATABASE_URL、ポートは PORT で指定する。\n\n"
    "終了コード: 0 正常、1 指摘あり、2 使い方の誤り、3 実行できなかった。"
)


def program() -> typer.Typer:
    """The commands, in the order of the work."""
    app = typer.Typer(
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    start, work, keep = "はじめる", "業務", "守る・動かす"
    app.add_typer(demo.app, name="demo", rich_help_panel=start)
    app.command("serve", rich_help_panel=start)(serve.serve)
    app.add_typer(login.app, name="login", rich_help_panel=start)
    app.add_typer(points.app, name="points", rich_help_panel=work)
    app.add_typer(log.app, name="log", rich_help_panel=keep)
    app.add_typer(barrier.app, name="barrier", rich_help_panel=keep)
    app.command("doctor", rich_help_panel=keep)(doctor.doctor)
    app.add_typer(store.app, name="store", rich_help_panel=keep)
    app.add_typer(jobs.app, name="jobs", rich_help_panel=keep)
    return app


def run(house: House, arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. With --json, stdout has one document even when it fails."""
    _quiet()
    app = program()
    return _ended(lambda: app(args=list(arguments), prog_name="takuso", obj=house), json="--json" in arguments)


def _ended(command: Callable[[], object], *, json: bool) -> int:
    try:
        command()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else Code.GOOD
        if code == Code.WRONG_USE and json:
            emit({"ok": False, "error": "使い方の誤りです。"})
        return code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except Refused as error:
        return _failed(error.code, str(error), json=json)
    except (StoreError, LogUnavailable, GateClosed, WrongDoor) as error:
        return _failed(Code.COULD_NOT_RUN, str(error), json=json)
    except psycopg.Error as error:
        # Without the detail: it may quote a customer's value.
        said = f"SQLSTATE {error.sqlstate}: {error.diag.message_primary}"
        cure = "takuso doctor で状態を確かめてください。"
        return _failed(Code.COULD_NOT_RUN, f"データベースが処理を断りました（{said}）。\n対処: {cure}", json=json)
    return Code.GOOD


def _failed(code: Code, message: str, *, json: bool) -> int:
    say(message)
    if json:
        emit({"ok": False, "error": message})
    return code


def _quiet() -> None:
    """Service lines are JSON on stderr; libraries speak there only of what is wrong."""
    for name, text in _TITLES.items():
        setattr(rich_utils, name, text)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    for chatty in ("psycopg", "psycopg.pool"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
