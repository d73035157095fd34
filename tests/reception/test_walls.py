"""The walls around applications: each stops an attempt, and lets it through once it is taken away.

What is dug up here is dug up in a superuser's transaction that is rolled back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from takuso.accesslog.tickets import Cases, Tickets
from tests.area import AOI, HIKARI
from tests.barrier.behind import Db, Ticket, asking, hold, one, refused, rolled_back, run, wearing, without
from tests.reception.conftest import Desk, Switch

FIND = "reception.find(text,int,boolean,text,text,int)"
GRANTED = "wall.granted_cases()"
FILING = "wall.filing(bytea,text,text)"
TURN = "reception.turn(bigint)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A relay of あさひ電力 that 葵電力 is to answer, and a superuser's transaction beside it."""

    conn: Db
    desk: Desk
    number: str
    id: int

    def ticket(self, person: str, which: Cases, screen: str = "RT20") -> Ticket:
        """A look at applications that was opened and is not yet read."""
        proof = self.desk.proof(person)
        return Ticket(proof=proof, answer=Tickets(self.desk.pools).cases(asking(proof, screen), which))

    def reads(self, login: str, ticket: Ticket | None, table: str, column: str = "application") -> bool:
        """Whether this login gets a row of the relay."""
        with wearing(self.conn, login):
            hold(self.conn, ticket)
            try:
                return bool(run(self.conn, f"SELECT 1 FROM reception.{table} WHERE {column} = %s", [self.id]))
            finally:
                hold(self.conn, None)

    def forge(self, ticket: Ticket) -> None:
        """The ticket names the relay, as if the opening had been wrong."""
        run(self.conn, "UPDATE wall.live_ticket SET cases = %s WHERE receipt = %s", [[self.id], ticket.receipt])

    def granted(self, ticket: Ticket, login: str = "reader_retailer", person: str | None = None) -> bool:
        """Whether the ticket opens the relay on this connection."""
        with wearing(self.conn, login):
            hold(self.conn, ticket, self.desk.proof(person) if person else None)
            try:
                return self.id in one(self.conn, "SELECT wall.granted_cases()")
            finally:
                hold(self.conn, None)

    def finds(self, org: int, *, answers: bool = True, name: str | None = None, after: str | None = None) -> set[int]:
        """Applications that a look of this company would name: by the relay's number, or of a list."""
        number = self.number if name is None else None
        sql = "SELECT application FROM reception.find(%s, %s, %s, %s, %s, 51)"
        return {row[0] for row in run(self.conn, sql, [name, org, answers, number, after])}


@pytest.fixture
def relay(desk: Desk, switch: Switch, admin: str) -> Iterator[Relay]:
    """Filed and passed on."""
    number = desk.file("asahi-clerk", switch.relay())
    desk.turn()
    with rolled_back(admin) as conn:
        found = one(conn, "SELECT id FROM reception.application WHERE number = %s", [number])
        yield Relay(conn=conn, desk=desk, number=number, id=found)


def test_a_ticket_without_the_case_gives_no_row(relay: Relay) -> None:
    ticket = relay.ticket("aoi-clerk", Cases(number="000000-NONE"))
    assert not relay.reads("reader_retailer", ticket, "copy")
    run(relay.conn, "ALTER POLICY ticket ON reception.copy USING (true)")
    assert relay.reads("reader_retailer", ticket, "copy")


def test_a_forged_ticket_gives_no_row_of_others(relay: Relay) -> None:
    ticket = relay.ticket("hikari-clerk", Cases(number=relay.number))
    assert ticket.answer["cases"] == []
    relay.forge(ticket)
    assert not relay.reads("reader_retailer", ticket, "copy")
    run(relay.conn, "DROP POLICY party ON reception.copy")
    assert relay.reads("reader_retailer", ticket, "copy")


@pytest.mark.parametrize(("table", "column"), [("application", "id"), ("move", "application")])
def test_the_network_company_reads_what_its_ticket_names(relay: Relay, table: str, column: str) -> None:
    assert not relay.reads("reader_network", None, table, column)
    run(relay.conn, f"ALTER POLICY ticket ON reception.{table} USING (true)")
    assert relay.reads("reader_network", None, table, column)


@pytest.mark.parametrize(
    ("condition", "login", "person", "change"),
    [
        ("AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))", None,
         "hikari-clerk", None),
        ("AND t.login = session_user::text", "reader_network", None, None),
        ("AND t.kind = 'cases'", None, None, "kind = 'look'"),
        ("AND t.expires > clock_timestamp()", None, None, "expires = clock_timestamp() - interval '1 second'"),
        ("AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()", None, None, "xid = pg_current_xact_id()"),
    ],
    ids=["proof", "login", "kind", "expiry", "transaction"],
)  # fmt: skip
def test_a_ticket_opens_cases_for_its_own_reading_alone(
    relay: Relay, condition: str, login: str | None, person: str | None, change: str | None
) -> None:
    ticket = relay.ticket("aoi-clerk", Cases(number=relay.number))
    assert relay.granted(ticket)
    if change:
        run(relay.conn, f"UPDATE wall.live_ticket SET {change} WHERE receipt = %s", [ticket.receipt])
    assert not relay.granted(ticket, login or "reader_retailer", person)
    without(relay.conn, GRANTED, condition)
    assert relay.granted(ticket, login or "reader_retailer", person)


def test_a_number_finds_nothing_for_whoever_is_no_party(relay: Relay) -> None:
    assert relay.finds(AOI) == {relay.id}
    assert relay.finds(HIKARI) == set()
    without(relay.conn, FIND, "AND c.party = p_org AND (p_answers=>AND (p_answers")
    assert relay.finds(HIKARI) == {relay.id}


def test_whoever_does_not_answer_finds_no_confidential_copy(relay: Relay) -> None:
    assert relay.finds(AOI, answers=False) == set()
    without(relay.conn, FIND, "c.party = p_org AND (p_answers OR NOT c.confidential)));=>c.party = p_org));")
    assert relay.finds(AOI, answers=False) == {relay.id}


def test_a_page_after_a_confidential_copy_is_a_page_after_nothing(relay: Relay) -> None:
    anew = '{"id": 0, "number": "000000-ZERO", "request_key": null}'
    own = '{"application": 0, "role": "sender", "confidential": false}'
    application = "SELECT (json_populate_record(a, %s)).* FROM reception.application a WHERE id = %s"
    copy = "SELECT (json_populate_record(c, %s)).* FROM reception.copy c WHERE application = %s AND role = 'holder'"
    run(relay.conn, f"INSERT INTO reception.application OVERRIDING SYSTEM VALUE {application}", [anew, relay.id])
    run(relay.conn, f"INSERT INTO reception.copy {copy}", [own, relay.id])
    assert relay.finds(AOI, answers=True, name="own", after=relay.number)
    assert relay.finds(AOI, answers=False, name="own", after=relay.number) == set()
    without(relay.conn, FIND, "AND (p_answers OR NOT c.confidential)))) THEN=>))) THEN")
    assert relay.finds(AOI, answers=False, name="own", after=relay.number)


def test_an_answers_ticket_files_nothing(relay: Relay, switch: Switch) -> None:
    proof = relay.desk.proof("aoi-clerk")
    asked = asking(proof, "RT20")
    receipt = Tickets(relay.desk.pools).open(asked, (), "reception.answer")["receipt"]

    def file() -> str:
        return str(
            one(
                relay.conn,
                "SELECT reception.file(%s::bytea, %s::date, %s, 'reception.apply', NULL, 'switch-end', %s, '{}', NULL,"
                " '{}', 'screen', NULL)",
                [proof.secret, asked.request.day, receipt, switch.number.text],
            )
        )

    with wearing(relay.conn, "writer"), refused(relay.conn, "TK403"):
        file()
    without(relay.conn, FILING, "AND t.action = p_action")
    with wearing(relay.conn, "writer"):
        assert file()


def test_where_nothing_waits_a_turn_tells_nothing_and_carries_nothing(relay: Relay) -> None:
    carry = "SELECT reception.carry(%s, '[]', '[]', '[]')"
    with wearing(relay.conn, "reception"), refused(relay.conn, "TK403"):
        one(relay.conn, carry, [relay.id])
    assert one(relay.conn, "SELECT reception.turn(%s)", [relay.id]) is None
    without(relay.conn, TURN, "NOT FOUND OR NOT reception.waits(a.id, v_today)=>NOT FOUND")
    assert one(relay.conn, "SELECT reception.turn(%s)", [relay.id])["cases"][0]["number"] == relay.number


@pytest.mark.parametrize("late", [0, 3])
def test_what_is_planned_closes_the_wall_on_its_day(relay: Relay, switch: Switch, late: int) -> None:
    (point,) = switch.customer.points

    def holder() -> int | None:
        run(relay.conn, "SELECT points.restamp(%s)", [[point]])
        return one(
            relay.conn,
            "SELECT (SELECT holder_id FROM points.place WHERE point = %s AND held_from <= wall.today()"
            " AND wall.today() < held_to)",
            [point],
        )

    assert holder() == AOI
    today = one(relay.conn, "SELECT wall.today()")
    run(relay.conn, "INSERT INTO points.planned VALUES (%s, %s, %s)", [relay.id, point, today - timedelta(days=late)])
    assert holder() is None, "on the day, and for as long as the effect is late"
    run(relay.conn, "UPDATE points.planned SET day = %s", [today + timedelta(days=1)])
    assert holder() == AOI
    run(relay.conn, "DELETE FROM points.planned WHERE application = %s", [relay.id])
    assert holder() == AOI


def test_a_look_whose_answer_was_lost_names_the_same_cases_again(relay: Relay) -> None:
    proof = relay.desk.proof("aoi-clerk")
    asked = asking(proof, "RT20")
    sql = "SELECT wall.open_cases(%b, %b, %b, 'RT20', NULL, NULL, NULL, %s::text, NULL, %s::bool)"
    told: list[Any] = []
    for repeat in (False, True):
        with relay.desk.pools.pool("ticketer").connection() as connection:
            head = [proof.secret, asked.request.day, asked.request.uuid]
            told.append(connection.execute(sql, [*head, relay.number, repeat]).fetchone())
    (first,), (again,) = told
    assert first["cases"] == again["cases"] == [relay.id]
    assert first["receipt"] == again["receipt"]
