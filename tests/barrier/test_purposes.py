"""利用目的: it ends, it is borne out only by a case open now and of this customer, and it is one customer's."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from takuso.accesslog.tickets import RequestConflict
from takuso.barrier.deployment import Loader
from takuso.barrier.gate import Gate, PurposeNeeded, PurposeRefused, PurposeStated, Sight, Visit
from takuso.barrier.signin import Proof
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.area import Customer
from tests.barrier.behind import Db, one, open_ticket, run
from tests.barrier.sights import state

_serial = itertools.count(1)
HOUR = timedelta(hours=1)


def _page(_: Sight) -> bytes:
    return b""


def _look(gate: Gate, proof: Proof, code: str) -> bool:
    return gate.look(Visit(proof=proof, screen="CI20"), asked=[code], render=_page).shown


def _search(gate: Gate, proof: Proof) -> None:
    visit = Visit(proof=proof, screen="KS10")
    gate.search(visit, how="number", term="9" * 14, after=None, queries=[], render=_page)


def _case(home: Home, customer: str | None, opened: timedelta, closed: timedelta | None) -> str:
    """A new call, opened and closed this long from now. Its reference."""
    now, reference = datetime.now(UTC), f"CASE-{next(_serial)}"
    row = {
        "reference": reference,
        "kind": "call",
        "customer_code": customer,
        "opened_at": (now + opened).isoformat(),
        "closed_at": None if closed is None else (now + closed).isoformat(),
    }
    with Loader(home) as loader:
        loader.load("wall.cases", [row])
    return reference


def _state(gate: Gate, proof: Proof, scope: str, reference: str) -> PurposeStated:
    return gate.state_purpose(Visit(proof=proof, screen="PU10"), code="TOI", reference=reference, scope=scope)


def _expires_in(eyes: Db, stated: PurposeStated, seconds: int) -> None:
    """As if it had been stated earlier: what is left of it."""
    [_] = run(
        eyes,
        "UPDATE wall.stated_purpose SET expires = clock_timestamp() + make_interval(secs => %s)"
        " WHERE receipt = %s RETURNING 1",
        [seconds, stated.receipt],
    )


@pytest.mark.parametrize(("left", "holds"), [(60, True), (0, False), (-1, False), (-100_000, False)])
def test_a_purpose_ends(
    gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db, left: int, holds: bool
) -> None:
    proof, code = sign_in("td-contact"), customers["own"].code
    stated = _state(gate, proof, code, "TOI-1")
    assert _look(gate, proof, code)
    _expires_in(eyes, stated, left)
    if holds:
        assert _look(gate, proof, code)
        return
    with pytest.raises(PurposeNeeded) as needed:
        _look(gate, proof, code)
    record = "SELECT decision, purpose_code, purpose_receipt FROM log.ticket WHERE receipt = %s"
    assert run(eyes, record, [needed.value.receipt]) == [("purpose-needed", None, None)]
    # stated anew it holds again
    _state(gate, proof, code, "TOI-1")
    assert _look(gate, proof, code)


def test_the_purpose_of_lists_ends(gate: Gate, sign_in: Callable[[str], Proof], eyes: Db) -> None:
    proof = sign_in("td-contact")

    def search() -> None:
        gate.search(
            Visit(proof=proof, screen="KS10"), how="number", term="9" * 14, after=None, queries=[], render=_page
        )

    stated = _state(gate, proof, "*", "TOI-1")
    search()
    _expires_in(eyes, stated, 0)
    with pytest.raises(PurposeNeeded):
        search()


@pytest.mark.parametrize(
    ("opened", "closed", "verified"),
    [
        (-HOUR, None, True),
        (-HOUR, HOUR, True),
        (-2 * HOUR, -HOUR, False),
        (-2 * HOUR, timedelta(0), False),
        (HOUR, None, False),
        (HOUR, 2 * HOUR, False),
    ],
)
@pytest.mark.parametrize("of_this_customer", [True, False])
def test_a_case_bears_out_while_it_is_open(
    home: Home,
    gate: Gate,
    sign_in: Callable[[str], Proof],
    customers: dict[str, Customer],
    opened: timedelta,
    closed: timedelta | None,
    verified: bool,
    of_this_customer: bool,
) -> None:
    code = customers["own"].code
    reference = _case(home, code if of_this_customer else None, opened, closed)
    assert _state(gate, sign_in("td-contact"), code, reference).verified is verified


def test_a_case_of_one_customer_bears_out_no_other(
    home: Home, gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db
) -> None:
    proof, reference = sign_in("td-contact"), _case(home, customers["own"].code, -HOUR, None)
    mine = _state(gate, proof, customers["own"].code, reference)
    strange = _state(gate, proof, customers["foreign"].code, reference)
    assert (mine.verified, strange.verified) == (True, False)
    for stated in (mine, strange):
        assert one(eyes, "SELECT verified FROM log.purpose WHERE receipt = %s", [stated.receipt]) is stated.verified


def test_lists_need_an_open_case_of_no_one_customer(
    home: Home, gate: Gate, sign_in: Callable[[str], Proof], customers: dict[str, Customer], eyes: Db
) -> None:
    """An invented number, a closed call or one customer's call does not open everybody's list."""
    proof = sign_in("td-contact")
    references = (
        "no such call",
        _case(home, None, -2 * HOUR, -HOUR),
        _case(home, None, HOUR, None),
        _case(home, customers["own"].code, -HOUR, None),
    )
    for reference in references:
        with pytest.raises(PurposeRefused):
            _state(gate, proof, "*", reference)
        with pytest.raises(PurposeNeeded):
            _search(gate, proof)
    assert _state(gate, proof, "*", _case(home, None, -HOUR, None)).verified


def test_a_purpose_covers_its_own_customer_alone(
    gate: Gate, pools: Pools, sign_in: Callable[[str], Proof], customers: dict[str, Customer]
) -> None:
    """Neither another customer nor two on one ticket, even where both were stated."""
    proof, one_code, other_code = sign_in("td-contact"), customers["own"].code, customers["foreign"].code
    state(gate, proof, one_code)
    with pytest.raises(PurposeNeeded):
        _look(gate, proof, other_code)
    state(gate, proof, other_code)
    assert _look(gate, proof, other_code)
    with pytest.raises(RequestConflict):
        open_ticket(pools, proof, "CI20", one_code, other_code)


def test_fifty_subjects_at_most(pools: Pools, aoi: Proof, customers: dict[str, Customer], eyes: Db) -> None:
    strangers = [f"99{n:012d}" for n in range(50)]
    ticket = open_ticket(pools, aoi, "CI20", customers["own"].code, *strangers[:49])
    assert one(eyes, "SELECT count(*) FROM log.subject WHERE receipt = %s", [ticket.receipt]) == 50
    with pytest.raises(RequestConflict):
        open_ticket(pools, aoi, "CI20", customers["own"].code, *strangers)
