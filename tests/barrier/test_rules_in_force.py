"""規則の変更: two persons, a day, a proof; in force with the next deployment, at every place at once, or not at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
import pytest

from takuso.barrier import approvals, deployment, standing
from takuso.barrier.approvals import Approval, HomeTable, Misfit, Recorded, faults, table, unlawful
from takuso.barrier.changes import RuleChange, applied, fingerprint, proved
from takuso.barrier.decide import Asker, Held, decide
from takuso.barrier.deployment import RulesRefused
from takuso.barrier.gate import Declined, Gate
from takuso.barrier.matrix import RULES, DataClass, Duty, Relation, View, digest
from takuso.barrier.signin import SignIns
from takuso.barrier.standing import read_home
from takuso.kernel.periods import DatePeriod
from takuso.main import SCREENS
from tests.apart import TODAY, Place, added, apart, ended, program_row, row
from tests.area import AOI, Area, Customer
from tests.barrier.sights import everything, look


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with apart(tmp_path / "home") as made:
        yield made


def test_an_approved_change_is_in_force_from_its_day_on_and_a_second_one_retires_it(
    place: Place, tmp_path: Path
) -> None:
    on, off = TODAY + timedelta(days=2), TODAY + timedelta(days=5)
    opened, closed = row(Duty.METERING, "E", on, Relation.ANY), program_row(Duty.CLERK, "I")
    customer = Area(place.home, TODAY).add("own")

    def seen() -> tuple[bool, bool]:
        """Whether the one sees what opens, and the other what closes."""
        metering = shows(place, "td-metering", "CI20", customer, tmp_path)
        return DataClass.SIZE in metering, DataClass.NOTE in shows(place, "aoi-clerk", "CI20", customer, tmp_path)

    assert seen() == (False, True)
    numbers = [place.change(added(opened)), place.change(ended(closed, on))]
    # Approved and not deployed: a warning that says what to do, and nothing else changes.
    found = place.findings()
    assert (found["rules"].state, found["approved_rules"].state) == ("ok", "warn")
    assert all(f"申請 {number}" in found["approved_rules"].what for number in numbers)
    assert "takuso store migrate" in found["approved_rules"].cure
    assert read_home(place.home).rules == RULES
    place.deployed(days=2)
    assert read_home(place.home).rules != RULES
    first = place.behind("SELECT max(version) FROM wall.rule_version")[0][0]
    for days, expected in ((0, (False, True)), (1, (False, True)), (2, (True, False)), (4, (True, False))):
        assert place.deployed(days=days) == first, "the same rules are the same version"
        _restamp(place, customer)
        assert seen() == expected, days
        _agrees(place, customer, TODAY + timedelta(days=days))
    found = place.findings()
    assert (found["rules"].state, found["approved_rules"].state) == ("ok", "ok")
    assert "承認した変更 2 件" in found["rules"].what
    # A second change retires the first; the rows of before stay in the history.
    place.change(ended(opened, off))
    assert place.deployed(days=4) == first + 1
    for days, expected in ((4, (True, False)), (5, (False, False))):
        place.deployed(days=days)
        _restamp(place, customer)
        assert seen() == expected, days
        _agrees(place, customer, TODAY + timedelta(days=days))
    assert place.findings()["rules"].state == "ok"
    assert place.behind("SELECT count(*) FROM wall.rule WHERE key = %s", [opened.key]) == [(2,)]


def shows(place: Place, person: str, screen: str, customer: Customer, folder: Path) -> set[DataClass]:
    """Classes of which the real reader gets rows."""
    queries = everything(folder)
    proof = SignIns(place.pools).by_demo(person)
    return look(Gate(place.pools), proof, screen, customer.code, queries).classes


def _restamp(place: Place, customer: Customer) -> None:
    with deployment.Loader(place.home) as loader:
        loader.restamp(customer.points)


def _agrees(place: Place, customer: Customer, today: date) -> None:
    """What a ticket grants is what decide() says by the home's table, for two duties and every class of the screen."""
    rules = read_home(place.home).rules
    held = [Held(retailer=AOI, period=DatePeriod(start=TODAY - timedelta(days=2000), end=None))]
    screen = next(s for s in SCREENS if s.code == "CI20")
    for person, asker in (
        ("aoi-clerk", Asker(organisation=AOI, duty=Duty.CLERK)),
        ("td-metering", Asker(organisation=1, duty=Duty.METERING)),
    ):
        sight = look(Gate(place.pools), SignIns(place.pools).by_demo(person), "CI20", customer.code, []).sight
        for letter in screen.classes:
            wanted = decide(asker, held, View.CURRENT, letter, today, rules).show
            assert bool(sight.granted(letter)) == wanted, (person, letter, today)


def test_a_form_offers_the_kinds_of_search_of_the_rules_in_force(place: Place) -> None:
    signins = SignIns(place.pools)
    assert DataClass.PARTY not in signins.seen(Duty.ACCOUNTING)
    place.change(added(row(Duty.ACCOUNTING, "C", TODAY + timedelta(days=1), Relation.ANY)))
    place.deployed()
    assert DataClass.PARTY not in signins.seen(Duty.ACCOUNTING)
    place.deployed(days=1)
    assert DataClass.PARTY in signins.seen(Duty.ACCOUNTING)


def test_a_proof_of_another_table_is_not_taken(place: Place) -> None:
    on = TODAY + timedelta(days=3)
    first, second = added(row(Duty.METERING, "E", on, Relation.ANY)), added(row(Duty.CONTRACTOR, "J", on))
    one, two = place.proposed(first), place.proposed(second)
    early = proved(applied(RULES, second), on).digest
    assert place.approved(one, first) == "approved"
    for stale in ({"hash": early, "place": 1}, {"base": 0}, {"place": None}, {"base": None}):
        with pytest.raises(Declined) as refused:
            place.approved(two, second, **stale)
        assert refused.value.why == "moved"
    # Without the guard it is taken, and then the start check tells; and the deployment refuses.
    body = place.behind("SELECT pg_get_functiondef('wall.decide_proposal'::regproc)")[0][0]
    with psycopg.connect(place.admin, autocommit=True) as connection:
        assert body.count("PERFORM wall.refuse('moved', '{}');") == 1
        connection.execute(body.replace("PERFORM wall.refuse('moved', '{}');", "NULL;"))
    assert place.approved(two, second, hash=early) == "approved"
    assert "検査の指紋" in place.findings()["rules"].what
    with pytest.raises(RulesRefused, match="検査の指紋"):
        place.deployed()


# What somebody does behind the wall once a change is approved and loaded, and how the finding tells it.
FORGED: Final[list[tuple[str, LiteralString]]] = [
    ("承認の閲覧票", "UPDATE wall.proposal SET decision_receipt = 'x' WHERE id = 1"),
    ("申請の閲覧票", "UPDATE wall.proposal SET receipt = 'x' WHERE id = 1"),
    ("申請の閲覧票", 'UPDATE wall.proposal SET content = content || \'{"class": "D"}\' WHERE id = 1'),
    ("検査の指紋", "UPDATE wall.proposal SET proof = repeat('0', 64) WHERE id = 1"),
    ("承認の閲覧票", "UPDATE wall.proposal SET decider = 5 WHERE id = 1"),
    ("順番", "UPDATE wall.proposal SET place = 2 WHERE id = 1"),
    (
        "閲覧票",
        (
            "INSERT INTO wall.proposal (kind, content, reason, proposer, receipt, verdict, decider, decided,"
            " decision_receipt, proof, place, base)"
            " SELECT kind, content || '{\"class\": \"J\"}', reason, proposer, 'y', verdict, decider, decided, 'z',"
            " proof, 2, base FROM wall.proposal WHERE id = 1"
        ),
    ),
    (
        "データベースの規則",
        (
            "INSERT INTO wall.rule (key, duty, relation, view, class, verdict, article, note, valid, since)"
            " SELECT 'network.metering/any/current/J/show/2016-04-01', duty, relation, view, 'J', verdict, article,"
            " note, '[2016-04-01,)', since FROM wall.rule WHERE until IS NULL AND duty = 'network.metering'"
            " AND class = 'A' AND view = 'current'"
        ),
    ),
    ("データベースの規則", "UPDATE wall.rule SET valid = '[2016-04-01,)' WHERE class = 'E' AND note = ''"),
    ("データベースの規則", "UPDATE wall.proposal SET loaded = NULL WHERE id = 1"),
]


def test_the_start_check_does_not_believe_the_list_of_approvals(place: Place) -> None:
    on = TODAY + timedelta(days=2)
    assert place.change(added(row(Duty.METERING, "E", on, Relation.ANY))) == 1
    place.deployed()
    for told, forged in FORGED:
        assert place.findings()["rules"].state == "ok"
        with psycopg.connect(place.admin, autocommit=True) as connection:
            kept = connection.execute("SELECT to_jsonb(q) FROM wall.proposal q").fetchall()
            rules = connection.execute("SELECT id, valid FROM wall.rule").fetchall()
            connection.execute(forged)
            found = place.findings()["rules"]
            assert found.state == "bad", forged
            assert told in found.what, (forged, found.what)
            if "閲覧票" in told:
                with pytest.raises(RulesRefused, match="閲覧票"):
                    place.deployed()
            connection.execute("DELETE FROM wall.proposal WHERE id <> ALL (%s)", [[r[0]["id"] for r in kept]])
            for (former,) in kept:
                connection.execute(
                    "UPDATE wall.proposal q SET content = f.content, receipt = f.receipt, decider = f.decider,"
                    " decision_receipt = f.decision_receipt, proof = f.proof, place = f.place, loaded = f.loaded"
                    " FROM jsonb_populate_record(NULL::wall.proposal, %s) f WHERE q.id = f.id",
                    [json.dumps(former)],
                )
            connection.execute("DELETE FROM wall.rule WHERE id <> ALL (%s)", [[r[0] for r in rules]])
            for number, valid in rules:
                connection.execute("UPDATE wall.rule SET valid = %s WHERE id = %s", [valid, number])
    assert place.findings()["rules"].state == "ok"


def test_the_table_itself_refuses_an_approval_by_the_proposer(place: Place) -> None:
    place.change(added(row(Duty.METERING, "E", TODAY + timedelta(days=2), Relation.ANY)))
    with pytest.raises(psycopg.errors.CheckViolation):
        place.behind("UPDATE wall.proposal SET decider = proposer")
    with pytest.raises(psycopg.errors.CheckViolation):
        place.behind("UPDATE wall.proposal SET proof = NULL")
    with pytest.raises(psycopg.errors.CheckViolation):
        place.behind("UPDATE wall.proposal SET place = NULL")


# ------------------------------------------------------------------------------------------------ pure

DAY: Final = date(2030, 4, 1)
NEW: Final = row(Duty.METERING, "E", DAY, Relation.ANY)
HISTORY: Final = tuple(Recorded(row=r, since=1, until=None) for r in RULES)


def approval(change: RuleChange, place: int = 1, **other: Any) -> Approval:
    after = applied(table(RULES, other.pop("earlier", ())), change)
    sound = Approval(
        id=10 + place,
        place=place,
        change=change,
        base=1,
        loaded=None,
        proof=fingerprint(after, change.on, ()),
        proposer=7,
        decider=6,
        asked=True,
        answered=True,
    )
    return replace(sound, **other)


def test_what_bears_an_approval_out_is_enough() -> None:
    first = added(NEW)
    second = ended(NEW, DAY + timedelta(days=9))
    both = [approval(first), approval(second, 2, earlier=[(11, first)])]
    assert list(faults(both, HISTORY)) == []
    # As loaded, one version after the other.
    later = tuple(Recorded(row=r, since=2, until=None) for r in applied(RULES, first))
    past = tuple(replace(r, until=2) for r in HISTORY)
    loaded = [replace(both[0], loaded=2), replace(both[1], base=2)]
    assert list(faults(loaded, (*past, *later))) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"decider": 7}, "同じです"),
        ({"asked": False}, "申請の閲覧票"),
        ({"answered": False}, "承認の閲覧票"),
        ({"proof": "0" * 64}, "検査の指紋"),
        ({"base": 0}, "検査の指紋"),
        ({"place": 2}, "順番"),
        ({"change": ended(NEW, DAY)}, "この変更はできません"),
    ],
)
def test_each_thing_that_does_not_bear_it_out_is_told(wrong: dict[str, Any], told: str) -> None:
    found = list(faults([replace(approval(added(NEW)), **wrong)], HISTORY))
    assert any(told in fault for fault in found), found


def test_a_change_that_the_program_took_over_changes_nothing_and_one_that_does_not_fit_is_named() -> None:
    ending = ended(program_row(Duty.CLERK, "I"), DAY)
    changes = [(1, added(NEW)), (2, ending), (3, ended(NEW, DAY + timedelta(days=5)))]
    home = table(RULES, changes)
    assert table(home, changes) == home
    assert table(table(RULES, changes[:1]), changes) == home
    assert digest(home) != digest()
    without = tuple(r for r in RULES if r.key != ending.row.key)
    with pytest.raises(Misfit, match="申請 2"):
        table(without, changes)
    with pytest.raises(Misfit, match="申請 1"):
        table((*RULES, replace(NEW, since=DAY - timedelta(days=1))), changes)


def test_a_row_that_ends_on_its_first_day_was_never_in_force() -> None:
    assert table(RULES, [(1, added(NEW)), (2, ended(NEW, DAY))]) == RULES


def test_an_unlawful_row_is_told_on_the_day_it_would_begin() -> None:
    bad = replace(NEW, duty=Duty.CLERK, relation=Relation.OWN, data_class=DataClass.CARE)
    today = DAY - timedelta(days=30)
    assert not unlawful(RULES, today)
    deny = next(r for r in RULES if (r.duty, r.data_class, r.view) == (Duty.CLERK, DataClass.CARE, View.CURRENT))
    opened = table(RULES, [(1, ended(deny, DAY)), (2, added(bad))])
    assert any(what.startswith("2030-04-01") and "注意情報" in what for what in unlawful(opened, today))


@pytest.mark.parametrize("guard", ["faults", "unlawful"])
def test_without_the_guard_the_forged_table_would_pass(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two guards of the start check are what tells: without them nothing does."""
    bad = replace(NEW, duty=Duty.ADMIN)
    forged = {
        "today": "2030-01-01",
        "history": [],
        "approved": [
            {
                **{name: getattr(approval(added(bad)), name) for name in Approval.__slots__ if name != "change"},
                "content": added(bad).content(),
                "loaded": 1,
                "asked": False,
            }
        ],
    }
    whole = approvals.home_table(forged).faults
    monkeypatch.setattr(approvals, guard, lambda *_: ())
    assert set(approvals.home_table(forged).faults) < set(whole)
    monkeypatch.setattr(approvals, "faults", lambda *_: ())
    monkeypatch.setattr(approvals, "unlawful", lambda *_: ())
    assert approvals.home_table(forged).faults == ()


def test_a_deployment_refuses_what_the_law_forbids_and_what_does_not_fit() -> None:
    unsound = approval(added(replace(NEW, duty=Duty.ADMIN)))
    coming = table(RULES, [(1, unsound.change)])
    found = HomeTable(rules=RULES, coming=coming, approvals=(unsound,), faults=())
    with pytest.raises(RulesRefused, match="システム管理"):
        deployment._sound(found, TODAY)
    with pytest.raises(RulesRefused, match="合いません"):
        deployment._sound(replace(found, coming=RULES, misfit="表に合いません"), TODAY)
    assert standing._approved(replace(found, misfit="表に合いません")).state == "warn"
