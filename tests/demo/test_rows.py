"""The rows fit the tables and their constraints, and hold together."""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from takuso.demo.histories import PlanTooEarly
from takuso.demo.plan import GENERAL_TABLES, SITE_TABLES, NoPoints, Plan
from takuso.demo.readings import READING_DAYS, windows
from tests.demo.area import TODAY, TOMORROW, VERSIONED, Collector, Row, days, on, successive, whole

SOURCES = Path(__file__).parents[2] / "src" / "takuso"
MIGRATIONS = (
    *sorted((SOURCES / "barrier" / "migrations").glob("*.sql")),
    SOURCES / "flow" / "points" / "migrations" / "0001_points.sql",
    SOURCES / "flow" / "reception" / "migrations" / "0001_reception.sql",
)
STAMPS = {"holder_id", "held_from", "held_to", "due_on"}


def declared() -> dict[str, set[str]]:
    tables = {}
    for file in MIGRATIONS:
        text = file.read_text(encoding="utf-8")
        for name, body in re.findall(r"CREATE TABLE (\S+) \(\n(.*?)\n\)", text, re.DOTALL):
            tables[name] = set(re.findall(r"^  ([a-z_]+) ", body, re.MULTILINE))
    return tables


@pytest.mark.parametrize("table", [*GENERAL_TABLES, *SITE_TABLES])
def test_every_row_has_the_columns_of_its_table(invented: Collector, table: str) -> None:
    expected = declared()[table] - STAMPS
    if table in ("wall.affiliation", "wall.appointment", "wall.contracting", "reception.contract"):
        expected -= {"id"}
    assert invented.rows[table]
    assert {frozenset(row) for row in invented.rows[table]} == {frozenset(expected)}


def told(plan: Plan) -> list[dict[str, list[Row]]]:
    return [dict(settled.rows) for settled in plan.settle()]


def test_the_same_plan_tells_the_same_rows_as_often_as_asked() -> None:
    plan = Plan(points=150, seed=7, today=TODAY)
    assert told(plan) == told(plan) == told(Plan(points=150, seed=7, today=TODAY))
    assert plan.general() == plan.general()


@pytest.mark.parametrize("other", [{"seed": 8}, {"today": TOMORROW}, {"points": 151}])
def test_another_seed_day_or_size_tells_other_rows(other: dict[str, int]) -> None:
    plan = Plan(points=150, seed=7, today=TODAY)
    assert told(plan) != told(replace(plan, **other))


@pytest.mark.parametrize("points", [1, 2, 3, 99])
def test_the_plan_has_exactly_the_points_asked_for(points: int) -> None:
    settled = list(Plan(points=points, seed=3, today=TODAY).settle())
    ids = [contract.point for one in settled for contract in one.site.contracts]
    assert sorted(ids) == list(range(1, points + 1))


def test_keys_do_not_follow_the_order_of_codes(invented: Collector) -> None:
    by_code = [
        whole(row["id"]) for row in sorted(invented.rows["wall.point"], key=lambda row: str(row["supply_point"]))
    ]
    by_creation = [whole(row["id"]) for row in invented.rows["wall.point"]]
    for order in (by_code, by_creation):
        assert 0.45 < sum(a < b for a, b in pairwise(order)) / len(order) < 0.55


@pytest.mark.parametrize("today", [date(2020, 4, 1), date(2024, 2, 29), date(2026, 1, 1), date(2026, 3, 31)])
def test_any_day_can_be_today(today: date) -> None:
    for settled in Plan(points=400, seed=5, today=today).settle():
        for row in settled.rows.get("points.supply", []):
            assert days(row)[0] < days(row)[1]


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(PlanTooEarly, match="2020-04-01 以後"):
        Plan(points=1, seed=1, today=date(2020, 3, 31))
    with pytest.raises(NoPoints, match="--points"):
        Plan(points=0, seed=1, today=TODAY)


@pytest.mark.parametrize("table", SITE_TABLES[2:])
def test_ids_are_unique(invented: Collector, table: str) -> None:
    ids = [row["id"] for row in invented.rows[table]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("table", VERSIONED)
def test_a_retired_row_points_to_the_one_that_replaced_it_then(invented: Collector, table: str) -> None:
    by_id = {row["id"]: row for row in invented.rows[table]}
    for row in invented.rows[table]:
        if row["recorded_to"] == "infinity":
            assert row["superseded_by"] is None
        else:
            successor = by_id[row["superseded_by"]]
            assert successor["point"] == row["point"]
            assert str(row["recorded_from"]) < str(row["recorded_to"]) == successor["recorded_from"]


@pytest.mark.parametrize("table", VERSIONED)
def test_nothing_is_recorded_in_the_future(invented: Collector, table: str) -> None:
    assert max(str(row["recorded_from"]) for row in invented.rows[table]) <= f"{TODAY}T00:00:00+09:00"


@pytest.mark.parametrize("table", VERSIONED)
def test_standing_rows_of_a_point_never_overlap(invented: Collector, table: str) -> None:
    for rows in invented.by_point(table).values():
        for row, following in successive(rows):
            assert days(row)[0] < days(row)[1] <= days(following)[0]


@pytest.mark.parametrize("table", VERSIONED)
def test_at_no_instant_did_recorded_rows_overlap(invented: Collector, table: str) -> None:
    """As known then: the exclusion constraint held after every recorded change."""
    by_point = defaultdict(list)
    for row in invented.rows[table]:
        by_point[row["point"]].append(row)
    for rows in by_point.values():
        for instant in {str(row["recorded_from"]) for row in rows}:
            then = [r for r in rows if str(r["recorded_from"]) <= instant < str(r["recorded_to"])]
            for row, following in successive(sorted(then, key=lambda r: days(r)[0])):
                assert days(row)[1] <= days(following)[0]


@pytest.mark.parametrize("table", ["points.usage_month", "points.contract_size", "points.bank_mandate"])
def test_a_fact_lies_within_one_supply(invented: Collector, table: str) -> None:
    supply = invented.by_point("points.supply")
    for point, rows in invented.by_point(table).items():
        for row in rows:
            start, end = days(row)
            around = on(start, supply[point])
            assert around is not None
            assert end <= days(around)[1]


def test_every_supplied_day_has_a_size_and_a_party(invented: Collector) -> None:
    sizes, parties = invented.by_point("points.contract_size"), invented.by_point("points.party")
    for point, supplies in invented.by_point("points.supply").items():
        for row in supplies:
            start, end = days(row)
            assert any(days(party)[0] <= start and end <= days(party)[1] for party in parties[point])
            parts = [days(size) for size in sizes[point] if start <= days(size)[0] < end]
            assert (parts[0][0], parts[-1][1]) == (start, end)
            assert all(one[1] == other[0] for one, other in pairwise(parts))


def test_usage_fills_thirteen_months_of_supply(invented: Collector) -> None:
    usage, supply = invented.by_point("points.usage_month"), invented.by_point("points.supply")
    schedules = {row["point"]: int(str(row["reading_schedule"])) for row in invented.rows["points.equipment"]}
    for point, supplies in supply.items():
        periods = windows(TODAY, schedules[point])
        assert len(periods) == 14
        covered = sum((days(row)[1] - days(row)[0]).days for row in usage.get(point, []))
        first, last = periods[0].start, periods[-2].end
        expected = 0
        for row in supplies:
            start, end = days(row)
            # A contract that ended after the last reading has its final reading.
            expected += max(0, (min(end, TODAY if end <= TODAY else last) - max(start, first)).days)
        assert covered == expected


def test_usage_months_are_those_of_their_reading_day(invented: Collector) -> None:
    for row in invented.current("points.usage_month"):
        start, end = days(row)
        assert end <= TODAY
        assert 0 < (end - start).days <= 31
        month = row["month"]
        assert isinstance(month, date)
        assert month.day == 1
        assert 0 <= (month.year - start.year) * 12 + month.month - start.month <= 1


def test_maximum_is_missing_only_for_light_without_half_hours(invented: Collector) -> None:
    half_hourly = {row["point"]: row["half_hourly"] for row in invented.rows["points.equipment"]}
    uses = {row["point"]: row["kind"] for row in invented.rows["points.contract_size"]}
    seen = Counter()
    for row in invented.rows["points.usage_month"]:
        missing = uses[row["point"]] == "電灯" and not half_hourly[row["point"]]
        assert (row["maximum_w"] is None) == missing
        assert type(row["energy_wh"]) is int
        assert row["energy_wh"] >= 0
        seen[missing] += 1
    assert seen[True]
    assert seen[False]


def test_winter_needs_more_than_spring(invented: Collector) -> None:
    kinds = {row["point"]: row["kind"] for row in invented.rows["points.contract_size"]}
    energy = Counter()
    for row in invented.current("points.usage_month"):
        if kinds[row["point"]] == "電灯":
            energy[str(row["month"])[5:7]] += whole(row["energy_wh"])
    assert energy["02"] > 1.2 * energy["05"]


def test_equipment_agrees_with_supply_and_meters(invented: Collector) -> None:
    supply, meters = invented.by_point("points.supply"), invented.by_point("points.meter_install")
    for row in invented.rows["points.equipment"]:
        point = whole(row["point"])
        assert (on(TODAY, supply[point]) is not None) == (row["status"] == "供給中")
        assert (row["disconnection"] != "") == (row["status"] == "廃止中")
        hanging = [meter for meter in meters[point] if meter["removed_on"] is None]
        assert len(hanging) == (row["status"] != "撤去")
        assert meters[point][-1]["meter_number"] == row["meter_number"]
        upcoming = row["next_reading_on"]
        assert isinstance(upcoming, date)
        assert upcoming > TODAY
        assert upcoming.day == READING_DAYS[int(str(row["reading_schedule"])) - 1]


def test_a_place_stays_below_the_limit_of_its_voltage(invented: Collector) -> None:
    high = {row["point"] for row in invented.rows["points.equipment"] if row["voltage"] == "高圧"}
    codes = {row["id"]: row["customer_code"] for row in invented.rows["wall.point"]}
    largest: dict[object, Counter[object]] = defaultdict(Counter)
    for row in invented.rows["points.contract_size"]:
        amount = float(str(row["amount"]))
        largest[codes[row["point"]]][row["point"]] = max(largest[codes[row["point"]]][row["point"]], amount)
        assert row["unit"] in ("kVA", "kW")
    for sizes in largest.values():
        total = sum(sizes.values())
        assert (50 <= total < 2_000) if high & set(sizes) else (0 < total < 50)
