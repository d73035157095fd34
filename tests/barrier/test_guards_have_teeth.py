"""Every guard, taken away, lets something through; and the start check sees that it is gone.

Each case is one superuser's transaction that is rolled back: the attempt fails, one guard is removed, the same
attempt succeeds, and the check of the catalogue turns red. A guard without an attempt that it alone stops would be
a guard nobody needs, or a test that cannot fail.
"""

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest

from takuso.barrier.catalogue import catalogue_findings
from takuso.barrier.gate import Gate
from takuso.barrier.signin import Proof
from takuso.main import house
from takuso.store.pools import Pools
from tests.area import Customer
from tests.barrier import attempts, late_attempts, sign_in_attempts
from tests.barrier.attempts import World
from tests.barrier.behind import Db, Ticket, one, open_ticket, run, without
from tests.barrier.sights import state

TEXTS = [file.read_text(encoding="utf-8") for file in house().functions]


@pytest.fixture
def world(
    behind: Db, pools: Pools, gate: Gate, own: Ticket, other: Ticket, customers: dict[str, Customer],
    sign_in: Callable[[str], Proof],
) -> World:  # fmt: skip
    """Three committed tickets and a transaction."""
    contact = sign_in("td-contact")
    state(gate, contact, customers["foreign"].code)
    network = open_ticket(pools, contact, "CI20", customers["foreign"].code)
    return World(conn=behind, pools=pools, own=own, other=other, network=network, customers=customers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What stops an attempt. `sql` removes it, or `cut`: conditions to take out of functions."""

    attempt: Callable[[World], bool]
    sql: tuple[str, ...] = ()
    cut: tuple[tuple[str, str], ...] = ()


_XID = "AND t.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()"
_PROOF = "AND t.proof_hash = sha256(decode(nullif(current_setting('wall.proof', true), ''), 'hex'))"
_LOGIN = "AND t.login = session_user::text"
_EXPIRY = "AND t.expires > clock_timestamp()"
_TODAY = "AND p.held_from <= m.today AND m.today < p.held_to"
_ASKED = ("wall.granted", "wall.viewer_org")
_ADMIT, _SETTLE, _PURPOSE, _MAY_WRITE = "wall.admit", "wall.settle", "wall.with_purpose", "wall.may_write"
_OPEN, _SEARCH, _FIND, _STATE = "wall.open", "wall.open_search", "search.find", "wall.state_purpose"
_LINK, _EXTERNAL = "wall.sign_in_by_link", "wall.sign_in_by_external"
_PASSKEY = "wall.sign_in_by_passkey"
_CONFIRMS = "wall.owner_confirms(i.person, i.began, p_old, p_terminal)"


# Each function of the policies by itself: what it tells when it is asked directly.
_QUESTIONS = {
    "wall.granted": "SELECT wall.granted('A')",
    "wall.granted_spans": "SELECT wall.granted_spans('D')",
    "wall.viewer_org": "SELECT wall.viewer_org()",
}


def _both(condition: str) -> tuple[tuple[str, str], ...]:
    return tuple((function, condition) for function in _ASKED)


GUARDS = {
    "holder policy, state": Guard(attempt=attempts.forged_state, sql=("DROP POLICY holder ON points.place",)),
    "holder policy, today": Guard(
        attempt=attempts.forged_past_state,
        sql=("ALTER POLICY holder ON points.place USING (holder_id = (SELECT wall.viewer_org()))",),
    ),
    "holder policy, period": Guard(attempt=attempts.forged_period, sql=("DROP POLICY holder ON points.usage_month",)),
    "period of the ticket": Guard(
        attempt=attempts.own_after_past,
        sql=("ALTER POLICY ticket ON points.supply USING (point = ANY ((SELECT wall.granted('D'))::bigint[]))",),
    ),
    "ticket policy": Guard(
        attempt=attempts.network_without_ticket, sql=("ALTER POLICY ticket ON points.place USING (true)",)
    ),
    "row security": Guard(
        attempt=attempts.network_without_ticket, sql=("ALTER TABLE points.place DISABLE ROW LEVEL SECURITY",)
    ),
    "forced on the owner": Guard(
        attempt=attempts.owner_reads, sql=("ALTER TABLE points.place NO FORCE ROW LEVEL SECURITY",)
    ),
    "another transaction": Guard(attempt=attempts.same_transaction, cut=_both(_XID)),
    "the proof": Guard(attempt=attempts.anothers_ticket, cut=_both(_PROOF)),
    "the login": Guard(attempt=attempts.another_login, cut=_both(_LOGIN)),
    "the expiry": Guard(attempt=attempts.expired, cut=_both(_EXPIRY)),
    "no right on stamps": Guard(
        attempt=attempts.stamp_column, sql=("GRANT SELECT (holder_id) ON points.place TO reader_network",)
    ),
    "no right on account numbers": Guard(
        attempt=attempts.account_number, sql=("GRANT SELECT (account_no) ON points.bank_mandate TO reader_network",)
    ),
    "no right on tickets": Guard(
        attempt=attempts.live_tickets,
        sql=(
            "GRANT SELECT ON wall.live_ticket TO reader_retailer",
            "CREATE POLICY look ON wall.live_ticket FOR SELECT TO reader_retailer USING (true)",
        ),
    ),
    "log policy": Guard(
        attempt=attempts.log_without_ticket, sql=("ALTER POLICY compliance ON log.ticket USING (true)",)
    ),
    "log ticket": Guard(
        attempt=attempts.log_without_ticket,
        cut=(
            ("wall.log_granted", "AND t.kind = 'log'"),
            ("wall.log_granted", "AND t.action = 'log.read'"),
            ("wall.log_granted", _LOGIN),
        ),
    ),
    "append-only": Guard(
        attempt=attempts.changed_record,
        sql=(
            "GRANT UPDATE ON log.ticket TO opener",
            "CREATE POLICY change ON log.ticket FOR UPDATE TO opener USING (true)",
        ),
    ),
    "durable commit": Guard(attempt=attempts.lost_by_a_crash, sql=("ALTER TABLE log.ticket DISABLE TRIGGER durable",)),
    "sign-in not ended": Guard(attempt=attempts.signed_out, cut=((_ADMIT, "AND s.ended IS NULL"),)),
    "sign-in not too old": Guard(attempt=attempts.sign_in_too_old, cut=((_ADMIT, "AND s.expires > m.at"),)),
    "appointment of this moment": Guard(attempt=attempts.transferred, cut=((_ADMIT, "AND a.valid @> m.business_at"),)),
    "appointment as now recorded": Guard(
        attempt=attempts.appointment_corrected, cut=((_ADMIT, "a.recorded_to = 'infinity' AND"),)
    ),
    "a purpose": Guard(attempt=attempts.no_purpose, cut=((_PURPOSE, "m.organisation_kind <> 'network'=>true"),)),
    "classes of the screen": Guard(
        attempt=attempts.beyond_the_screen, cut=((_SETTLE, "AND r.class = ANY (m.screen_classes)"),)
    ),
    "a denial wins": Guard(
        attempt=attempts.a_denial_outvoted,
        cut=((_SETTLE, "bool_and(r.verdict = 'show')=>bool_or(r.verdict = 'show')"),),
    ),
    "rules in force": Guard(attempt=attempts.a_retired_rule, cut=((_SETTLE, "AND r.until IS NULL"),)),
    "the path is one's own": Guard(attempt=attempts.came_from_anothers, cut=((_ADMIT, "AND t.session = $2"),)),
    "closing is one's own": Guard(
        attempt=attempts.closed_by_another,
        cut=(("wall.close", "AND proof_hash = sha256(p_proof)"),),
    ),
    "a search is one's own": Guard(attempt=attempts.found_by_search, cut=((_FIND, "p_org IS NOT NULL=>false"),)),
    "a search is by what one sees": Guard(
        attempt=late_attempts.listed_by_what_is_hidden,
        cut=((_SEARCH, "AND k.class = ANY (v_seen)"),),
    ),
    "a number is one's own": Guard(
        attempt=attempts.found_by_number,
        cut=(
            (_SEARCH, "OR (p.holder_id = m.organisation AND p.held_from <= m.today AND m.today < p.held_to)=>OR true"),
        ),
    ),
    "demo sign-ins in demo homes": Guard(
        attempt=attempts.demo_sign_in, cut=(("wall.sign_in_demo", "IS DISTINCT FROM 'demo'=>IS NULL"),)
    ),
    "a code counts once": Guard(
        attempt=sign_in_attempts.code_again,
        cut=(("wall.use_second", "AND last_step < p_step=>AND p_step IS NOT NULL"),),
    ),
    "a recovery code counts once": Guard(
        attempt=sign_in_attempts.recovery_code_again, cut=(("wall.use_second", "AND used IS NULL"),)
    ),
    "failures pause": Guard(
        attempt=sign_in_attempts.sixth_guess,
        cut=(("wall.sign_in_paused", "v_failures >= l.per_person=>v_failures >= 1000"),),
    ),
    "failures of a terminal pause": Guard(
        attempt=sign_in_attempts.guesses_at_many, cut=(("wall.sign_in_paused", ">= l.per_terminal=>>= 100000"),)
    ),
    "a password needs its second factor": Guard(
        attempt=sign_in_attempts.password_alone,
        cut=(("wall.sign_in_by_password", "IF wall.use_second(v_person, p_step, p_recovery) THEN=>IF true THEN"),),
    ),
    "a second factor needs its password": Guard(
        attempt=sign_in_attempts.code_alone,
        cut=(("wall.sign_in_by_password", "AND wall.password_fits(v_person, p_derived)"),),
    ),
    "a change asks for the password": Guard(
        attempt=sign_in_attempts.change_without_password,
        cut=(("wall.owner_confirms", "NOT v_paused AND wall.password_fits(p_person, p_derived)=>NOT v_paused"),),
    ),
    "a sign-in is ended by its owner": Guard(
        attempt=sign_in_attempts.end_of_a_stranger,
        cut=(
            (
                "wall.close_sessions",
                "s.appointment IN (SELECT a.id FROM wall.appointment a WHERE a.person = p_person)=>true",
            ),
        ),
    ),
    "in production one enrols first": Guard(
        attempt=sign_in_attempts.look_before_enrolment, cut=((_ADMIT, "wall.must_enrol(m.session, m.person)=>false"),)
    ),
    "a way back counts once": Guard(
        attempt=sign_in_attempts.round_again, cut=(("wall.use_external_round", "RETURN FOUND=>RETURN true"),)
    ),
    "a way back ends": Guard(
        attempt=sign_in_attempts.late_round,
        cut=(("wall.use_external_round", "p_expires <= clock_timestamp() THEN=>false THEN"),),
    ),
    "an account is taken back": Guard(
        attempt=sign_in_attempts.account_taken_back, cut=((_EXTERNAL, "AND e.recorded_to = 'infinity'"),)
    ),
    "what a taken back account opened is closed": Guard(
        attempt=sign_in_attempts.sign_in_of_a_taken_back_account,
        cut=(("wall.unlink_external", "PERFORM wall.close_sessions(i.person, i.session, NULL);"),),
    ),
    "a reset takes the account back": Guard(
        attempt=sign_in_attempts.account_after_a_reset,
        cut=(("wall.reset_link", "WHERE person = v_person AND recorded_to = 'infinity'=>WHERE false"),),
    ),
    "a pause holds for accounts": Guard(
        attempt=sign_in_attempts.account_in_a_pause,
        cut=((_EXTERNAL, "wall.sign_in_paused(v_person, p_claimed, p_terminal)=>false"),),
    ),
    "an account ends the former sign-in": Guard(
        attempt=sign_in_attempts.former_sign_in, cut=((_EXTERNAL, "WHERE proof_hash = p_former AND=>WHERE false AND"),)
    ),
    "an account is added with the password": Guard(
        attempt=sign_in_attempts.account_without_password,
        cut=(("wall.link_external", f"{_CONFIRMS}=>true"),),
    ),
    "an account is taken back with the password": Guard(
        attempt=sign_in_attempts.taking_back_without_password,
        cut=(("wall.unlink_external", f"{_CONFIRMS}=>true"),),
    ),
    "an account is added after enrolment": Guard(
        attempt=sign_in_attempts.account_before_enrolment,
        cut=(("wall.link_external", "wall.must_enrol(i.session, i.person)=>false"),),
    ),
    "a copied device is behind": Guard(
        attempt=sign_in_attempts.copied_device,
        cut=(("wall.use_passkey", "AND (p_count > count OR (p_count = 0 AND count = 0))"),),
    ),
    "a question is answered once": Guard(
        attempt=sign_in_attempts.question_again, cut=((_PASSKEY, "v_fresh AND v_appointment=>v_appointment"),)
    ),
    "a passkey needs its password": Guard(
        attempt=sign_in_attempts.passkey_alone, cut=((_PASSKEY, "AND wall.password_fits(v_person, p_derived)"),)
    ),
    "a pause holds for passkeys": Guard(
        attempt=sign_in_attempts.passkey_in_a_pause,
        cut=((_PASSKEY, "wall.sign_in_paused(v_person, p_claimed, p_terminal)=>false"),),
    ),
    "a device is one person's": Guard(
        attempt=sign_in_attempts.device_of_another,
        cut=(("wall.use_passkey", "person = p_person AND credential=>credential"),),
    ),
    "a device is registered with the password": Guard(
        attempt=sign_in_attempts.device_without_password, cut=(("wall.add_passkey", f"{_CONFIRMS}=>true"),)
    ),
    "five devices": Guard(attempt=sign_in_attempts.sixth_device, cut=(("wall.add_passkey", ">= 5=>>= 50"),)),
    "a device is removed with the password": Guard(
        attempt=sign_in_attempts.removing_without_password, cut=(("wall.remove_passkey", f"{_CONFIRMS}=>true"),)
    ),
    "the last second factor stays": Guard(
        attempt=sign_in_attempts.last_device, cut=(("wall.remove_passkey", "RETURN 'last';=>NULL;"),)
    ),
    "a reset removes devices": Guard(
        attempt=sign_in_attempts.device_after_a_reset,
        cut=(("wall.reset_link", "DELETE FROM wall.passkey WHERE person = v_person;"),),
    ),
    "a link counts once": Guard(attempt=attempts.used_link, cut=((_LINK, "AND used IS NULL"),)),
    "writing is not looking": Guard(
        attempt=attempts.write_by_looking,
        cut=(
            (_MAY_WRITE, "AND t.kind = 'write' AND t.action = p_action"),
            (_MAY_WRITE, "AND t.login = session_user::text"),
        ),
    ),
    "writing expires": Guard(attempt=attempts.write_expired, cut=((_MAY_WRITE, _EXPIRY),)),
    "writing is of one point": Guard(
        attempt=attempts.write_elsewhere, cut=((_MAY_WRITE, "p_point = ANY (=>true OR p_point = ANY ("),)
    ),
    "a purpose ends": Guard(attempt=late_attempts.purpose_expired, cut=((_PURPOSE, "AND u.expires > m.at"),)),
    "one customer a ticket": Guard(
        attempt=late_attempts.two_on_one_ticket, cut=((_OPEN, "cardinality(p_asked) > 1=>false"),)
    ),
    "fifty subjects": Guard(
        attempt=late_attempts.fifty_one, cut=((_OPEN, "coalesce(cardinality(p_asked), 0) > 50=>false"),)
    ),
    "a case is still open": Guard(
        attempt=late_attempts.case_closed, cut=((_STATE, "AND coalesce(c.closed_at > m.business_at, true)"),)
    ),
    "a case is open already": Guard(
        attempt=late_attempts.case_not_yet_open, cut=((_STATE, "AND c.opened_at <= m.business_at"),)
    ),
    "a case is of this customer": Guard(
        attempt=late_attempts.case_of_another,
        cut=((_STATE, "AND (c.customer_code IS NULL OR c.customer_code = p_scope)"),),
    ),
    "a list needs a case": Guard(
        attempt=late_attempts.list_without_a_case, cut=((_STATE, "p_scope = '*' AND NOT v_verified=>false"),)
    ),
    "a link ends": Guard(attempt=late_attempts.link_expired, cut=((_LINK, "AND expires > clock_timestamp()"),)),
    "a link ends after three days": Guard(
        attempt=late_attempts.link_for_a_year,
        cut=(("wall.issue_link", "least(greatest(p_hours, 1), 72)=>p_hours"),),
    ),
    "own supply has begun": Guard(
        attempt=late_attempts.future_of_ones_own, cut=((_SETTLE, "AND coalesce(lower(h.held) <= m.today, true)"),)
    ),
    "own is today's": Guard(
        attempt=late_attempts.still_own,
        cut=((_SETTLE, f"p.holder_id = m.organisation {_TODAY} THEN 'own'=>p.holder_id = m.organisation THEN 'own'"),),
    ),
    "a search is today's, end": Guard(attempt=late_attempts.found_after, cut=((_FIND, "AND $8 < f.held_to"),)),
    "a search is today's, start": Guard(attempt=late_attempts.found_before, cut=((_FIND, "AND f.held_from <= $8"),)),
    "a number is today's": Guard(attempt=late_attempts.number_found_after, cut=((_SEARCH, _TODAY),)),
    **{
        f"{function}, {name}": Guard(attempt=attempt(question), cut=((function, condition),))
        for function, question in _QUESTIONS.items()
        for name, attempt, condition in (
            ("another transaction", late_attempts.asked_at_once, _XID),
            ("the proof", late_attempts.asked_with_my_proof, _PROOF),
            ("the login", late_attempts.asked_by_another_login, _LOGIN),
            ("the expiry", late_attempts.asked_too_late, _EXPIRY),
        )
    },
}


@pytest.mark.parametrize("name", GUARDS)
def test_without_the_guard_it_leaks_and_the_start_check_sees_it(world: World, name: str) -> None:
    guard, conn = GUARDS[name], world.conn
    run(conn, "SAVEPOINT whole")
    assert not guard.attempt(world), "the guard does not stop it"
    run(conn, "ROLLBACK TO whole")
    assert _red(conn) == []
    for statement in guard.sql:
        run(conn, statement)
    for function, condition in guard.cut:
        _cut(conn, function, condition)
    assert guard.attempt(world), "it is stopped by something else"
    run(conn, "RESET SESSION AUTHORIZATION")
    assert _red(conn), "the start check does not see it"


def _cut(conn: Db, function: str, condition: str) -> None:
    """`without`, whatever the function's arguments are."""
    without(conn, one(conn, "SELECT %s::regproc::regprocedure::text", [function]), condition)


def _red(conn: Db) -> list[str]:
    classes = one(conn, "SELECT wall.classes()")
    return [finding.name for finding in catalogue_findings(conn, classes, TEXTS) if finding.state == "bad"]


def test_the_two_walls_are_independent(world: World) -> None:
    """A retailer's forged ticket is stopped by the stamps; wrong stamps by the ticket. Only both together leak."""
    conn, foreign = world.conn, world.point("foreign")
    run(conn, "SAVEPOINT whole")
    run(conn, "ALTER POLICY ticket ON points.place USING (true)")
    assert foreign not in world.reads("reader_retailer", world.own, "place")
    run(conn, "ROLLBACK TO whole")
    run(conn, "DROP POLICY holder ON points.place")
    assert foreign not in world.reads("reader_retailer", world.own, "place")
    run(conn, "ALTER POLICY ticket ON points.place USING (true)")
    assert foreign in world.reads("reader_retailer", world.own, "place")


def test_two_customers_on_one_ticket_would_need_two_purposes(world: World) -> None:
    """Were a ticket of the network company's for several customers, each would still need its own statement."""
    _cut(world.conn, _OPEN, "cardinality(p_asked) > 1=>false")
    assert not attempts.one_purpose_for_two(world)
    _cut(world.conn, _PURPOSE, "unnest(p_scopes) s=>unnest(p_scopes[1:1]) s")
    assert attempts.one_purpose_for_two(world)


def test_without_any_policy_nothing_comes(world: World) -> None:
    """Row security denies by default: a policy that is lost hides."""
    run(world.conn, "DROP POLICY ticket ON points.place")
    assert world.reads("reader_retailer", world.own, "place") == set()
    assert world.reads("reader_retailer", world.own, "equipment") == set(world.customers["own"].points)


def test_no_rule_can_be_written_for_strangers(behind: Db) -> None:
    for relation in ("foreign", "vacant", "absent"):
        with pytest.raises(psycopg.errors.CheckViolation), behind.transaction():
            run(
                behind,
                "INSERT INTO wall.rule (key, duty, relation, view, class, verdict, article, note, valid, since)"
                " VALUES ('x', 'retail.clerk', %s, 'current', 'A', 'show', '', '', '[,)', 1)",
                [relation],
            )


@pytest.mark.parametrize(
    ("attempt", "columns"),
    [(sign_in_attempts.account_of_somebody, "issuer, subject"), (sign_in_attempts.second_account, "issuer, person")],
)
def test_an_account_is_one_persons(world: World, attempt: Callable[[World], bool], columns: str) -> None:
    """Held by an index and not by a function: without it the attempt gets through."""
    run(world.conn, "SAVEPOINT whole")
    assert not attempt(world)
    run(world.conn, "ROLLBACK TO whole")
    found = run(
        world.conn,
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'wall.external_identity'::regclass"
        " AND pg_get_indexdef(indexrelid) LIKE %s",
        [f"%({columns})%"],
    )
    assert len(found) == 1
    run(world.conn, f"DROP INDEX {found[0][0]}")
    assert attempt(world)
