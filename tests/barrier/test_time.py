"""Midnight, and what ends: who supplies changes at 00:00 JST, a late job hides, a person's rights end with the
appointment.

The business clock of the home is moved as a superuser would and put back; expiry and the log's days go by the real
clock and are not touched by it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from takuso.accesslog.tickets import RequestId
from takuso.barrier.decide import Asker, Held, decide, relation
from takuso.barrier.deployment import Loader
from takuso.barrier.gate import Gate, Sight, SignInNeeded, Visit
from takuso.barrier.matrix import RULES, DataClass, Duty, Relation, View
from takuso.barrier.signin import Proof, SignIns, UnknownPerson
from takuso.flow.points import queries
from takuso.flow.points.operations import take_due_effects
from takuso.kernel.periods import DatePeriod, jst_day
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.area import AOI, ASAHI, HIKARI, Area, Customer
from tests.barrier.behind import (
    Db,
    hold,
    one,
    open_inside,
    open_ticket,
    reads,
    reads_nothing,
    rolled_back,
    run,
    wearing,
)

JST = ZoneInfo("Asia/Tokyo")
MICROSECOND = timedelta(microseconds=1)
CLERK = {company: Asker(organisation=company, duty=Duty.CLERK) for company in (AOI, ASAHI, HIKARI)}


def _empty(_: Sight) -> bytes:
    return b""


@contextmanager
def _shifted(eyes: Db, shift: timedelta) -> Iterator[None]:
    """The business clock, moved for a while; every point whose supplier changed is put right again after."""
    run(eyes, "UPDATE wall.home SET shift = %s", [shift])
    try:
        yield
    finally:
        run(eyes, "UPDATE wall.home SET shift = '0'")


def _shown(gate: Gate, proof: Proof, code: str, screen: str = "CI20") -> bool:
    return gate.look(Visit(proof=proof, screen=screen), asked=[code], queries=queries.ALL, render=_empty).shown


# ---------------------------------------------------------------------------------------------- the rule
@given(
    midnight=st.dates(date(2016, 4, 2), date(2040, 1, 1)),
    step=st.sampled_from([-MICROSECOND, timedelta(0), MICROSECOND]),
)
@example(midnight=date(2024, 2, 29), step=-MICROSECOND)
@example(midnight=date(2024, 3, 1), step=timedelta(0))
@example(midnight=date(2026, 1, 1), step=timedelta(0))
def test_the_supplier_changes_exactly_at_midnight(midnight: date, step: timedelta) -> None:
    """1 µs before 00:00 JST the old supplier, from 00:00:00.000000 on the new one, and never both."""
    segments = [
        Held(retailer=AOI, period=DatePeriod(start=None, end=midnight)),
        Held(retailer=ASAHI, period=DatePeriod(start=midnight, end=None)),
    ]
    at = datetime.combine(midnight, time(0), JST) + step
    today = jst_day(at)
    holder = AOI if step < timedelta(0) else ASAHI
    for company, asker in CLERK.items():
        stands = relation(asker, segments, View.CURRENT, today)
        assert (stands is Relation.OWN) == (company == holder)
        for data_class in DataClass:
            may = decide(asker, segments, View.CURRENT, data_class, today, RULES).show
            assert may == (company == holder and data_class is not DataClass.CARE)
    old = decide(CLERK[AOI], segments, View.PAST, DataClass.USAGE, today, RULES)
    assert old.show == (holder == ASAHI)


@given(at=st.builds(datetime.fromtimestamp, st.floats(1.46e9, 2.2e9), st.sampled_from([UTC, JST])))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_database_has_the_same_days(eyes: Db, at: datetime) -> None:
    midnight = datetime.combine(at.astimezone(JST).date(), time(0), JST)
    for instant in (at, midnight - MICROSECOND, midnight, midnight + MICROSECOND):
        for zone in ("UTC", "Pacific/Kiritimati", "America/New_York", "Asia/Tokyo"):
            run(eyes, "SELECT set_config('TimeZone', %s, false)", [zone])
            assert one(eyes, "SELECT wall.jst_day(%s)", [instant]) == jst_day(instant)
    run(eyes, "RESET TimeZone")


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Niue"])
def test_the_business_day_is_no_ones_setting(retailer: Db, today: date, zone: str) -> None:
    before = one(retailer, "SELECT wall.today()")
    run(retailer, "SELECT set_config('TimeZone', %s, false)", [zone])
    assert one(retailer, "SELECT wall.today()") == before == today
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(retailer, "UPDATE wall.home SET shift = '1 day'")


# ------------------------------------------------------------------------------- the switch, over a real midnight
def test_each_look_over_midnight_goes_by_its_own_day(
    gate: Gate, area: Area, eyes: Db, aoi: Proof, asahi: Proof, today: date
) -> None:
    """The clock is set half a second before the switch's midnight: old supplier before, nobody after, never the new
    one before its effect; and each answer agrees with the day it names."""
    customer = area.add("outgoing")
    midnight = datetime.combine(today + timedelta(days=1), time(0), JST)
    seen: list[tuple[datetime, date, bool]] = []

    def remember(sight: Sight) -> bytes:
        seen.append((sight.at, sight.today, sight.shown))
        return b""

    with _shifted(eyes, midnight - datetime.now(UTC) - timedelta(seconds=0.5)):
        while not seen or seen[-1][0] < midnight + timedelta(seconds=0.3):
            gate.look(Visit(proof=aoi, screen="CI20"), asked=[customer.code], render=remember)
            assert not _shown(gate, asahi, customer.code)
    assert {shown for at, _, shown in seen if at < midnight} == {True}
    assert {shown for at, _, shown in seen if at >= midnight} == {False}
    assert all(day == jst_day(at) for at, day, _ in seen)


def test_a_late_job_hides_from_both_and_the_effect_shows_it_to_the_new_one(
    gate: Gate, area: Area, eyes: Db, home: Home, pools: Pools, aoi: Proof, asahi: Proof
) -> None:
    customer = area.add("outgoing")
    [point] = customer.points
    assert _shown(gate, aoi, customer.code)
    assert not _shown(gate, asahi, customer.code)
    with _shifted(eyes, timedelta(days=1)):
        # the job has not run: the stamp is yesterday's
        assert not _shown(gate, aoi, customer.code)
        assert not _shown(gate, asahi, customer.code)
        for screen in ("KF10", "CI10", "CI20"):
            assert not _shown(gate, aoi, customer.code, screen)
            assert not _shown(gate, asahi, customer.code, screen)
        assert _shown(gate, aoi, customer.code, "PC10")
        with pools.pool("batch").connection() as batch:
            assert one(batch, "SELECT points.take_effect(%s)", [point]) is True
            assert one(batch, "SELECT points.take_effect(%s)", [point]) is False
        assert not _shown(gate, aoi, customer.code)
        assert _shown(gate, asahi, customer.code)
        assert _shown(gate, aoi, customer.code, "PC10")
    with Loader(home) as loader:
        loader.restamp(customer.points)
    assert _shown(gate, aoi, customer.code)


def test_a_late_job_hides_rows_from_a_ticket_that_is_open(
    area: Area, eyes: Db, pools: Pools, retailer: Db, aoi: Proof
) -> None:
    """The ticket was opened before midnight and still names the point: rows of today's customer no longer come."""
    customer = area.add("outgoing")
    hold(retailer, open_ticket(pools, aoi, "CI20", customer.code))
    state = ("place", "equipment", "meter_install", "party", "contact_note")
    assert all(reads(retailer, table) == set(customer.points) for table in state)
    with _shifted(eyes, timedelta(days=1)):
        assert reads_nothing(retailer, state)
    assert all(reads(retailer, table) == set(customer.points) for table in state)


def test_a_search_over_midnight_finds_neither(gate: Gate, area: Area, eyes: Db, aoi: Proof, asahi: Proof) -> None:
    customer = area.add("outgoing")

    def found(proof: Proof) -> bool:
        seen: list[int] = []

        def render(sight: Sight) -> bytes:
            seen.extend(sight.points)
            return b""

        visit = Visit(proof=proof, screen="KS10")
        gate.search(visit, how="number", term=customer.code, after=None, queries=[], render=render)
        return bool(set(seen) & set(customer.points))

    assert (found(aoi), found(asahi)) == (True, False)
    with _shifted(eyes, timedelta(days=1)):
        assert (found(aoi), found(asahi)) == (False, False)


def test_due_points_are_found_once_each_and_in_order(area: Area, eyes: Db, home: Home, pools: Pools) -> None:
    """The midnight run can be cut off anywhere and taken up again."""
    customers = [area.add("outgoing") for _ in range(3)]
    points = {c.points[0] for c in customers}
    with _shifted(eyes, timedelta(days=1)), pools.pool("batch").connection() as batch:
        due = {point for (point,) in run(batch, "SELECT points.due(10000)")}
        assert points <= due
        done = set(take_due_effects(batch, most=2))
        assert len(done) == 2
        done |= set(take_due_effects(batch, most=10000))
        assert points <= done
        assert run(batch, "SELECT points.due(10000)") == []
    with Loader(home) as loader:
        loader.restamp(sorted(done))
    assert one(eyes, "SELECT count(*) FROM points.stamp_differences() WHERE differing > 0") == 0


@pytest.mark.parametrize("days", [-800, -1, 1, 800])
def test_the_log_and_expiry_go_by_the_real_clock(
    gate: Gate, eyes: Db, aoi: Proof, customers: dict[str, Customer], days: int
) -> None:
    with _shifted(eyes, timedelta(days=days)):
        released = gate.look(Visit(proof=aoi, screen="MN00"), render=_empty)
    [(day, at, business_at)] = run(
        eyes, "SELECT day, at, business_at FROM log.ticket WHERE receipt = %s", [released.receipt]
    )
    assert day == RequestId.new().day
    assert abs(business_at - at - timedelta(days=days)) < timedelta(seconds=1)


def test_a_production_homes_clock_cannot_be_moved(behind: Db) -> None:
    run(behind, "UPDATE wall.home SET kind = 'production', shift = '0'")
    with pytest.raises(psycopg.errors.CheckViolation):
        run(behind, "UPDATE wall.home SET shift = '1 second'")


# ---------------------------------------------------------------------------------------------- people
class People:
    """Appoints new persons; every one has a code nobody else has."""

    def __init__(self, home: Home, eyes: Db) -> None:
        self.home, self.eyes = home, eyes

    def appoint(self, *appointments: tuple[int, str, timedelta | None, timedelta | None]) -> str:
        """A person with appointments (company, duty, from, to), times from now, None = open. Returns the code."""
        number = one(self.eyes, "SELECT max(id) + 1 FROM wall.person")
        now = datetime.now(UTC)
        with Loader(self.home) as loader:
            loader.load("wall.person", [{"id": number, "code": f"person-{number}", "name": "異動する人"}])
            for company, duty, since, until in appointments:
                bounds = [now + t if t is not None else "" for t in (since, until)]
                valid = f"[{bounds[0]},{bounds[1]})"
                loader.load(
                    "wall.appointment",
                    [{"person": number, "employer": company, "principal": None, "duty": duty, "valid": valid}],
                )
        return f"person-{number}"


@pytest.fixture
def people(home: Home, eyes: Db) -> People:
    """Appoints new persons."""
    return People(home, eyes)


YEAR, SECOND = timedelta(days=365), timedelta(seconds=1)


def test_an_appointment_that_ended_a_second_ago(
    gate: Gate, people: People, signins: SignIns, eyes: Db, customers: dict[str, Customer]
) -> None:
    person = people.appoint((AOI, "retail.clerk", -YEAR, YEAR))
    proof = signins.by_demo(person)
    assert _shown(gate, proof, customers["own"].code)
    run(
        eyes,
        "UPDATE wall.appointment SET valid = tstzrange(lower(valid), clock_timestamp() - interval '1 second')"
        " WHERE person = (SELECT id FROM wall.person WHERE code = %s)",
        [person],
    )
    for screen in ("CI20", "MN00"):
        with pytest.raises(SignInNeeded):
            gate.look(Visit(proof=proof, screen=screen), asked=[customers["own"].code], render=_empty)
    assert signins.who(proof) is None
    with pytest.raises(UnknownPerson):
        signins.by_demo(person)


@pytest.mark.parametrize(
    ("since", "until"), [(SECOND * 60, YEAR), (-YEAR, -SECOND), (-YEAR, -YEAR / 2)], ids=["tomorrow", "just", "long"]
)
def test_nobody_signs_in_outside_an_appointment(
    people: People, signins: SignIns, since: timedelta, until: timedelta
) -> None:
    person = people.appoint((AOI, "retail.clerk", since, until))
    with pytest.raises(UnknownPerson):
        signins.by_demo(person)
    with pytest.raises(UnknownPerson):
        signins.issue_link(person)


def test_a_transfer_at_midnight(
    gate: Gate, people: People, signins: SignIns, eyes: Db, customers: dict[str, Customer]
) -> None:
    """From the network company to the affiliate: the sign-in ends, and the new one has nothing of the old."""
    person = people.appoint(
        (1, "network.contact", -YEAR, timedelta(hours=30)), (AOI, "retail.clerk", timedelta(hours=30), None)
    )
    before = signins.by_demo(person)
    gate.state_purpose(
        Visit(proof=before, screen="PU10"), code="TOI", reference="TOI-1", scope=customers["foreign"].code
    )
    assert _shown(gate, before, customers["foreign"].code)
    with _shifted(eyes, timedelta(hours=31)):
        with pytest.raises(SignInNeeded):
            _shown(gate, before, customers["foreign"].code)
        after = signins.by_demo(person)
        viewer = signins.who(after)
        assert viewer is not None
        assert (viewer.organisation_code, viewer.duty) == ("aoi", Duty.CLERK)
        assert not _shown(gate, after, customers["foreign"].code)
        with pytest.raises(SignInNeeded):
            _shown(gate, before, customers["own"].code)
    # back on the day before, the new sign-in is not yet one
    with pytest.raises(SignInNeeded):
        _shown(gate, after, customers["own"].code)
    assert _shown(gate, before, customers["foreign"].code)


def test_two_appointments_at_once_are_no_sign_in(people: People, signins: SignIns) -> None:
    """Never a union of two companies' rights: who has two must be told apart first."""
    person = people.appoint((AOI, "retail.clerk", -YEAR, None), (ASAHI, "retail.clerk", -YEAR, None))
    with pytest.raises(UnknownPerson):
        signins.by_demo(person)


def test_an_appointment_entered_by_mistake_and_corrected(
    gate: Gate, people: People, signins: SignIns, eyes: Db, customers: dict[str, Customer]
) -> None:
    person = people.appoint((AOI, "retail.clerk", -YEAR, None))
    proof = signins.by_demo(person)
    run(
        eyes,
        "UPDATE wall.appointment SET recorded_to = clock_timestamp()"
        " WHERE person = (SELECT id FROM wall.person WHERE code = %s)",
        [person],
    )
    with pytest.raises(SignInNeeded):
        _shown(gate, proof, customers["own"].code)


@pytest.mark.parametrize("column", ["ended", "expires"])
def test_a_sign_in_that_is_over(gate: Gate, aoi: Proof, eyes: Db, customers: dict[str, Customer], column: str) -> None:
    assert _shown(gate, aoi, customers["own"].code)
    run(eyes, f"UPDATE wall.session SET {column} = clock_timestamp() WHERE proof_hash = sha256(%s)", [aoi.secret])
    with pytest.raises(SignInNeeded):
        _shown(gate, aoi, customers["own"].code)


def test_a_rule_counts_on_its_days_alone(admin: str, aoi: Proof, customers: dict[str, Customer]) -> None:
    """A row of the matrix is valid in JST days: one that ended yesterday, or begins tomorrow, grants nothing."""
    code = customers["own"].code
    for valid, may in (("[2016-04-01,)", True), ("[2016-04-01,today)", False), ("[tomorrow,)", False)):
        with rolled_back(admin) as behind:
            day = one(behind, "SELECT wall.today()")
            bounds = valid.replace("today", str(day)).replace("tomorrow", str(day + timedelta(days=1)))
            run(behind, "UPDATE wall.rule SET valid = %s WHERE duty = 'retail.clerk' AND class = 'A'", [bounds])
            with wearing(behind, "ticketer"):
                grants = open_inside(behind, aoi, "CI20", code).answer["grants"]
            assert ("A" in grants) == may
            assert "B" in grants
