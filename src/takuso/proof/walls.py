"""Check `walls`: the tables themselves, past every screen and past the gate.

As each login that can be connected with, every guarded table is read with every kind of bad ticket and with a good
one; a ticket that was falsified behind the wall must still show a retailer nothing of others (the second wall).
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date
from itertools import chain, islice
from typing import Any, Final

import psycopg
from psycopg import sql

from takuso.barrier.deployment import Loader
from takuso.barrier.gate import RequestId
from takuso.barrier.matrix import PERIOD_CLASSES, DataClass, Relation, Rule, Verdict, View
from takuso.barrier.signin import Proof, SignIns
from takuso.proof.canary import Mark
from takuso.proof.desk import Site
from takuso.proof.judge import Wrong
from takuso.proof.people import AFFILIATE, BY_CODE, REFERENCES, Walker
from takuso.proof.scan import Scanner
from takuso.proof.walk import kinds_of
from takuso.store.logins import DEPLOYER, LOGIN_NAMES
from takuso.store.pools import dsn

Db = psycopg.Connection[Any]
READERS: Final = ("reader_network", "reader_retailer")
_CLERK, _RIVAL, _CONTACT = "proof-clerk", "proof-rival-clerk", "proof-contact"
_WRITES: Final = (
    "INSERT INTO {0} DEFAULT VALUES",
    "UPDATE {0} SET {1} = {1}",
    "DELETE FROM {0}",
    "TRUNCATE {0}",
    "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE",
    "CREATE INDEX ON {0} ({1})",
    "ALTER TABLE {0} DISABLE ROW LEVEL SECURITY",
)
_YESTERDAY: Final = (
    "UPDATE {0} SET holder_id = %s, held_from = '2020-04-01', held_to = wall.today() WHERE {1} = ANY (%s::bigint[])"
)
# Their stamps tell the row's own period or applicant, or nobody at all.
_OWN_STAMPS: Final = frozenset(
    {"points.supply", "points.contract_size", "points.usage_month", "points.pending", "points.care_note"}
)
_BY_OWN_PERIOD: Final = PERIOD_CLASSES | {DataClass.PENDING}
_FALSIFY: Final = """
UPDATE wall.live_ticket t SET a = p.ids, b = p.ids, c = p.ids, d = p.ids, e = p.ids, f = p.ids, g = p.ids, h = p.ids,
       i = p.ids, j = p.ids, s = p.ids, spans = '{(,)}'
  FROM (SELECT array_agg(id) AS ids FROM wall.point) p WHERE t.receipt = %s"""


def wall_faults(site: Site, *, stop: bool = False) -> tuple[list[Wrong], int]:
    """(where, what) of every row that came, and every write that went, and how many were tried.

    `stop` ends it after the first of them.
    """
    with ExitStack() as stack:
        walls = _Walls(site, stack)
        found = chain(
            walls.without_ticket(),
            walls.rights(),
            walls.bad_tickets(),
            walls.good_tickets(),
            walls.falsified(),
            walls.late_midnight(),
        )
        return list(islice(found, 1) if stop else found), walls.tried


class _Walls:
    def __init__(self, site: Site, stack: ExitStack) -> None:
        self._site, self._stack = site, stack
        self._signins, self._scanner = SignIns(site.pools), Scanner(site.canaries.marks)
        self._connections: dict[str, Db] = {}
        self.tried = 0
        with psycopg.connect(site.twin.admin_url) as behind:
            self._columns = _columns(behind)
            self._classes = _classes(behind)

    @contextmanager
    def _as(self, login: str, ticket: tuple[str, Proof] | None = None) -> Iterator[Db]:
        """The connection of a login, in a transaction that names a ticket and leaves nothing behind."""
        if login not in self._connections:
            made = psycopg.connect(dsn(self._site.twin.home, login))
            self._connections[login] = self._stack.enter_context(closing(made))
        connection = self._connections[login]
        with connection.transaction(force_rollback=True):
            # What the login's own setting keeps from writing, a hostile process would switch off first.
            connection.execute("SET TRANSACTION READ WRITE")
            connection.execute("SET LOCAL lock_timeout = '200ms'")
            if ticket is not None:
                receipt, proof = ticket
                connection.execute(
                    "SELECT set_config('wall.ticket', %s, true), set_config('wall.proof', %s, true)",
                    [receipt, proof.secret.hex()],
                )
            yield connection

    def _read(self, connection: Db, login: str, table: str) -> list[tuple[Any, ...]] | None:
        """Every column this login may select of a table; None where it may select none."""
        self.tried += 1
        columns = self._columns.get((login, table))
        if not columns:
            return None
        query = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns),
            sql.Identifier(*table.split(".")),
        )
        return connection.execute(query).fetchall()

    def without_ticket(self) -> Iterator[Wrong]:
        """No login reads a row of a guarded table without a ticket."""
        for login in (name for name in LOGIN_NAMES if name != DEPLOYER):
            with self._as(login) as connection:
                for table in self._classes:
                    if self._read(connection, login, table):
                        yield f"{login} × {table}", "閲覧票なしで行が読めます"

    def rights(self) -> Iterator[Wrong]:
        """No login but the deployment's changes a guarded table, and nobody selects a stamp."""
        for login in (name for name in LOGIN_NAMES if name != DEPLOYER):
            with self._as(login) as connection:
                for table, columns in self._classes.items():
                    for text in _WRITES:
                        if self._goes(connection, text.format(table, next(iter(columns)))):
                            yield f"{login} × {table}", f"書けます（{text.partition(' ')[0]}）"
                    stamps = [name for name, letter in columns.items() if letter == "stamp"]
                    for name in (n for n in stamps if n in self._columns.get((login, table), ())):
                        yield f"{login} × {table}.{name}", "刻印が読めます"

    def _goes(self, connection: Db, text: str) -> bool:
        self.tried += 1
        try:
            with connection.transaction(force_rollback=True):
                connection.execute(text.encode())
        except psycopg.Error:
            return False
        return True

    def _ticket(self, person: str, kind: str, screen: str = "CI20") -> tuple[str, Proof]:
        """A ticket for a kind of customer, open as the gate opens it, and not yet closed."""
        walker, proof = BY_CODE[person], self._signins.by_demo(person)
        code = kinds_of()[kind]
        if walker.purpose is not None:
            self._call(
                "SELECT wall.state_purpose(%s, %s, %s, 'PU10', '', %s, %s, %s, 1, false)",
                [proof.secret, *_request(), code, walker.purpose, REFERENCES[walker.purpose]],
            )
        answer = self._call(
            "SELECT wall.open(%s, %s, %s, %s, NULL, '', %s, NULL, false)",
            [proof.secret, *_request(), screen, [code]],
        )
        return answer["receipt"], proof

    def _call(self, statement: str, parameters: Sequence[Any]) -> Any:
        with self._site.pools.pool("ticketer").connection() as connection:
            row = connection.execute(statement.encode(), parameters).fetchone()
        return row[0] if row else None

    def bad_tickets(self) -> Iterator[Wrong]:
        """Guessed, with another's proof, of another login, expired, closed, of the very same transaction."""
        for person, login in ((_CLERK, "reader_retailer"), (_CONTACT, "reader_network")):
            receipt, proof = self._ticket(person, "own")
            other = self._signins.by_demo(_RIVAL)
            wrong_login = READERS[1 - READERS.index(login)]
            yield from self._none(login, ("A" * 32, proof), "当てずっぽうの閲覧票")
            yield from self._none(login, (receipt, other), "他人の証明")
            yield from self._none(wrong_login, (receipt, proof), "別のログイン")
            self._behind(
                "UPDATE wall.live_ticket SET expires = clock_timestamp() - interval '1 ms' WHERE receipt = %s", receipt
            )
            yield from self._none(login, (receipt, proof), "期限の切れた閲覧票")
            receipt, proof = self._ticket(person, "own")
            self._call(
                "SELECT wall.close(%s, %s, %s, 0, '{}', '{}', %s)", [proof.secret, _request()[0], receipt, b"0" * 32]
            )
            yield from self._none(login, (receipt, proof), "閉じた閲覧票")
            receipt, proof = self._ticket(person, "own")
            yield from self._same_transaction(login, receipt, proof)

    def _same_transaction(self, login: str, receipt: str, proof: Proof) -> Iterator[Wrong]:
        """A ticket that carries the reader's own transaction number has not been committed."""
        with self._as(login, (receipt, proof)) as connection:
            row = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
            self._behind(
                "UPDATE wall.live_ticket SET xid = %s::xid8 WHERE receipt = %s", row[0] if row else "", receipt
            )
            for table in self._points():
                if self._read(connection, login, table):
                    yield f"{login} × {table}", "コミットされていない閲覧票で行が読めます"

    def _none(self, login: str, ticket: tuple[str, Proof], what: str) -> Iterator[Wrong]:
        with self._as(login, ticket) as connection:
            for table in self._points():
                if self._read(connection, login, table):
                    yield f"{login} × {table}", f"{what}で行が読めます"

    def good_tickets(self) -> Iterator[Wrong]:
        """Under a good ticket every column of every table: what the rule shows and nothing else."""
        for person in (_CLERK, _RIVAL, "proof-contracted", _CONTACT, "proof-billing"):
            for screen in ("CI10", "CI20", "PC10", "KF10"):
                for kind in kinds_of():
                    yield from self._lawful(person, screen, kind)

    def _lawful(self, person: str, screen: str, kind: str) -> Iterator[Wrong]:
        walker, shape = BY_CODE[person], self._site.program.pages[screen].screen
        login = "reader_network" if walker.duty.is_network else "reader_retailer"
        for table, mark in self._found(login, self._ticket(person, kind, screen)):
            if mark.kind != kind or not self._site.canaries.may_see(walker, shape.view, shape.classes, mark):
                yield f"{person} × {screen} × {kind} × {table}", f"{mark.kind} の区分 {mark.letter} が読めます"

    def _found(self, login: str, ticket: tuple[str, Proof]) -> Iterator[tuple[str, Mark]]:
        with self._as(login, ticket) as connection:
            for table in self._points():
                rows = self._read(connection, login, table) or []
                text = "\n".join(" ".join(map(_plain, row)) for row in rows)
                yield from ((table, mark) for _, mark in self._scanner.leaked(text.encode()))

    def falsified(self) -> Iterator[Wrong]:
        """A ticket that names what it must not: the restrictive policies know the holder all the same."""
        for person in (_CLERK, _RIVAL):
            receipt, proof = self._ticket(person, "own")
            self._behind(_FALSIFY, receipt)
            for table, mark in self._found("reader_retailer", (receipt, proof)):
                if not self._own(BY_CODE[person], mark):
                    yield f"{person} × {table}", f"偽の閲覧票で {mark.kind} の区分 {mark.letter} が読めます"

    def late_midnight(self) -> Iterator[Wrong]:
        """A customer who switched today while the stamps are still yesterday's: the job is late, and nothing shows."""
        customer = self._site.canaries.customers["switched-today"]
        for table in ("wall.point", *(table for table in self._points() if table not in _OWN_STAMPS)):
            key = "id" if table == "wall.point" else "point"
            self._behind(_YESTERDAY.format(table, key), str(AFFILIATE), "{" + ",".join(map(str, customer.points)) + "}")
        receipt, proof = self._ticket(_CLERK, "switched-today", "CI10")
        yield from self._none_of(
            "reader_retailer", (receipt, proof), customer.kind, "夜間の処理が遅れた日に、正しい閲覧票で"
        )
        self._behind(_FALSIFY, receipt)
        yield from self._none_of(
            "reader_retailer", (receipt, proof), customer.kind, "夜間の処理が遅れた日に、偽の閲覧票で"
        )
        with Loader(self._site.twin.home) as loader:
            loader.restamp(customer.points)

    def _none_of(self, login: str, ticket: tuple[str, Proof], kind: str, how: str) -> Iterator[Wrong]:
        for table, mark in self._found(login, ticket):
            if mark.kind == kind and mark.letter not in _BY_OWN_PERIOD:
                yield f"{login} × {table}", f"{how}、前日までのお客さまの区分 {mark.letter} が読めます"

    def _own(self, walker: Walker, mark: Mark) -> bool:
        """Whether the fact is the company's by its stamp, whatever the rules say of its class: of a period its own, be
        it to come; of today its holder's; a fact for the network company alone is no retailer's."""
        customer = self._site.canaries.customers[mark.kind]
        if mark.segment is not None and mark.letter in _BY_OWN_PERIOD:
            held = customer.histories[customer.points.index(mark.point)][mark.segment]
            return held.retailer == walker.organisation
        stamped = frozenset(DataClass) - {DataClass.CARE}
        rules = tuple(
            Rule(
                duty=walker.duty,
                relation=Relation.OWN,
                view=View.CURRENT,
                data_class=letter,
                verdict=Verdict.SHOW,
                article="",
                note="",
                since=date.min,
            )
            for letter in stamped
        )
        return replace(self._site.canaries, rules=rules).may_see(walker, View.CURRENT, stamped, mark)

    def _behind(self, statement: str, *parameters: str) -> None:
        with psycopg.connect(self._site.twin.admin_url, autocommit=True) as connection:
            connection.execute(statement.encode(), parameters)

    def _points(self) -> list[str]:
        return [table for table in self._classes if table.startswith("points.") and table != "points.planned"]


def _request() -> tuple[Any, Any]:
    fresh = RequestId.new()
    return fresh.day, fresh.uuid


def _plain(value: object) -> str:
    """A fact as text, and, if it may be an energy in Wh, as a screen would print it: in kWh."""
    text = str(value)
    return f"{text} {text.removesuffix('000')}" if text.isdigit() else text


def _columns(behind: Db) -> dict[tuple[str, str], list[str]]:
    """What each login may select, by login and table."""
    rows = behind.execute(
        """SELECT l.name, n.nspname || '.' || c.relname, a.attname::text
             FROM unnest(%s::text[]) l(name)
             JOIN pg_class c ON c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
             JOIN pg_namespace n ON n.oid = c.relnamespace
                                AND n.nspname IN ('points', 'wall', 'log', 'search', 'public')
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE has_schema_privilege(l.name, n.oid, 'USAGE')
              AND has_column_privilege(l.name, c.oid, a.attnum, 'SELECT')
            ORDER BY 1, 2, a.attnum""",
        [list(LOGIN_NAMES)],
    ).fetchall()
    found: dict[tuple[str, str], list[str]] = {}
    for login, table, column in rows:
        found.setdefault((login, table), []).append(column)
    return found


def _classes(behind: Db) -> dict[str, dict[str, str]]:
    """Guarded tables with the class of each column; views and tables nobody registered count as guarded."""
    row = behind.execute("SELECT wall.classes()").fetchone()
    registered: dict[str, dict[str, str]] = row[0] if row else {}
    rows = behind.execute(
        """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
              AND n.nspname IN ('points', 'wall', 'log', 'search', 'public')"""
    ).fetchall()
    found = {name: registered.get(name, {"ctid": "?"}) for (name,) in rows}
    return {name: columns for name, columns in sorted(found.items()) if set(columns.values()) != {"open"}}
