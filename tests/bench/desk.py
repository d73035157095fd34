"""A log of ten million records, and the compliance desk over it: first page, overview, one person, one customer."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from takuso.barrier.desk_queries import ALL, OF_CUSTOMER, SAMPLE, Desk
from takuso.barrier.gate import Gate, Sight, Visit
from takuso.barrier.query import Query
from takuso.barrier.signin import SignIns
from takuso.doors.web.desk.asked import Asked, read_asked
from takuso.doors.web.desk.log_list import bars_of
from takuso.store.pools import Pools

DAYS = 30
TURNS = 9
Row = tuple[str, str, str, dict[str, Any]]
Chosen = Callable[[Desk, Asked], list[Query[Any]]]

# A day's records: every person, five screens, shown and hidden, a subject and an outcome each. Receipts are 32
# hexadecimal digits.
_TICKETS = """
INSERT INTO log.ticket (day, receipt, request, xid, at, business_at, kind, session, terminal, person, appointment,
    employer, organisation, duty, screen, screen_version, came_screen, purpose_code, purpose_reference,
    purpose_verified, decision, reason, rule_version, argument_hash)
SELECT %(day)s, md5(%(day)s::text || n), md5(n || %(day)s::text)::uuid, pg_current_xact_id(), x.at, x.at,
       CASE WHEN n %% 10 = 3 THEN 'search' ELSE 'look' END, n / 40, '10.0.0.' || n %% 200, a.person, a.id, a.employer,
       coalesce(a.principal, a.employer), a.duty, (ARRAY['KF10','CI20','CI10','PC10','KS10'])[1 + n %% 5], 1,
       (ARRAY['MN00','KS10','KF10','CI10'])[1 + n %% 4],
       CASE WHEN a.duty LIKE 'network%%' THEN 'TOI' END, CASE WHEN a.duty LIKE 'network%%' THEN 'TOI-1' END,
       CASE WHEN a.duty LIKE 'network%%' THEN true END,
       CASE WHEN n %% 20 = 7 THEN 'hidden' ELSE 'shown' END, 'bench', 1, '\\x00'
  FROM generate_series(1, %(rows)s) n
 CROSS JOIN LATERAL (SELECT (%(day)s::date + interval '8 hours' + n * (interval '10 hours' / %(rows)s))
                            AT TIME ZONE 'Asia/Tokyo' AS at) x
  JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS no, * FROM wall.appointment WHERE recorded_to = 'infinity') a
    ON a.no = n %% (SELECT count(*) FROM wall.appointment WHERE recorded_to = 'infinity')"""
_SUBJECTS = """
INSERT INTO log.subject (day, receipt, no, point, holder, held_from, relation, granted, refused)
SELECT t.day, t.receipt, 1, p.id, p.holder_id, p.held_from,
       CASE WHEN t.duty LIKE 'network%%' THEN 'any' WHEN p.holder_id = t.organisation THEN 'own' ELSE 'foreign' END,
       CASE WHEN t.decision = 'shown' THEN ARRAY['A','C'] ELSE '{}' END, '{}'
  FROM (SELECT *, row_number() OVER () AS n FROM log.ticket WHERE day = %(day)s) t
  JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS no, * FROM wall.point) p
    ON p.no = (t.n * 7919) %% (SELECT count(*) FROM wall.point)"""
_OUTCOMES = """
INSERT INTO log.outcome (day, receipt, at, rows, classes, points, digest)
SELECT t.day, t.receipt, t.at, CASE WHEN t.decision = 'shown' THEN 2 ELSE 0 END,
       CASE WHEN t.decision = 'shown' THEN ARRAY['A','C'] ELSE '{}' END, '{}', '\\x00'
  FROM log.ticket t WHERE t.day = %(day)s"""


def fill(admin: str, rows: int, today: date) -> date:
    """Put the records into the days before today, in working hours; returns the first day."""
    first = today - timedelta(days=DAYS)
    with psycopg.connect(admin, autocommit=True) as connection:
        # The records are only read here: what makes an open of a ticket durable would run once for each.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        for day in _days(first, DAYS):
            _partitions(connection, day)
            for statement in (_TICKETS, _SUBJECTS, _OUTCOMES):
                connection.execute(statement.encode(), {"day": day, "rows": rows // DAYS})
            connection.execute(f"VACUUM (ANALYZE) {', '.join(_names(day)[:3])}".encode())
        connection.execute("ANALYZE log.ticket, log.subject, log.outcome")
    return first


def tally(admin: str) -> Row:
    """Count every ended day, as the job does in the night: seconds a day, and a record."""
    taken, records = [], 0
    with psycopg.connect(admin, autocommit=True) as connection:
        while True:
            began = time.perf_counter()
            row = connection.execute("SELECT wall.tally_next()").fetchone()
            if row is None or row[0] is None:
                break
            taken.append(time.perf_counter() - began)
        row = connection.execute("SELECT coalesce(sum(records), 0) FROM log.tallied").fetchone()
        records = int(row[0]) if row else 0
    each = sum(taken) / max(records, 1) * 1e6
    what = f"{statistics.median(taken):.1f} s a day, {each:.1f} µs a record"
    return "tally of an ended day, once in the night", what, "", {"seconds": taken, "records": records}


def _days(first: date, count: int) -> Iterator[date]:
    yield from (first + timedelta(days=n) for n in range(count))


_TABLES = ("ticket", "subject", "outcome", "payload", "purpose")


def _names(day: date) -> list[str]:
    return [f"log.{table}_{day:%Y%m%d}" for table in _TABLES]


def _partitions(connection: psycopg.Connection[Any], day: date) -> None:
    for table, name in zip(_TABLES, _names(day), strict=True):
        if connection.execute("SELECT to_regclass(%s)", [name]).fetchone() != (None,):
            continue
        connection.execute(f"CREATE TABLE {name} (LIKE log.{table} INCLUDING ALL)".encode())
        bounds = f"FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        connection.execute(f"ALTER TABLE log.{table} ATTACH PARTITION {name} FOR VALUES {bounds}".encode())


def measure(pools: Pools, first: date, today: date, customer: str) -> Iterator[Row]:
    """Each part of the desk as the gate answers it, a ticket of its own each time: medians of nine."""
    everything = {"since": str(first), "until": str(today)}
    yesterday = {"since": str(today - timedelta(days=1)), "until": str(today)}
    week = {"since": str(today - timedelta(days=7)), "until": str(today)}
    read = _reader(pools)

    def bars(desk: Desk, asked: Asked) -> list[Query[Any]]:
        return [bars_of(desk, asked)]

    for words, given in (("all days", everything), ("a week", week), ("a day", yesterday)):
        yield read(f"AL10 first page, {words}", given, lambda desk, _: [desk.lines], "≤ 300 ms")
        yield read(f"AL10 histogram of records, {words}", given, bars, "≤ 1 s")
        yield read(f"AL10 facets, {words}", given, lambda desk, _: [desk.facets], "")
    for unit in ("persons", "contracts"):
        yield read(f"AL10 histogram of {unit}, all days", everything | {"unit": unit}, bars, "≤ 1 s")
    foreign = everything | {"relation": "foreign"}
    for unit in ("records", "contracts"):
        yield read(f"AL10 histogram of {unit}, all days, others' customers", foreign | {"unit": unit}, bars, "≤ 1 s")
    two = foreign | {"on": "CI20"}
    yield read("AL10 histogram of records, all days, two filters (counted)", two, bars, "")
    one = everything | {"person": "aoi-clerk", "on": "CI20"}
    yield read("AL10 first page, one person on one screen", one, lambda desk, _: [desk.lines], "≤ 300 ms")
    looked_at = everything | {"customer": customer}
    yield read("AL10 first page, one customer", looked_at, lambda desk, _: [desk.lines], "≤ 300 ms")
    yield read(
        "AL10 lookers of one customer", looked_at | {"by": "person"}, lambda desk, _: [desk.groups["person"]], ""
    )


def _reader(pools: Pools) -> Callable[[str, dict[str, str], Chosen, str], Row]:
    gate, proof = Gate(pools), SignIns(pools).by_demo("td-compliance")

    def read(what: str, given: dict[str, str], chosen: Chosen, target: str) -> Row:
        asked, problems = read_asked(given, datetime.now(UTC))
        if problems:
            raise ValueError(problems)
        queries = chosen(OF_CUSTOMER if asked.customer else ALL, asked)
        parameters = asked.parameters | {"sample": SAMPLE} | ({"last": 200} if asked.by else {})
        rows, taken = 0, []

        def render(sight: Sight) -> bytes:
            nonlocal rows
            rows = sum(len(sight.rows(query)) for query in queries)
            return b""

        for _ in range(TURNS + 1):
            began = time.perf_counter()
            gate.read_log(
                Visit(proof=proof, screen="AL10"),
                asked=asked.words,
                queries=queries,
                parameters=parameters,
                render=render,
            )
            taken.append((time.perf_counter() - began) * 1000)
        median = statistics.median(taken[1:])
        return what, f"p50 {median:.0f} ms, longest {max(taken[1:]):.0f} ms", target, {"rows": rows, "ms": taken}

    return read
