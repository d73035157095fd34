"""`takuso doctor`: everything an operator has to be sure of, with the cure of what is not so."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
import typer

from takuso.barrier.gate import LogUnavailable
from takuso.barrier.signin import SignIns
from takuso.barrier.standing import ASKING, LOOKING, Standing, alarm_findings, stamp_findings
from takuso.doors.cli.answers import Code, Json, emit, findings_document, findings_table, paper, say
from takuso.doors.cli.database import database
from takuso.doors.cli.house import House, home, house
from takuso.doors.cli.serve import LOGINS
from takuso.doors.jobs import EVERY, heartbeat
from takuso.kernel.periods import jst_day
from takuso.store.errors import StoreError
from takuso.store.findings import Finding
from takuso.store.home import Home
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import Pools, StoreUnavailable, answers

_GIB: Final = 1024**3
_LEAST_FREE: Final = (1 * _GIB, 5 * _GIB)
_LATE: Final = EVERY * 4
_COUNTED: Final = timedelta(hours=7)
"""An hour after its end a day may be counted; the jobs get six more."""
_CLOSED: Final = timedelta(days=2)


def doctor(context: typer.Context, json: Json = False) -> None:
    """壁・ログイン・版・設定・時計・フォント・ディスク・刻印などをすべて確かめる。異常があれば終了コード 1。"""
    here = home()
    found = [*_machine(here), *_secrets(here), *_database(house(context), here)]
    bad = [finding for finding in found if finding.state == "bad"]
    if json:
        emit({"ok": not bad, "home": str(here.path), "findings": findings_document(found)})
    else:
        paper().print(findings_table(found))
        warned = sum(finding.state == "warn" for finding in found)
        say(f"異常 {len(bad)}、注意 {warned}、正常 {len(found) - len(bad) - warned}")
    if bad:
        raise typer.Exit(Code.FINDINGS)


def _machine(here: Home) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(name="python", state="ok", what=f"Python {version}")
    yield _font()
    yield _disk(here)


def _font() -> Finding:
    """Papers and printed screens need Japanese letters."""
    try:
        listed = subprocess.run(["fc-list", ":lang=ja", "family"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        listed = ""
    families = sorted({line.split(",")[0] for line in listed.splitlines() if line})
    if families:
        return Finding(name="font", state="ok", what=f"日本語のフォントがあります（{families[0]} など）。")
    return Finding(
        name="font",
        state="warn",
        what="日本語のフォントが見つかりません。帳票や画面の印刷で文字が欠けます。",
        cure="fonts-noto-cjk などを入れてください。",
    )


def _disk(here: Home) -> Finding:
    place = here.path if here.path.exists() else here.path.parent
    try:
        free = shutil.disk_usage(place).free
    except OSError:
        return Finding(
            name="disk", state="bad", what=f"{place} を調べられません。", cure="TAKUSO_HOME を確かめてください。"
        )
    least, good = _LEAST_FREE
    what = f"空きは {free / _GIB:.1f} GiB です。"
    if free >= good:
        return Finding(name="disk", state="ok", what=what)
    cure = "閲覧記録を書けなくなると何も表示できません。空きを増やしてください。"
    return Finding(name="disk", state="bad" if free < least else "warn", what=what, cure=cure)


def _secrets(here: Home) -> Iterator[Finding]:
    missing = [name for name in LOGIN_NAMES if not here.has_secret(name)]
    wrong = []
    for name in LOGIN_NAMES:
        try:
            if name not in missing:
                here.secret(name)
        except StoreError as error:
            wrong.append(str(error))
    if wrong:
        yield Finding(name="secrets", state="bad", what=wrong[0].split("\n")[0], cure=wrong[0].rpartition("対処: ")[2])
    elif missing:
        served = set(LOGINS["retailer"]).isdisjoint(missing)
        yield Finding(
            name="secrets",
            state="warn" if served else "bad",
            what=f"パスワードのないログインがあります: {', '.join(missing)}。",
            cure="小売用の入口だけの機械なら正常です。そうでなければ takuso store init を実行してください。",
        )
    else:
        yield Finding(name="secrets", state="ok", what=f"{len(LOGIN_NAMES)} のログインのパスワードがあります。")


def _database(program: House, here: Home) -> list[Finding]:
    try:
        logins = [name for name in LOGIN_NAMES if here.has_secret(name)]
        if LOOKING not in logins:
            return [_unready("まだ用意されていません。", "takuso demo か takuso store init を実行してください。")]
        with database(here), Pools(here, logins) as pools:
            if not answers(here, LOOKING):
                # Asked once: each login would wait for itself.
                raise StoreUnavailable
            standing = Standing(pools, screens=program.screens, functions=program.functions)
            return [
                *_login_findings(pools),
                *standing.findings(),
                *_stamps(pools),
                *_reception(pools),
                *_alarms(pools),
                *_days(pools),
                *_watch(pools),
                *_jobs(here),
            ]
    except StoreError as error:
        what, _, cure = str(error).partition("\n対処: ")
        return [_unready(what, cure or "データベースの機械と DATABASE_URL を確かめてください。")]


def _unready(what: str, cure: str) -> Finding:
    return Finding(name="database", state="bad", what=what, cure=cure)


def _login_findings(pools: Pools) -> Iterator[Finding]:
    refused = []
    for name in sorted(pools.logins):
        try:
            with pools.pool(name).connection() as connection:
                connection.execute("SELECT 1")
        except StoreUnavailable:
            refused.append(name)
    if refused:
        yield Finding(
            name="passwords",
            state="bad",
            what=f"接続できないログインがあります: {', '.join(refused)}。",
            cure="secrets を控えから戻すか、takuso store init --reset-passwords を実行してください。",
        )
    else:
        yield Finding(name="passwords", state="ok", what=f"{len(pools.logins)} のログインで接続できます。")


def _stamps(pools: Pools) -> Iterator[Finding]:
    if "batch" not in pools.logins:
        return
    try:
        with pools.pool("batch").connection() as connection:
            yield stamp_findings(connection)
    except psycopg.Error as error:
        yield Finding(
            name="stamps",
            state="bad",
            what=f"刻印を確かめられません（SQLSTATE {error.sqlstate}）。",
            cure="takuso store migrate を実行してください。",
        )


def _reception(pools: Pools) -> Iterator[Finding]:
    """Whether applications wait that no turn could move."""
    if "reception" not in pools.logins:
        return
    try:
        with pools.pool("reception").connection() as connection:
            row = connection.execute("SELECT waiting, stumbling FROM reception.standing()").fetchone()
    except psycopg.Error as error:
        yield Finding(
            name="reception",
            state="bad",
            what=f"申込を数えられません（SQLSTATE {error.sqlstate}）。",
            cure="takuso store migrate を実行してください。",
        )
        return
    waiting, stumbling = row or (0, 0)
    if stumbling:
        yield Finding(
            name="reception",
            state="bad",
            what=f"進められない申込が {stumbling} 件あります。その供給地点のほかの申込も待っています。",
            cure="何も失われていません。takuso jobs work の記録（turn failed）をプログラムの担当に伝えてください。",
        )
    else:
        yield Finding(name="reception", state="ok", what=f"判断を待つ申込は {waiting} 件です。")


def _alarms(pools: Pools) -> Iterator[Finding]:
    if ASKING not in pools.logins:
        return
    try:
        with pools.pool(ASKING).connection() as connection:
            yield alarm_findings(connection)
    except psycopg.Error as error:
        yield Finding(
            name="alarms",
            state="bad",
            what=f"警報を数えられません（SQLSTATE {error.sqlstate}）。",
            cure="takuso store migrate を実行してください。",
        )


def _days(pools: Pools) -> Iterator[Finding]:
    """Whether ended days of the log were counted by the jobs and written out by somebody's timer."""
    if ASKING not in pools.logins:
        return
    now = datetime.now(UTC)
    try:
        with pools.pool(ASKING).connection() as connection:
            row = connection.execute(
                "SELECT * FROM wall.days_behind(%s, %s)", [jst_day(now - _COUNTED), jst_day(now - _CLOSED)]
            ).fetchone()
    except psycopg.Error as error:
        yield Finding(
            name="days",
            state="bad",
            what=f"終わった日の集計と締めを確かめられません（SQLSTATE {error.sqlstate}）。",
            cure="takuso store migrate を実行してください。",
        )
        return
    uncounted, first_uncounted, unclosed, first_unclosed = row or (0, None, 0, None)
    if uncounted:
        yield Finding(
            name="days",
            state="warn",
            what=f"終わって数えられていない日が {uncounted} 日あります（{first_uncounted} から）。",
            cure="数えるまで締められません。takuso jobs work を動かし、続くなら log.tally の失敗を調べてください。",
        )
    if unclosed:
        yield Finding(
            name="days",
            state="warn",
            what=f"締めていない日が {unclosed} 日あります（{first_unclosed} から）。調査もその日を含みません。",
            cure="takuso log close を、毎日動かしてください（docs/how-to/close-the-log.md）。",
        )
    if not uncounted and not unclosed:
        yield Finding(name="days", state="ok", what="終わった日は、数えられ、締められています。")


def _watch(pools: Pools) -> Iterator[Finding]:
    """Without anybody of the compliance duty the log is read by nobody, and nothing is approved."""
    if "authn" not in pools.logins:
        return
    try:
        watched = SignIns(pools).watched()
    except (psycopg.Error, StoreError, LogUnavailable):
        # What keeps authn from answering is told above.
        return
    if watched:
        yield Finding(name="watch", state="ok", what="情報管理・監査の職務の人がいます。")
        return
    yield Finding(
        name="watch",
        state="warn",
        what="情報管理・監査の職務の人がいません。閲覧記録を読む人も、承認する人もいません。",
        cure="takuso login first-compliance を実行するか、発令を見直してください。",
    )


def _jobs(here: Home) -> Iterator[Finding]:
    try:
        age = time.time() - heartbeat(here).stat().st_mtime
    except FileNotFoundError:
        age = None
    if age is not None and age <= _LATE:
        yield Finding(name="jobs", state="ok", what=f"定時の処理は {age:.0f} 秒前に行われました。")
        return
    yield Finding(
        name="jobs",
        state="warn",
        what="定時の処理が動いていません。供給者の変更が反映されるまで、そのお客さまは表示されません。",
        cure="takuso serve を起動するか、takuso jobs work を動かしてください。",
    )
