"""decide(), the loaded rule rows and what the database really yields are the same, over the whole finite space."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from takuso.barrier.decide import Asker, Decision, Held, decide
from takuso.barrier.gate import Gate
from takuso.barrier.matrix import RULES, DataClass, Duty, Verdict, View, digest
from takuso.barrier.signin import Proof
from takuso.kernel.periods import DatePeriod
from takuso.main import SCREENS
from tests.area import KINDS, PERSONS, Area, Customer, Span
from tests.barrier.sights import COLUMNS, everything, look

CUSTOMER_SCREENS = [s for s in SCREENS if s.kind == "customer"]


@pytest.fixture(scope="module")
def customers(home: object) -> dict[str, Customer]:
    """One customer of every kind, as of today."""
    from datetime import UTC, datetime

    from takuso.kernel.periods import jst_day

    area = Area(home, jst_day(datetime.now(UTC)))  # type: ignore[arg-type]
    return {kind: area.add(kind) for kind in KINDS}


def _held(spans: list[Span], today: date) -> list[Held]:
    def day(offset: int | None) -> date | None:
        return None if offset is None else today + timedelta(days=offset)

    return [Held(retailer=r, period=DatePeriod(start=day(first), end=day(end))) for r, first, end in spans]


@pytest.mark.parametrize("screen", CUSTOMER_SCREENS, ids=lambda s: s.code)
@pytest.mark.parametrize("person", PERSONS)
def test_every_person_screen_kind_and_class(
    person: str,
    screen: object,
    customers: dict[str, Customer],
    gate: Gate,
    sign_in: Callable[[str], Proof],
    today: date,
    tmp_path: Path,
) -> None:
    employer, principal, duty = PERSONS[person]
    asker = Asker(organisation=principal or employer, duty=Duty(duty))
    proof = sign_in(person)
    queries = everything(tmp_path)
    for kind, customer in customers.items():
        seen = look(gate, proof, screen.code, customer.code, queries)  # type: ignore[attr-defined]
        for point, spans in zip(customer.points, KINDS[kind], strict=True):
            segments = _held(spans, today)
            for data_class in DataClass:
                decision = decide(asker, segments, screen.view, data_class, today, RULES)  # type: ignore[attr-defined]
                may = decision.show and data_class in screen.classes  # type: ignore[attr-defined]
                assert (point in seen.sight.granted(data_class)) == may, (kind, data_class, decision)
                _rows_agree(seen.rows, data_class, point, decision, may)


def _rows_agree(rows: object, data_class: DataClass, point: int, decision: Decision, may: bool) -> None:
    """No row beyond the decision; and every period row within the asker's own segments."""
    for table, (letter, _) in COLUMNS.items():
        if letter != data_class:
            continue
        got = [r for r in rows.get(table, ()) if r.point == point]  # type: ignore[attr-defined]
        assert may or not got, (table, decision)
        if decision.periods is not None:
            for row in got:
                period = DatePeriod(start=row.valid.lower, end=row.valid.upper)
                assert any(own.covers(period) for own in decision.periods), (table, row)


def test_the_loaded_rows_are_the_matrix(admin: str, gate: Gate) -> None:
    with psycopg.connect(admin) as connection:
        rows = connection.execute(
            "SELECT key, duty, relation, view, class, verdict, article, note, lower(valid), upper(valid)"
            " FROM wall.rule WHERE until IS NULL ORDER BY key"
        ).fetchall()
    expected = sorted(
        (r.key, r.duty, r.relation, r.view, r.data_class, r.verdict, r.article, r.note, r.since, r.until) for r in RULES
    )
    assert rows == [tuple(str(v) if isinstance(v, str) else v for v in row) for row in expected]
    assert gate.standing()["rule_digest"] == digest().hex()


def test_the_matrix_is_total_and_denies_what_no_row_grants() -> None:
    today = date(2026, 11, 22)
    own = [Held(retailer=2, period=DatePeriod(start=None, end=None))]
    for duty in Duty:
        for view in View:
            for data_class in DataClass:
                decision = decide(Asker(organisation=2, duty=duty), own, view, data_class, today, RULES)
                granted = any(
                    (r.duty, r.relation, r.view, r.data_class, r.verdict)
                    == (duty, decision.relation, view, data_class, Verdict.SHOW)
                    for r in RULES
                )
                assert decision.show == granted


def test_no_rule_names_a_company() -> None:
    """Permuting the retailers changes nothing: a rule has no field that could name one."""
    assert "aoi" not in json.dumps([str(r) for r in RULES])


@pytest.mark.parametrize("duty", [d for d in Duty if not d.is_network])
@pytest.mark.parametrize("data_class", list(DataClass))
@pytest.mark.parametrize("view", list(View))
def test_a_stranger_gets_no_class(duty: Duty, data_class: DataClass, view: View) -> None:
    """電気事業法23条1項1号: whoever neither supplies nor supplied the point gets nothing of it."""
    segments = [Held(retailer=3, period=DatePeriod(start=date(2020, 1, 1), end=None))]
    asker = Asker(organisation=2, duty=duty)
    assert not decide(asker, segments, view, data_class, date(2026, 11, 22), RULES).show


def test_a_denial_wins() -> None:
    rules = [r for r in RULES if (r.duty, r.data_class) == (Duty.CLERK, DataClass.CARE)]
    shown = [*rules, *(_as_show(r) for r in rules)]
    segments = [Held(retailer=2, period=DatePeriod(start=date(2020, 1, 1), end=None))]
    asker = Asker(organisation=2, duty=Duty.CLERK)
    assert not decide(asker, segments, View.CURRENT, DataClass.CARE, date(2026, 11, 22), shown).show
    only_shown = [_as_show(r) for r in rules]
    assert decide(asker, segments, View.CURRENT, DataClass.CARE, date(2026, 11, 22), only_shown).show


def _as_show(rule: object) -> object:
    from dataclasses import replace

    return replace(rule, verdict=Verdict.SHOW)  # type: ignore[type-var]
