"""集計: what was counted of an ended day is what counting it again gives, for every unit, width and filter."""

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args

import psycopg
import pytest

from takuso.barrier.desk_queries import ALL, FILTERS, TALLIED, TALLIED_BARS, Query, Unit
from takuso.kernel.periods import JST, jst_day
from takuso.store.home import Home
from tests.area import AOI, ASAHI, HIKARI, PERSONS
from tests.barrier.behind import Db, connect, one, wearing

DAYS = [date(2001, 3, 5) + timedelta(days=n) for n in range(4)]
"""Before anything else in the log, so that these are the first to be tallied."""
RECORDS = 300
WIDTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
VALUES: dict[str, tuple[str, ...]] = {
    "": ("",),
    "employer": ("aoi", "asahi", "aoi-service", "nobody"),
    "holder": ("aoi", "asahi", "hikari"),
    "relation": ("own", "foreign", "vacant", "absent"),
    "screen": ("KF10", "CI20", "CI10"),
    "came": ("KF10", "-", "MN00"),
    "decision": ("shown", "hidden"),
    "purpose": ("TOI", "-"),
    "rule": ("1", "2", "3"),
}
_TABLES = ("ticket", "subject", "outcome", "payload", "purpose")


@pytest.fixture
def log(behind: Db) -> Db:
    """A superuser's transaction with four days of invented records in the log; nothing of it stays."""
    for day in DAYS:
        for table in _TABLES:
            run_on = f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            behind.execute(f"CREATE TABLE log.{table}_{day:%Y%m%d} PARTITION OF log.{table} {run_on}".encode())
    dice = random.Random(20221227)
    for no in range(RECORDS):
        _record(behind, dice, DAYS[no % len(DAYS)], no)
    return behind


def _record(log: Db, dice: random.Random, day: date, no: int) -> None:
    # One in twenty took its day just before midnight and its instant just after.
    late = no % 20 == 0
    start = datetime.combine(day + timedelta(days=1) if late else day, time(), JST)
    at = start + timedelta(seconds=1 if late else dice.randrange(24 * 3600))
    receipt = f"{no:032d}"
    person = dice.randrange(len(PERSONS)) + 1
    log.execute(
        "INSERT INTO log.ticket (day, receipt, request, xid, at, business_at, kind, session, person, appointment,"
        " employer, organisation, duty, screen, screen_version, came_screen, purpose_code, decision, reason,"
        " rule_version, argument_hash) VALUES (%s, %s, gen_random_uuid(), pg_current_xact_id(), %s, %s, 'look', 1,"
        " %s, %s, %s, %s, 'retail.clerk', %s, 1, %s, %s, %s, 'test', %s, '')",
        [
            *(day, receipt, at, at, person, person),
            *[list(PERSONS.values())[person - 1][0]] * 2,
            dice.choice(["KF10", "CI20"]),
            dice.choice([None, "KF10", "MN00"]),
            dice.choice([None, "TOI"]),
            dice.choice(["shown", "hidden"]),
            dice.choice([1, 2]),
        ],
    )
    for place in range(dice.randrange(4)):
        log.execute(
            "INSERT INTO log.subject (day, receipt, no, point, holder, relation, granted, refused)"
            " VALUES (%s, %s, %s, %s, %s, %s, '{}', '{}')",
            [
                *(day, receipt, place, dice.choice([None, *range(40)])),
                dice.choice([None, AOI, ASAHI, HIKARI]),
                dice.choice(["own", "foreign", "vacant"]),
            ],
        )


def _asked(width: str, unit: str, dim: str, value: str) -> dict[str, Any]:
    given: dict[str, Any] = dict.fromkeys(FILTERS) | {"since": DAYS[0], "until": DAYS[-1] + timedelta(days=1)}
    if dim:
        given[dim] = int(value) if dim == "rule" else value
    return given | {"width": WIDTHS[width], "unit": unit, "dim": dim, "value": value}


def _bars(log: Db, query: Query[Any], parameters: dict[str, Any]) -> list[tuple[datetime, int]]:
    return log.execute(query.sql.encode(), parameters).fetchall()


def _differing(log: Db) -> list[tuple[str, str, str, str]]:
    """Where the two ways disagree: every unit, width, filter and value."""
    return [
        (unit, width, dim, value)
        for unit in get_args(Unit)
        for width in WIDTHS
        for dim, values in VALUES.items()
        for value in values
        if _bars(log, ALL.bars[unit], _asked(width, unit, dim, value))
        != _bars(log, TALLIED_BARS[unit], _asked(width, unit, dim, value))
    ]


def _tally(log: Db, days: int) -> list[date]:
    return [one(log, "SELECT wall.tally_next()") for _ in range(days)]


@pytest.mark.parametrize("tallied", [0, 1, 3, 4])
def test_the_histogram_is_the_same_however_many_days_are_tallied(log: Db, tallied: int) -> None:
    assert _tally(log, tallied) == DAYS[:tallied]
    assert _differing(log) == []
    everything = _bars(log, TALLIED_BARS["records"], _asked("day", "records", "", ""))
    assert sum(amount for _, amount in everything) == RECORDS
    assert len(everything) == len(DAYS)


def test_a_value_that_no_record_has_gives_nothing(log: Db) -> None:
    _tally(log, 4)
    assert _bars(log, TALLIED_BARS["records"], _asked("day", "records", "employer", "nobody")) == []
    assert _bars(log, TALLIED_BARS["records"], _asked("day", "records", "relation", "absent")) == []


@pytest.mark.parametrize("column", ["records", "persons", "contracts"])
def test_a_tally_that_is_wrong_shows(log: Db, column: str) -> None:
    """The comparison has teeth: one number changed in one row is a difference."""
    _tally(log, 4)
    changed = "records = records + 1" if column == "records" else f"{column} = {column} - 1"
    where = "day = %s AND dim = '' AND width = 'day' AND persons > 1 AND contracts > 0"
    log.execute(f"UPDATE log.tally SET {changed} WHERE {where}".encode(), [DAYS[1]])
    assert _differing(log) == [(column, "day", "", "")]


def test_a_day_that_is_missing_among_the_tallied_is_counted(log: Db) -> None:
    _tally(log, 4)
    log.execute("DELETE FROM log.tally WHERE day = %s", [DAYS[2]])
    assert _differing(log) != [], "a tallied day without its rows would be empty"
    log.execute("DELETE FROM log.tallied WHERE day = %s", [DAYS[2]])
    assert _differing(log) == []
    assert _tally(log, 1) == [DAYS[2]]
    assert _differing(log) == []


def test_every_filter_of_the_tallies_is_tried_here() -> None:
    assert set(VALUES) == {"", *TALLIED}


def test_today_is_never_tallied(log: Db) -> None:
    """Nor yesterday until an hour after midnight."""
    while one(log, "SELECT wall.tally_next()"):
        pass
    last = one(log, "SELECT max(day) FROM log.tallied")
    assert last < jst_day(datetime.now(UTC) - timedelta(hours=1))
    log.execute("DELETE FROM log.tally; DELETE FROM log.tallied")
    while one(log, "SELECT wall.tally_next()"):
        pass
    assert one(log, "SELECT max(day) FROM log.tallied") == last


def test_a_record_that_comes_late_is_an_alarm_and_the_day_is_tallied_anew(log: Db) -> None:
    while one(log, "SELECT wall.tally_next()"):
        pass
    _record(log, random.Random(1), DAYS[0], RECORDS + 1)
    alarms = one(log, "SELECT count(*) FROM log.alarm WHERE kind = 'tally'")
    assert one(log, "SELECT wall.tally_next()") is None, "looked at once within the hour"
    log.execute("UPDATE log.tallied SET checked = checked - interval '2 hours'")
    assert one(log, "SELECT wall.tally_next()") == DAYS[0]
    assert one(log, "SELECT count(*) FROM log.alarm WHERE kind = 'tally'") == alarms + 1
    detail = one(log, "SELECT detail FROM log.alarm WHERE kind = 'tally' ORDER BY id DESC LIMIT 1")
    assert detail == f"{DAYS[0]}: {RECORDS // len(DAYS)} -> {RECORDS // len(DAYS) + 1}"
    assert _differing(log) == []
    log.execute("UPDATE log.tallied SET checked = checked - interval '2 hours'")
    assert one(log, "SELECT wall.tally_next()") is None, "the next oldest day is as it was"


def test_no_login_can_keep_a_day_from_being_tallied(log: Db, home: Home) -> None:
    """An advisory lock, which anybody may hold, is not what keeps two from counting one day."""
    with connect(home, "reader_retailer") as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('wall.tally_next', 0))")
        assert _tally(log, 1) == [DAYS[0]]


def test_two_at_once_do_not_count_twice(log: Db) -> None:
    assert _tally(log, 1) == [DAYS[0]]
    with pytest.raises(psycopg.errors.UniqueViolation):
        log.execute("INSERT INTO log.tallied SELECT * FROM log.tallied")


def test_a_ticket_that_the_sequencer_passed_over_is_an_alarm(log: Db) -> None:
    log.execute(
        "INSERT INTO log.checkpoint (size, previous, day, at, horizon, since, peaks, body, signature)"
        " SELECT 1 + coalesce(max(size), 0), sha256('test'), '2001-03-05', now(), '9223372036854775807',"
        " '2001-03-05', '', '', sha256('a') || sha256('b') FROM log.checkpoint"
    )
    assert _tally(log, 1) == [DAYS[0]]
    detail = one(log, "SELECT detail FROM log.alarm WHERE kind = 'leaf' ORDER BY id DESC LIMIT 1")
    assert detail == f"{DAYS[0]}: {RECORDS // len(DAYS)}"


def test_only_a_ticket_of_the_log_reads_tallies(log: Db) -> None:
    _tally(log, 2)
    with wearing(log, "surveyor"):
        for table in ("tally", "tallied"):
            assert one(log, f"SELECT count(*) FROM log.{table}") == 0


@pytest.mark.parametrize("login", ["web", "authn", "ticketer", "reader_network", "reader_retailer", "writer", "batch"])
def test_no_other_login_reads_or_makes_them(home: Home, login: str) -> None:
    with connect(home, login) as conn:
        for statement in ("SELECT FROM log.tally", "SELECT FROM log.tallied", "SELECT wall.tally_next()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement.encode())
            conn.rollback()
