"""Attempts on the wall, each of which one guard alone stops: True where it got through.

All run in one superuser's transaction that is rolled back; what they forge, they forge there.
"""

from dataclasses import dataclass
from typing import Any

import psycopg

from takuso.accesslog.tickets import EnrolmentNeeded, RequestConflict, RequestId, Search, SignInNeeded, Tickets
from takuso.barrier.signin import Proof
from takuso.flow.points.operations import RECORD_SUPPLY_ACTION
from takuso.store.pools import Pools
from tests.area import Customer
from tests.barrier.behind import Db, Ticket, asking, here, hold, one, open_inside, open_ticket, reads, run, wearing


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A superuser's transaction, and what was committed before it."""

    conn: Db
    pools: Pools
    own: Ticket
    other: Ticket
    network: Ticket
    customers: dict[str, Customer]

    def point(self, kind: str) -> int:
        """First point of a kind."""
        return self.customers[kind].points[0]

    def forge(self, ticket: Ticket, point: int) -> None:
        """A ticket that names a point it must not: as if the opening had been wrong."""
        run(
            self.conn,
            "UPDATE wall.live_ticket SET a = a || %(p)s, d = d || %(p)s, f = f || %(p)s,"
            " spans = spans + int8multirange(int8range(%(n)s::bigint * 1048576, (%(n)s::bigint + 1) * 1048576))"
            " WHERE receipt = %(r)s",
            {"p": [point], "n": point, "r": ticket.receipt},
        )

    def reads(self, login: str, ticket: Ticket | None, table: str, proof: Proof | None = None) -> set[int]:
        """Points this login gets of a table."""
        with wearing(self.conn, login):
            hold(self.conn, ticket, proof)
            try:
                return reads(self.conn, table)
            finally:
                hold(self.conn, None)


def forged_state(w: World) -> bool:
    """A wrong ticket names a stranger's point: state classes."""
    w.forge(w.own, w.point("foreign"))
    return w.point("foreign") in w.reads("reader_retailer", w.own, "place")


def forged_past_state(w: World) -> bool:
    """A wrong ticket names a former customer's point, on the day the stamp is late."""
    w.forge(w.own, w.point("outgoing"))
    run(w.conn, "UPDATE wall.home SET shift = '1 day'")
    return w.point("outgoing") in w.reads("reader_retailer", w.own, "place")


def forged_period(w: World) -> bool:
    """A wrong ticket names a stranger's point: facts of a period."""
    w.forge(w.own, w.point("foreign"))
    return w.point("foreign") in w.reads("reader_retailer", w.own, "usage_month")


def own_after_past(w: World) -> bool:
    """過去契約 shows the present segment."""
    ticket = open_ticket(w.pools, w.own.proof, "PC10", w.customers["own-past"].code)
    with wearing(w.conn, "reader_retailer"):
        hold(w.conn, ticket)
        upper = run(w.conn, "SELECT upper(valid) FROM points.supply")
        hold(w.conn, None)
    return (None,) in upper


def network_without_ticket(w: World) -> bool:
    """The network's login reads without any ticket."""
    return bool(w.reads("reader_network", None, "place"))


def owner_reads(w: World) -> bool:
    """The owner of the tables reads them."""
    run(w.conn, "SET ROLE owner")
    seen = reads(w.conn)
    run(w.conn, "RESET ROLE")
    return bool(seen)


def same_transaction(w: World) -> bool:
    """Ticket and reading in one transaction, which could then be rolled back."""
    with wearing(w.conn, "ticketer"):
        ticket = open_inside(w.conn, w.own.proof, "CI20", w.customers["own"].code)
    return bool(w.reads("reader_retailer", ticket, "place"))


def anothers_ticket(w: World) -> bool:
    """Another person's ticket with my proof."""
    return bool(w.reads("reader_retailer", w.other, "place", w.own.proof))


def another_login(w: World) -> bool:
    """A retailer's ticket on the network's login."""
    return bool(w.reads("reader_network", w.own, "place"))


def expired(w: World) -> bool:
    """A ticket that has expired."""
    run(w.conn, "UPDATE wall.live_ticket SET expires = clock_timestamp() WHERE receipt = %s", [w.own.receipt])
    return bool(w.reads("reader_retailer", w.own, "place"))


def stamp_column(w: World) -> bool:
    """The stamp, which tells the supplier."""
    return _succeeds(w, "reader_network", "SELECT holder_id FROM points.place")


def account_number(w: World) -> bool:
    """The whole number of a bank account."""
    return _succeeds(w, "reader_network", "SELECT account_no FROM points.bank_mandate")


def live_tickets(w: World) -> bool:
    """Others' tickets."""
    run(w.conn, "SAVEPOINT try")
    run(w.conn, "SET SESSION AUTHORIZATION reader_retailer")
    try:
        return bool(run(w.conn, "SELECT receipt FROM wall.live_ticket"))
    except psycopg.errors.InsufficientPrivilege:
        run(w.conn, "ROLLBACK TO try")
        return False
    finally:
        run(w.conn, "RESET SESSION AUTHORIZATION")


def log_without_ticket(w: World) -> bool:
    """The log, read by the surveyor's login under a ticket for something else."""
    with wearing(w.conn, "surveyor"):
        hold(w.conn, w.own)
        return bool(one(w.conn, "SELECT count(*) FROM log.ticket"))


def changed_record(w: World) -> bool:
    """A record of the log, changed by the functions' owner."""
    run(w.conn, "SAVEPOINT try")
    run(w.conn, "SET ROLE opener")
    try:
        return bool(run(w.conn, "UPDATE log.ticket SET reason = 'x' WHERE receipt = %s RETURNING 1", [w.own.receipt]))
    except psycopg.errors.InsufficientPrivilege:
        run(w.conn, "ROLLBACK TO try")
        return False
    finally:
        run(w.conn, "RESET ROLE")


def lost_by_a_crash(w: World) -> bool:
    """A ticket whose commit does not wait for the disk."""
    run(w.conn, "SET LOCAL synchronous_commit = off")
    with wearing(w.conn, "ticketer"):
        open_inside(w.conn, w.own.proof, "CI20", w.customers["own"].code)
    run(w.conn, "SET CONSTRAINTS ALL IMMEDIATE")
    return bool(one(w.conn, "SHOW synchronous_commit") == "off")


def opens(w: World, proof: Proof, screen: str, *asked: str) -> dict[str, Any] | None:
    """The answer, or None where the wall refuses to open at all."""
    run(w.conn, "SAVEPOINT try")
    try:
        with wearing(w.conn, "ticketer"):
            return open_inside(w.conn, proof, screen, *asked).answer
    except (SignInNeeded, RequestConflict, EnrolmentNeeded):
        run(w.conn, "ROLLBACK TO try")
        run(w.conn, "RESET SESSION AUTHORIZATION")
        return None


def signed_out(w: World) -> bool:
    """A sign-in that was ended."""
    run(w.conn, "UPDATE wall.session SET ended = clock_timestamp() WHERE proof_hash = sha256(%s)", [w.own.proof.secret])
    return opens(w, w.own.proof, "CI20", w.customers["own"].code) is not None


def sign_in_too_old(w: World) -> bool:
    """A sign-in past its twelve hours."""
    run(
        w.conn,
        "UPDATE wall.session SET expires = clock_timestamp() WHERE proof_hash = sha256(%s)",
        [w.own.proof.secret],
    )
    return opens(w, w.own.proof, "CI20", w.customers["own"].code) is not None


def transferred(w: World) -> bool:
    """A sign-in whose appointment has ended."""
    run(
        w.conn,
        "UPDATE wall.appointment SET valid = tstzrange(lower(valid), clock_timestamp()) WHERE id ="
        " (SELECT appointment FROM wall.session WHERE proof_hash = sha256(%s))",
        [w.own.proof.secret],
    )
    return opens(w, w.own.proof, "CI20", w.customers["own"].code) is not None


def appointment_corrected(w: World) -> bool:
    """A sign-in whose appointment was retired as an error."""
    run(
        w.conn,
        "UPDATE wall.appointment SET recorded_to = clock_timestamp() WHERE id ="
        " (SELECT appointment FROM wall.session WHERE proof_hash = sha256(%s))",
        [w.own.proof.secret],
    )
    return opens(w, w.own.proof, "CI20", w.customers["own"].code) is not None


def no_purpose(w: World) -> bool:
    """A network person and a customer for whom no purpose was stated."""
    answer = opens(w, w.network.proof, "CI20", w.customers["own"].code)
    return answer is not None and answer["status"] == "shown"


def one_purpose_for_two(w: World) -> bool:
    """A purpose stated for one customer, used for a second one beside it."""
    answer = opens(w, w.network.proof, "CI20", w.customers["foreign"].code, w.customers["own"].code)
    return answer is not None and answer["status"] == "shown"


def beyond_the_screen(w: World) -> bool:
    """A class that the screen's definition does not have."""
    answer = opens(w, w.own.proof, "KF10", w.customers["own"].code)
    return answer is not None and "F" in answer["grants"]


def a_denial_outvoted(w: World) -> bool:
    """注意情報 for a retailer, by a showing row beside the denying one."""
    run(
        w.conn,
        "INSERT INTO wall.rule (key, duty, relation, view, class, verdict, article, note, valid, since)"
        " SELECT key || '+', duty, relation, view, class, 'show', article, note, valid, since FROM wall.rule"
        " WHERE verdict = 'deny' AND until IS NULL",
    )
    answer = opens(w, w.own.proof, "CI10", w.customers["own"].code)
    return answer is not None and "S" in answer["grants"]


def a_retired_rule(w: World) -> bool:
    """A row that is no longer in the program."""
    run(w.conn, "UPDATE wall.rule SET until = since WHERE class = 'A'")
    answer = opens(w, w.own.proof, "CI20", w.customers["own"].code)
    return answer is not None and "A" in answer["grants"]


def came_from_anothers(w: World) -> bool:
    """A path that was another sign-in's."""
    with wearing(w.conn, "ticketer"):
        tickets = Tickets(here(w.conn))
        answer = tickets.open(asking(w.own.proof, "CI20", came_from=w.other.receipt), [w.customers["own"].code])
    return answer["came_screen"] is not None


def closed_by_another(w: World) -> bool:
    """An outcome written by another sign-in."""
    with wearing(w.conn, "ticketer"):
        answer = one(
            w.conn,
            "SELECT wall.close(%s, %s::date, %s, 0, '{}', '{}', ''::bytea)",
            [w.own.proof.secret, w.other.answer["day"], w.other.receipt],
        )
    return bool(answer == "closed")


def found_by_search(w: World) -> bool:
    """A stranger's point in a search."""
    company = one(w.conn, "SELECT id FROM wall.org WHERE code = 'aoi'")
    found = run(
        w.conn,
        "SELECT point FROM search.find('notice', NULL, %s::int, wall.today(), false, NULL, 100000)",
        [company],
    )
    return (w.point("foreign"),) in found


def found_by_number(w: World) -> bool:
    """A stranger's number in a search: named in the ticket of a retailer."""
    search = Search(list="number", typed=w.customers["foreign"].code, terms=(), after=None)  # fmt: skip
    with wearing(w.conn, "ticketer"):
        answer = Tickets(here(w.conn)).search(asking(w.own.proof, "KS10"), search)
    return bool(one(w.conn, "SELECT count(*) FROM log.subject WHERE receipt = %s", [answer["receipt"]]))


def demo_sign_in(w: World) -> bool:
    """A demo sign-in in a production home."""
    run(w.conn, "UPDATE wall.home SET kind = 'production', shift = '0'")
    return _succeeds(w, "authn", "SELECT wall.sign_in_demo('aoi-clerk', sha256(''))")


def used_link(w: World) -> bool:
    """A one-time link, the second time."""
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.issue_link('aoi-clerk', sha256('token'), 1)")
        used = [one(w.conn, f"SELECT wall.sign_in_by_link('token', sha256('{n}'))") for n in range(2)]
    return bool(used[1])


def _writes(w: World, screen: str, action: str | None, *, expire: bool = False, point: str = "foreign") -> bool:
    """Whether points.record_supply takes a committed ticket of td-intake's."""
    with wearing(w.conn, "authn"):
        secret = Proof.new()
        run(w.conn, "SELECT wall.sign_in_demo('td-intake', sha256(%s))", [secret.secret])
    request = RequestId.new()
    with wearing(w.conn, "ticketer"):
        run(w.conn, "SELECT wall.state_purpose(%s, %s, %s, 'PU10', NULL, %s, 'TOI', 'TOI-1', 1, false)",
            [secret.secret, request.day, request.uuid, w.customers["foreign"].code])  # fmt: skip
        tickets = Tickets(here(w.conn))
        answer = tickets.open(asking(secret, screen), [w.customers["foreign"].code], action)
    # as if it had been committed before
    run(w.conn, "UPDATE wall.live_ticket SET xid = '3' WHERE receipt = %s", [answer["receipt"]])
    if expire:
        run(w.conn, "UPDATE wall.live_ticket SET expires = clock_timestamp() WHERE receipt = %s", [answer["receipt"]])
    with wearing(w.conn, "writer"):
        return _may_write(w, secret, answer["receipt"], w.point(point))


def _may_write(w: World, proof: Proof, receipt: str, point: int) -> bool:
    run(w.conn, "SAVEPOINT try")
    try:
        run(
            w.conn,
            "SELECT points.record_supply(%s, %s, %s, %s, 4, '2026-01-01', NULL, 'x')",
            [proof.secret, RequestId.new().day, receipt, point],
        )
    except psycopg.Error as error:
        run(w.conn, "ROLLBACK TO try")
        # the last step, closing, may still refuse; what is asked here is whether the first one let it pass
        return "the ticket is not open for this" not in str(error)
    return True


def write_by_looking(w: World) -> bool:
    """A change under a ticket for looking at the supplier."""
    return _writes(w, "CI20", None)


def write_expired(w: World) -> bool:
    """A change under an expired ticket."""
    return _writes(w, "SP10", RECORD_SUPPLY_ACTION, expire=True)


def write_elsewhere(w: World) -> bool:
    """A change of a point the ticket does not name."""
    return _writes(w, "SP10", RECORD_SUPPLY_ACTION, point="own")


def _succeeds(w: World, login: str, statement: str) -> bool:
    run(w.conn, "SAVEPOINT try")
    run(w.conn, f"SET SESSION AUTHORIZATION {login}")
    try:
        run(w.conn, statement)
    except psycopg.Error as error:
        if error.sqlstate not in ("42501", "TK404"):
            raise
        run(w.conn, "ROLLBACK TO try")
        return False
    finally:
        if w.conn.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS:
            run(w.conn, "RESET SESSION AUTHORIZATION")
    return True
