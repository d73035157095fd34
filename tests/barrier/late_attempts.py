"""Attempts that come too late, too early or for too many, each of which one guard alone stops: True where it got
through. Like those of `attempts`, they run in one superuser's transaction that is rolled back.
"""

from collections.abc import Callable
from datetime import timedelta

from takuso.accesslog.tickets import RequestId, Search, Tickets
from takuso.barrier.signin import Proof
from tests.barrier.attempts import World, opens
from tests.barrier.behind import Ticket, asking, here, hold, one, open_inside, run, wearing


def purpose_expired(w: World) -> bool:
    """A purpose past its hours."""
    run(w.conn, "UPDATE wall.stated_purpose SET expires = clock_timestamp() WHERE scope = %s", [_foreign(w)])
    answer = opens(w, w.network.proof, "CI20", _foreign(w))
    return answer is not None and answer["status"] == "shown"


def link_expired(w: World) -> bool:
    """A one-time link past its hours."""
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.issue_link('aoi-clerk', sha256('token'), 1)")
    run(w.conn, "UPDATE wall.one_time_link SET expires = clock_timestamp() WHERE token_hash = sha256('token')")
    with wearing(w.conn, "authn"):
        return bool(one(w.conn, "SELECT wall.sign_in_by_link('token', sha256('proof'))"))


def link_for_a_year(w: World) -> bool:
    """A one-time link that is asked to last a year."""
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.issue_link('aoi-clerk', sha256('token'), 8760)")
    lasts = one(w.conn, "SELECT expires - issued FROM wall.one_time_link WHERE token_hash = sha256('token')")
    return bool(lasts > timedelta(hours=73))


def _stated(w: World, scope: str, case: str | None, *, customer: str | None = None) -> bool:
    """Whether a purpose stated for this scope is taken and counts as borne out; `case`: its period, None for none."""
    if case is not None:
        run(
            w.conn,
            "INSERT INTO wall.cases (reference, kind, customer_code, opened_at, closed_at)"
            " SELECT 'the case', 'call', %s, lower(p), upper(p) FROM (SELECT %s::tstzrange) c(p)",
            [customer, case],
        )
    request = RequestId.new()
    with wearing(w.conn, "ticketer"):
        answer = one(w.conn, "SELECT wall.state_purpose(%s, %s, %s, 'PU10', NULL, %s, 'TOI', 'the case', 1, false)",
                     [w.network.proof.secret, request.day, request.uuid, scope])  # fmt: skip
    return bool(answer.get("verified"))


def case_closed(w: World) -> bool:
    """A purpose that rests on a call of long ago."""
    return _stated(w, _foreign(w), "[2020-01-01, 2020-01-02)")


def case_not_yet_open(w: World) -> bool:
    """A purpose that rests on a work order of next year."""
    return _stated(w, _foreign(w), "[2199-01-01,)")


def case_of_another(w: World) -> bool:
    """A purpose that rests on another customer's call."""
    return _stated(w, _foreign(w), "[2020-01-01,)", customer=w.customers["own"].code)


def list_without_a_case(w: World) -> bool:
    """Everybody's list, for a number that was made up."""
    _stated(w, "*", None)
    return bool(one(w.conn, "SELECT count(*) FROM wall.stated_purpose WHERE scope = '*' AND reference = 'the case'"))


def listed_by_what_is_hidden(w: World) -> bool:
    """The list of mandate notices, for a duty that sees no mandates."""
    run(w.conn, "INSERT INTO wall.cases (reference, kind, opened_at) VALUES ('the case', 'call', '2020-01-01')")
    assert _stated(w, "*", None)
    search = Search(list="notice", typed="", terms=(), after=None)
    with wearing(w.conn, "ticketer"):
        answer = Tickets(here(w.conn)).search(asking(w.network.proof, "KF00"), search)
    return bool(one(w.conn, "SELECT count(*) FROM log.subject WHERE receipt = %s", [answer["receipt"]]))


def two_on_one_ticket(w: World) -> bool:
    """Two customers of the network company's on a ticket that carries the purpose of the first."""
    _stated(w, w.customers["own"].code, None)
    answer = opens(w, w.network.proof, "CI20", _foreign(w), w.customers["own"].code)
    return answer is not None and answer["status"] == "shown"


def fifty_one(w: World) -> bool:
    """More customers than a page has."""
    return opens(w, w.own.proof, "CI20", w.customers["own"].code, *(f"99{n:012d}" for n in range(50))) is not None


def future_of_ones_own(w: World) -> bool:
    """A supply that comes back later, seen before it has begun."""
    with wearing(w.conn, "ticketer"):
        ticket = open_inside(w.conn, w.own.proof, "CI20", w.customers["own-then-back"].code)
    # as if it had been committed before
    run(w.conn, "UPDATE wall.live_ticket SET xid = '3' WHERE receipt = %s", [ticket.receipt])
    with wearing(w.conn, "reader_retailer"):
        hold(w.conn, ticket)
        begins = run(w.conn, "SELECT lower(valid) > wall.today() FROM points.supply")
        hold(w.conn, None)
    assert begins, "the supply of today is not shown either"
    return (True,) in begins


def still_own(w: World) -> bool:
    """A customer lost today, on a stamp that is a day late."""
    run(w.conn, "UPDATE wall.home SET shift = '1 day'")
    answer = opens(w, w.own.proof, "CI20", w.customers["outgoing"].code)
    return answer is not None and answer["status"] == "shown"


def _found(w: World, kind: str, days: int) -> bool:
    company = one(w.conn, "SELECT id FROM wall.org WHERE code = 'aoi'")
    found = run(
        w.conn,
        "SELECT point FROM search.find('notice', NULL, %s::int, wall.today() + %s, false, NULL, 100000)",
        [company, days],
    )
    return (w.point(kind),) in found


def found_after(w: World) -> bool:
    """A former customer in a search, on the day the stamp is late."""
    assert _found(w, "outgoing", 0)
    return _found(w, "outgoing", 1)


def found_before(w: World) -> bool:
    """A customer in a search, on the day before the supply begins."""
    assert _found(w, "gained-today", 0)
    return _found(w, "gained-today", -1)


def number_found_after(w: World) -> bool:
    """A former customer's number in a search, on the day the stamp is late."""
    run(w.conn, "UPDATE wall.home SET shift = '1 day'")
    search = Search(list="number", typed=w.customers["outgoing"].code, terms=(), after=None)
    with wearing(w.conn, "ticketer"):
        answer = Tickets(here(w.conn)).search(asking(w.own.proof, "KS10"), search)
    return bool(one(w.conn, "SELECT count(*) FROM log.subject WHERE receipt = %s", [answer["receipt"]]))


def _answers(w: World, login: str, question: str, ticket: Ticket, proof: Proof | None = None) -> bool:
    """Whether a function of the policies tells anything."""
    with wearing(w.conn, login):
        hold(w.conn, ticket, proof)
        try:
            return bool(one(w.conn, f"SELECT coalesce(({question})::text, '{{}}') <> '{{}}'"))
        finally:
            hold(w.conn, None)


def asked_with_my_proof(question: str) -> Callable[[World], bool]:
    """What another person's ticket allows."""
    return lambda w: _answers(w, "reader_retailer", question, w.other, w.own.proof)


def asked_by_another_login(question: str) -> Callable[[World], bool]:
    """What a retailer's ticket allows, on the network's login."""
    return lambda w: _answers(w, "reader_network", question, w.own)


def asked_too_late(question: str) -> Callable[[World], bool]:
    """What an expired ticket allows."""

    def attempt(w: World) -> bool:
        run(w.conn, "UPDATE wall.live_ticket SET expires = clock_timestamp() WHERE receipt = %s", [w.own.receipt])
        return _answers(w, "reader_retailer", question, w.own)

    return attempt


def asked_at_once(question: str) -> Callable[[World], bool]:
    """What a ticket of the same transaction allows."""

    def attempt(w: World) -> bool:
        with wearing(w.conn, "ticketer"):
            ticket = open_inside(w.conn, w.own.proof, "CI20", w.customers["own"].code)
        return _answers(w, "reader_retailer", question, ticket)

    return attempt


def _foreign(w: World) -> str:
    """The customer for whom td-contact has stated a purpose."""
    return w.customers["foreign"].code
