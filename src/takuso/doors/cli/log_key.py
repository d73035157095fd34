"""`takuso log key show` and `change`: which key signs the log's checkpoints, and how it is followed by another."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Final

import psycopg
import typer

from takuso.accesslog import checkpoints, verify_log
from takuso.accesslog.handover import KeyStays, change_key, changes
from takuso.barrier.fingerprint import catalogue_hash
from takuso.doors.cli.answers import Code, Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.house import home
from takuso.store.pools import Pools

app = typer.Typer(help="控えに署名する鍵", no_args_is_help=True)
LONGEST: Final = 500


@app.callback()
def key() -> None:
    """控えに署名する鍵。"""


@app.command("show")
def show_command(json: Json = False) -> int:
    """いまの公開鍵と、これまでの交代（だれが・なぜ・どの記録から）を表示する。正しくない交代があれば 1。"""
    here = home()
    public = checkpoints.public_key(here).hex()
    with database(here), Pools(here, ["sequencer"]) as pools, pools.pool("sequencer").connection() as connection:
        told = changes(connection)
    found, wrong = _read(told)
    code = Code.FINDINGS if wrong else Code.GOOD
    if json:
        listed = [
            {"place": one.place, "at": one.at, "who": one.who, "why": one.why, "former": one.former.hex(),
             "new": one.new.hex(), "lost": one.lost}
            for one in found
        ]  # fmt: skip
        emit({"key": public, "changes": listed, "wrong": wrong})
        return code
    typer.echo(public)
    for one in found:
        how = "前の鍵が失われ、その署名なしに" if one.lost else "前の鍵の署名で"
        say(
            f"{one.place} 番（{one.at}）: {how}、{one.new.hex()} に替えた。"
            f"{verify_log.shown(one.who)}「{verify_log.shown(one.why)}」"
        )
    say(f"交代は {len(found)} 回。公開鍵は、控えとは別の道（紙など）で証人に渡してください。")
    if wrong:
        say(f"署名か形の正しくない交代が {wrong} 件あります。takuso log evidence と verify で場所を調べてください。")
    return code


def _read(told: Sequence[str]) -> tuple[list[verify_log.Change], int]:
    """The changes, and how many of the records are none."""
    found = []
    for record in told:
        with suppress(verify_log.NoChange):
            found.append(verify_log.change_of_key(record))
    return found, len(told) - len(found)


@app.command("change")
def change_command(
    by: Annotated[str, typer.Option(help="だれが替えるか（利用者コードか氏名）")],
    reason: Annotated[str, typer.Option(help="なぜ替えるか")],
    lost: Annotated[bool, typer.Option("--lost", help="前の鍵がどこにもない。前の鍵の署名なしに替える")] = False,
    json: Json = False,
) -> None:
    """新しい鍵に替える。前の鍵と新しい鍵の両方で署名した記録を閲覧記録に残す。途中で止まった交代は、その続きを行う。"""
    who, why = by_and_reason(by, reason)
    here = home()
    try:
        with database(here), Pools(here, ["sequencer"]) as pools, pools.pool("sequencer").connection() as connection:
            done = change_key(connection, here, catalogue_hash(connection), who=who, why=why, lost=lost)
    except KeyStays as error:
        raise could_not_run(str(error)) from None
    except (psycopg.errors.UniqueViolation, psycopg.errors.LockNotAvailable):
        raise could_not_run("いま閲覧記録に番号が付いているところです。\n対処: もう一度実行してください。") from None
    if json:
        emit({"ok": True, "key": done.public.hex(), "size": done.size, "resumed": done.resumed})
        return
    say(
        "途中で止まっていた交代を終えました。"
        if done.resumed
        else "鍵を替えました。前の鍵は、このホームにもうありません。"
    )
    say(f"新しい公開鍵: {done.public.hex()}")
    say("束と証明には、交代の記録が入ります。前の鍵だけを持つ証人も、そこから新しい鍵までたどれます。" if not lost else
        "前の鍵とはつながりません。新しい公開鍵を、控えとは別の道で証人に渡してください。")  # fmt: skip


def by_and_reason(by: str, reason: str) -> tuple[str, str]:
    """Who says so and why, without blanks around. Raises Refused for one that is empty or too long."""
    who, why = by.strip(), reason.strip()
    if not who or not why or len(who) > LONGEST or len(why) > LONGEST:
        raise wrong_use(f"--by と --reason には、1 字から {LONGEST} 字で、だれが・なぜを書いてください。")
    return who, why
