"""Ways past the gate, for the tests: raw tickets, the real logins, and a superuser who puts a login on.

What a superuser does here happens in one transaction that is rolled back, so that a hole dug by one test is gone
before the next.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import Connection, sql

from takuso.accesslog.tickets import Asking, RequestId, Tickets
from takuso.barrier.signin import Proof
from takuso.store.home import Home
from takuso.store.pools import Pools, dsn

Db = Connection[tuple[Any, ...]]

# What reader_retailer may name; reader_network may name care_note as well.
RETAIL_TABLES = (
    "place", "equipment", "meter_install", "party", "supply", "contract_size", "usage_month", "pending",
    "bank_mandate", "mandate_notice", "contact_note",
)  # fmt: skip
TABLES = (*RETAIL_TABLES, "care_note")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An opened ticket whose reading and closing is left to the test."""

    proof: Proof
    answer: dict[str, Any]

    @property
    def receipt(self) -> str:
        """Its public handle."""
        return str(self.answer["receipt"])


def asking(proof: Proof, screen: str, *, request: RequestId | None = None, came_from: str | None = None) -> Asking:
    """A request as the gate makes it."""
    return Asking(
        proof=proof.secret, request=request or RequestId.new(), screen=screen, came_from=came_from, terminal=None
    )


def open_ticket(pools: Pools, proof: Proof, screen: str, *asked: str) -> Ticket:
    """Open and commit a ticket."""
    return Ticket(proof=proof, answer=Tickets(pools).open(asking(proof, screen), asked))


class _Here:
    """Stands where the pools stand, with the one connection a test holds."""

    def __init__(self, conn: Db) -> None:
        self._conn = conn

    def pool(self, _: str) -> "_Here":
        return self

    @contextmanager
    def connection(self) -> Iterator[Db]:
        yield self._conn


def here(conn: Db) -> Pools:
    """Pools that have this one connection."""
    return cast("Pools", _Here(conn))


def open_inside(conn: Db, proof: Proof, screen: str, *asked: str) -> Ticket:
    """Open a ticket on this connection, in whatever transaction it is in."""
    return open_ticket(here(conn), proof, screen, *asked)


def hold(conn: Db, ticket: Ticket | None, proof: Proof | None = None, *, local: bool = False) -> None:
    """Set the two settings: this ticket, with its own proof or another."""
    receipt = ticket.receipt if ticket else ""
    secret = proof or (ticket.proof if ticket else None)
    conn.execute(
        "SELECT set_config('wall.ticket', %s, %s), set_config('wall.proof', %s, %s)",
        [receipt, local, secret.secret.hex() if secret else "", local],
    )


def reads(conn: Db, table: str = "place") -> set[int]:
    """The points a query without any condition yields."""
    name = sql.Identifier("points", table)
    return {row[0] for row in conn.execute(sql.SQL("SELECT point FROM {}").format(name)).fetchall()}


def reads_nothing(conn: Db, tables: Sequence[str] = RETAIL_TABLES) -> bool:
    """Whether no table yields a single row."""
    return not any(reads(conn, table) for table in tables)


Parameters = Sequence[object] | Mapping[str, object] | None


def run(conn: Db, statement: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
    """Execute; the rows, or none for a statement without rows."""
    cursor = conn.execute(statement, parameters)
    return cursor.fetchall() if cursor.description is not None else []


def one(conn: Db, statement: str, parameters: Parameters = None) -> Any:
    """The single value of a query."""
    [(value,)] = run(conn, statement, parameters)
    return value


def connect(home: Home, login: str) -> Db:
    """A connection of this login, as a process holding its password could make it, without the reader's own limits."""
    conn = psycopg.connect(dsn(home, login), autocommit=True)
    conn.execute("SET default_transaction_read_only = off")
    return conn


@contextmanager
def rolled_back(admin: str) -> Iterator[Db]:
    """A superuser's transaction that leaves nothing behind."""
    with psycopg.connect(admin) as conn:
        try:
            yield conn
        finally:
            conn.rollback()


@contextmanager
def wearing(conn: Db, login: str) -> Iterator[Db]:
    """The superuser's connection with the rights, and to the wall the identity, of a login."""
    conn.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(login)))
    try:
        yield conn
    finally:
        if not conn.closed and conn.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            conn.execute("RESET SESSION AUTHORIZATION")


@contextmanager
def refused(conn: Db, *states: str) -> Iterator[None]:
    """What follows fails with one of these SQLSTATEs (42501 if none is named); the connection stays usable."""
    with conn.transaction(force_rollback=True):
        try:
            with conn.transaction():
                yield
        except psycopg.Error as error:
            if error.sqlstate not in (states or ("42501",)):
                raise
        else:
            raise AssertionError("it was not refused")


def without(conn: Db, function: str, condition: str) -> None:
    """Make the function anew without this condition, or `condition=>with another`. Fails if it is not in it."""
    text = str(one(conn, "SELECT pg_get_functiondef(%s::regprocedure)", [function]))
    condition, _, instead = condition.partition("=>")
    assert condition in text, (function, condition)
    run(conn, text.replace(condition, instead))
