"""Whether the wall stands: what must be true before a process may serve, and while it serves.

Start-up refuses on any bad finding, /readyz turns 503, doctor shows them all.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from takuso.accesslog.erasures import erasure_finding
from takuso.accesslog.sequencer import tree_finding
from takuso.barrier.approvals import HomeTable, home_table, read
from takuso.barrier.catalogue import Classes, catalogue_findings
from takuso.barrier.fingerprint import catalogue_hash, major
from takuso.barrier.matrix import ACTIONS, PURPOSES, Rule, digest
from takuso.barrier.screen import Screen
from takuso.kernel.periods import jst_day
from takuso.store.checks import server_findings
from takuso.store.findings import Finding
from takuso.store.home import Home
from takuso.store.logins import DEPLOYER
from takuso.store.pools import Pools, StoreUnavailable, as_unavailable, dsn

ASKING: Final = "ticketer"
LOOKING: Final = "web"
MIGRATE: Final = "次を実行してください: takuso store migrate"
DAYS_AHEAD: Final = 2
PROGRAM: Final = "program"
"""Name of the finding that the program itself is a drill's: it serves all the same, and says it is not ready."""
_SHORTEST_LOG: Final = 14
_CACHE_SECONDS: Final = 2.0
_POINTS_A_TURN: Final = 300
_ALARM_DAYS: Final = timedelta(days=30)
STAMPS_CURE: Final = "takuso jobs once を実行し、残るときは直接の書き換えがなかったかを調べてください。"
_SKEW: Final = (timedelta(seconds=5), timedelta(seconds=60))


class Standing:
    """The checks of one process, with the logins `web` and `ticketer`; safe to use from many threads."""

    def __init__(self, pools: Pools, *, screens: Sequence[Screen], functions: Sequence[Path]) -> None:
        self._pools = pools
        self._screens = screens
        self._texts = [file.read_text(encoding="utf-8") for file in functions]
        self._guard = threading.Lock()
        self._faults: Sequence[str] = ()
        self._until = 0.0
        self._last_point = 0
        self._enforced: dict[str, str] = {}

    def findings(self) -> list[Finding]:
        """Every check. Raises StoreUnavailable; a database without the wall is a finding."""
        own = program_finding(self._pools.home)
        with self._pools.pool(LOOKING).connection() as looking:
            server = server_findings(looking)
            try:
                with self._pools.pool(ASKING).connection() as asking:
                    facts = _facts(asking)
                    tree = [tree_finding(self._pools.home, asking), erasure_finding(self._pools.home, asking)]
                    stamps = self._stamps_in_turn(asking)
            except (
                psycopg.errors.UndefinedFunction,
                psycopg.errors.InvalidSchemaName,
                psycopg.errors.InsufficientPrivilege,
            ):
                return [own, *server, _bad("deployment", "壁が配備されていません。", MIGRATE)]
            catalogue = catalogue_findings(looking, facts["classes"], self._texts)
            found = [*server, *self._wall(facts), *tree, stamps, *catalogue]
            sound = all(finding.state != "bad" for finding in found)
            same = self._unchanged(catalogue_hash(looking), major(looking), facts["standing"]["rule_digest"], sound)
        return [own, *found, same]

    def enforced(self) -> Mapping[str, str]:
        """Hashes of the rules and of the catalogue this process began with, and the major version of the latter."""
        with self._guard:
            return dict(self._enforced)

    def _unchanged(self, catalogue: str, version: int, rules: str | None, sound: bool) -> Finding:
        """Whether the catalogue is the one of the first check of this process that found nothing bad."""
        if not self._enforced and sound:
            self._enforced = {"rules": rules or "", "catalogue": catalogue, "postgresql": str(version)}
        if catalogue != self._enforced.get("catalogue", catalogue):
            return _bad(
                "fingerprint",
                "データベースのカタログ（表・権限・ポリシー・関数）が、起動したあとで変わりました。",
                "だれが何を変えたかを調べ、配備し直したのなら takuso serve を起動し直してください。",
            )
        what = f"規則 {(rules or '')[:16]}、カタログ {catalogue[:16]}（PostgreSQL {version}）"
        return Finding(name="fingerprint", state="ok", what=what)

    def _stamps_in_turn(self, connection: psycopg.Connection[Any]) -> Finding:
        """The stamps of the next points in turn; where one was wrong, of the same points until it is right."""
        try:
            row = connection.execute(
                "SELECT last_point, differing FROM wall.stamps_in_turn(%s, %s)", [self._last_point, _POINTS_A_TURN]
            ).fetchone()
        except psycopg.errors.QueryCanceled:
            what = "供給者の刻印を順に確かめる処理が、時間内に終わりませんでした。"
            return Finding(name="some_stamps", state="warn", what=what, cure="データベースの統計を取り直してください。")
        last, differing = row or (None, 0)
        if differing:
            return _bad("some_stamps", f"供給者の刻印が履歴と {differing} 件違います。", STAMPS_CURE)
        self._last_point = last or 0
        return Finding(name="some_stamps", state="ok", what="順に確かめた供給者の刻印は履歴と一致しています。")

    def faults(self) -> Sequence[str]:
        """What is bad, in words; empty = ready. Checked anew when the last answer is two seconds old."""
        with self._guard:
            if time.monotonic() >= self._until:
                self._faults = self._now()
                self._until = time.monotonic() + _CACHE_SECONDS
            return self._faults

    def _now(self) -> Sequence[str]:
        try:
            return [finding.what for finding in self.findings() if finding.state == "bad"]
        except StoreUnavailable as error:
            return [str(error)]
        except psycopg.Error as error:
            return [f"データベースが答えません（SQLSTATE {error.sqlstate}）。"]

    def _wall(self, facts: Mapping[str, Any]) -> list[Finding]:
        standing = facts["standing"]
        return [
            _rules(standing, facts["in_force"], self._screens, facts["table"]),
            _approved(facts["table"]),
            _register(facts["unclassified"]),
            _log_days(facts["last_day"], jst_day(datetime.now(UTC))),
            _home(self._pools.home, standing),
            _clock(facts["clock"], datetime.now(UTC)),
        ]


def program_finding(home: Home) -> Finding:
    """Whether the program is the installed one: a drill's patched copy is neither there nor running."""
    if Path(__file__).is_relative_to(home.patched):
        return _bad(
            PROGRAM,
            "訓練のために書き換えたプログラムで動いています。",
            "takuso drill heal で訓練を終え、takuso serve を起動し直してください。",
        )
    if home.patched.exists():
        return _bad(
            PROGRAM,
            f"訓練のために書き換えたプログラム（{home.patched}）があります。",
            "takuso drill heal で訓練を終えてください。"
            if home.kind == "demo"
            else f"デモのほかでは使われません。だれが置いたかを調べ、次を実行してください: rm -r '{home.patched}'",
        )
    return Finding(name=PROGRAM, state="ok", what="プログラムは書き換えられていません。")


def declared_shift(home: Home) -> timedelta:
    """The shift of the business clock as last deployed, zero before the first deployment. Raises StoreUnavailable."""
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        found = connection.execute("SELECT to_regclass('wall.home')").fetchone()
        if not found or found[0] is None:
            return timedelta(0)
        row = connection.execute("SELECT shift FROM wall.home").fetchone()
    return row[0] if row else timedelta(0)


def read_home(home: Home) -> HomeTable:
    """The table of a home: the program's rows with what was approved. Raises StoreUnavailable."""
    with Pools(home, [ASKING]) as pools, pools.pool(ASKING).connection() as connection:
        return read(connection)


def forget_scripts(home: Home) -> None:
    """Have the next deployment state the wall anew, though its scripts did not change. Raises StoreUnavailable."""
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        found = connection.execute("SELECT to_regclass('web.applied_script')").fetchone()
        if found and found[0] is not None:
            connection.execute("DELETE FROM web.applied_script")


def is_loaded(home: Home) -> bool:
    """Whether the first load of this home has been made. Raises StoreUnavailable."""
    with as_unavailable(), psycopg.connect(dsn(home, DEPLOYER)) as connection:
        row = connection.execute("SELECT EXISTS (SELECT FROM wall.org)").fetchone()
    return bool(row and row[0])


def stamp_findings(connection: psycopg.Connection[Any]) -> Finding:
    """Stamps against history, as `batch`: reads every row, for doctor and the night only."""
    rows = connection.execute(
        "SELECT table_name, differing FROM points.stamp_differences() WHERE differing > 0"
    ).fetchall()
    if not rows:
        return Finding(name="stamps", state="ok", what="供給者の刻印は履歴と一致しています。")
    what = "、".join(f"{table} {count} 件" for table, count in rows)
    return _bad(
        "stamps",
        f"供給者の刻印が履歴と違います: {what}。",
        STAMPS_CURE,
    )


def alarm_findings(connection: psycopg.Connection[Any]) -> Finding:
    """Alarms of the last 30 days, as `ticketer`: their number alone; what they say is read through the gate."""
    row = connection.execute("SELECT wall.alarms_since(%s)", [datetime.now(UTC) - _ALARM_DAYS]).fetchone()
    if row is None or not row[0]:
        return Finding(name="alarms", state="ok", what=f"この {_ALARM_DAYS.days} 日に警報はありません。")
    return Finding(
        name="alarms",
        state="warn",
        what=f"この {_ALARM_DAYS.days} 日に、壁が警報を {row[0]} 件上げました。",
        cure="情報管理・監査の職務の人が takuso log show --alarms で内容を確かめ、受付番号の閲覧を調べてください。",
    )


def sweep(connection: psycopg.Connection[Any]) -> int:
    """As `ticketer`: take expired tickets out of the hot table; returns how many."""
    return _count(connection, "SELECT wall.sweep()")


def extend_log(connection: psycopg.Connection[Any], ahead: int) -> int:
    """As `sequencer`: make the days of the log if fewer than two weeks of them are left; returns how many tables."""
    row = connection.execute("SELECT log.last_day()").fetchone()
    today = jst_day(datetime.now(UTC))
    if row and row[0] is not None and row[0] >= today + timedelta(days=_SHORTEST_LOG):
        return 0
    return _count(connection, "SELECT log.extend(%s)", [ahead])


def tally(connection: psycopg.Connection[Any]) -> int:
    """As `sequencer`: count one ended day of the log for the compliance desk; returns how many days, 0 or 1."""
    try:
        return _count(connection, "SELECT count(wall.tally_next())")
    except psycopg.errors.UniqueViolation:
        # Somebody else counts the same day.
        connection.rollback()
        return 0


def _count(connection: psycopg.Connection[Any], statement: LiteralString, parameters: Sequence[Any] = ()) -> int:
    row = connection.execute(statement, parameters).fetchone()
    return int(row[0]) if row else 0


def _facts(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    row = connection.execute(
        "SELECT wall.standing(), wall.in_force(), wall.classes(), log.last_day(), clock_timestamp(),"
        " ARRAY(SELECT name || ' ' || fault FROM wall.unclassified() ORDER BY 1), wall.approved_rules()"
    ).fetchone()
    if row is None:
        raise RuntimeError("a row was expected")
    classes: Classes = row[2]
    return {
        "standing": row[0],
        "in_force": row[1],
        "classes": classes,
        "last_day": row[3],
        "clock": row[4],
        "unclassified": row[5],
        "table": home_table(row[6]),
    }


def _rules(
    standing: Mapping[str, Any], found: Mapping[str, Any], screens: Sequence[Screen], table: HomeTable
) -> Finding:
    if standing["rule_version"] is None:
        return _bad("rules", "規則が読み込まれていません。", MIGRATE)
    wanted = _program(screens, table.rules)
    names = {"rules": "規則", "screens": "画面定義", "purposes": "利用目的", "actions": "操作"}
    wrong = [name for key, name in names.items() if _sorted(found[key]) != _sorted(wanted[key])]
    told = list(table.faults[:3])
    if wrong or standing["rule_digest"] != digest(table.rules).hex():
        told.insert(0, f"データベースの{'・'.join(wrong) or '規則の版'}が、プログラムと承認した変更に合いません。")
    if told:
        cure = "AD30 の申請と、その受付番号の閲覧記録を調べてください。" if table.faults else MIGRATE
        return _bad("rules", " ".join(told), cure)
    loaded = len(table.approvals) - len(table.waiting)
    with_changes = f"と、承認した変更 {loaded} 件に" if loaded else "と"
    what = f"規則の版 {standing['rule_version']} がプログラム{with_changes}一致しています。"
    return Finding(name="rules", state="ok", what=what)


def _approved(table: HomeTable) -> Finding:
    """Approved changes that no deployment has loaded: in force they are not, wrong neither."""
    if table.misfit:
        cure = "プログラムの表（matrix.py）を確かめてください。このままでは配備できません。"
        return Finding(name="approved_rules", state="warn", what=table.misfit, cure=cure)
    if not table.waiting:
        return Finding(name="approved_rules", state="ok", what="配備を待っている規則の変更はありません。")
    named = "、".join(f"申請 {one.id}（{one.change.on} から）" for one in table.waiting[:8])
    what = f"承認した規則の変更 {len(table.waiting)} 件が、まだ読み込まれていません: {named}。"
    return Finding(name="approved_rules", state="warn", what=what, cure=MIGRATE)


def _program(screens: Sequence[Screen], rules: Sequence[Rule]) -> dict[str, list[dict[str, Any]]]:
    """Rules, and the program's screens, purposes and actions, in the words of wall.in_force()."""
    return {
        "rules": [
            {
                "key": rule.key,
                "duty": rule.duty.value,
                "relation": rule.relation.value,
                "view": rule.view.value,
                "class": rule.data_class.value,
                "verdict": rule.verdict.value,
                "article": rule.article,
                "note": rule.note,
                "since": rule.since,
                "until": rule.until,
            }
            for rule in rules
        ],
        "screens": [
            {
                "code": screen.code,
                "name": screen.name,
                "view": screen.view.value,
                "kind": screen.kind.value,
                "classes": [c.value for c in screen.classes],
                "actions": list(screen.actions),
            }
            for screen in screens
        ],
        "purposes": [
            {"code": p.code, "name": p.name, "duties": [d.value for d in p.duties], "case_kinds": list(p.case_kinds)}
            for p in PURPOSES
        ],
        "actions": [{"code": code, "duties": [d.value for d in duties]} for code, duties in ACTIONS.items()],
    }


def _sorted(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(
        repr(sorted((k, sorted(v) if isinstance(v, list) else str(v)) for k, v in row.items())) for row in rows
    )


def _register(unclassified: Sequence[str]) -> Finding:
    if not unclassified:
        return Finding(name="register", state="ok", what="すべての列に情報の分類があります。")
    return _bad(
        "register",
        f"分類のない列か、表のない分類があります: {'、'.join(unclassified[:8])}。",
        "列を足した移行で wall.register に分類を書くか、心当たりのない表を調べて取り除いてください。",
    )


def _log_days(last: date | None, today: date) -> Finding:
    if last is None or last < today + timedelta(days=DAYS_AHEAD):
        ends = f"{last} までしか" if last else ""
        return _bad("log_days", f"閲覧記録の置き場所が{ends}ありません。記録できない日は何も表示できません。", MIGRATE)
    state: Any = "ok" if last >= today + timedelta(days=_SHORTEST_LOG // 2) else "warn"
    cure = "" if state == "ok" else "takuso jobs work が動いているかを確かめるか、takuso jobs once を実行してください。"
    return Finding(name="log_days", state=state, what=f"閲覧記録の置き場所は {last} まであります。", cure=cure)


def _home(home: Home, standing: Mapping[str, Any]) -> Finding:
    kind, database = home.kind, standing["home"]
    if kind != database:
        return _bad(
            "home",
            f"ホームの種類（{kind}）とデータベースの種類（{database}）が違います。",
            "TAKUSO_HOME と DATABASE_URL の組み合わせを確かめてください。",
        )
    if kind == "production" and standing["shift"] != "00:00:00":
        return _bad("home", "本番のホームで業務日がずらされています。", "データベースの変更を調べてください。")
    shift = "" if standing["shift"] == "00:00:00" else f"、時計のずれ {standing['shift']}"
    return Finding(name="home", state="ok", what=f"{kind}、業務日 {standing['today']}{shift}")


def _clock(database: datetime, here: datetime) -> Finding:
    apart = abs(database - here)
    tolerable, worst = _SKEW
    if apart <= tolerable:
        return Finding(name="clock", state="ok", what="データベースと時刻が合っています。")
    return Finding(
        name="clock",
        state="bad" if apart > worst else "warn",
        what=f"データベースとの時刻の差が {apart.total_seconds():.0f} 秒あります。",
        cure="両方の機械の時刻を合わせてください（NTP）。",
    )


def _bad(name: str, what: str, cure: str) -> Finding:
    return Finding(name=name, state="bad", what=what, cure=cure)
