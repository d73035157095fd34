"""The answers of `takuso demo customers` are what the rows say."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from takuso.demo.customers import KINDS, AnswerBook, NoDemo, NotInThePlan, customers
from takuso.demo.plan import Plan
from tests.demo.area import SEED, TODAY, TOMORROW, YESTERDAY, Collector, days, on, whole

ORGANISATIONS = {
    "td-contact": "aoi-nw",
    "td-admin": "aoi-nw",
    "aoi-clerk": "aoi",
    "aoi-manager": "aoi",
    "contractor-clerk": "aoi",
    "asahi-clerk": "asahi",
    "hikari-clerk": "hikari",
}
ALL = 10_000


@dataclass(frozen=True, kw_only=True)
class Told:
    """One point on one day, from the rows."""

    spin: object
    holder: str | None
    name: object
    last_name: object
    former: set[str]
    touched: set[str]


def points_of_codes(invented: Collector, today: date) -> dict[str, list[Told]]:
    companies = {row["id"]: str(row["code"]) for row in invented.rows["wall.org"]}
    supply, party = invented.by_point("points.supply"), invented.by_point("points.party")
    touched = defaultdict(set)
    for table, column in (("points.supply", "retailer"), ("points.pending", "party")):
        for row in invented.rows[table]:
            touched[row["point"]].add(companies[row[column]])
    found = defaultdict(list)
    for row in invented.rows["wall.point"]:
        point = whole(row["id"])
        holder, tenant = on(today, supply[point]), on(today, party[point])
        moved_in = [one for one in party[point] if days(one)[0] <= today]
        found[str(row["customer_code"])].append(
            Told(
                spin=row["supply_point"],
                holder=companies[holder["retailer"]] if holder else None,
                name=tenant["name"] if tenant else None,
                last_name=moved_in[-1]["name"] if moved_in else None,
                former={companies[one["retailer"]] for one in supply[point] if days(one)[1] <= today},
                touched=touched[point],
            )
        )
    return found


def belongs(points: list[Told], kind: str, organisation: str) -> bool:
    network = organisation == "aoi-nw"
    holders = {point.holder for point in points}
    occupied = None not in holders and all(point.name for point in points)
    if kind == "own":
        return occupied and (network or holders == {organisation})
    if kind == "foreign":
        return occupied and not network and not any(organisation in point.touched for point in points)
    if kind == "vacant":
        return holders == {None}
    if network:
        return any(point.holder and point.former - {point.holder} for point in points)
    return occupied and organisation not in holders and any(organisation in point.former for point in points)


@pytest.fixture(scope="module", params=[YESTERDAY, TODAY, TOMORROW], ids=["yesterday", "today", "tomorrow"])
def told(request: pytest.FixtureRequest, invented: Collector) -> tuple[date, dict[str, list[Told]]]:
    return request.param, points_of_codes(invented, request.param)


def recomputed(told: dict[str, list[Told]], kind: str, organisation: str) -> dict[str, set[tuple[object, ...]]]:
    """From the rows: customer code -> acceptable (supply point, holder, name)."""
    return {
        code: {(point.spin, point.holder, point.name or point.last_name) for point in points}
        for code, points in told.items()
        if belongs(points, kind, organisation)
    }


@pytest.mark.parametrize("person", ORGANISATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_answers_agree_with_the_rows(
    told: tuple[date, dict[str, list[Told]]], plan_home: Path, kind: str, person: str
) -> None:
    today, points = told
    expected = recomputed(points, kind, ORGANISATIONS[person])
    found = customers(plan_home, kind, person, ALL, today=today)
    assert [set(one) for one in found] == [{"customer_code", "supply_point", "holder", "name"}] * len(found)
    assert {one["customer_code"] for one in found} == set(expected)
    assert len(found) == len(expected)
    for one in found:
        assert (one["supply_point"], one["holder"], one["name"]) in expected[str(one["customer_code"])]


@pytest.mark.parametrize("person", ["aoi-clerk", "contractor-clerk", "asahi-clerk", "hikari-clerk"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_retailer_has_enough_of_every_kind(invented: Collector, plan_home: Path, kind: str, person: str) -> None:
    found = customers(plan_home, kind, person, 25)
    assert len(found) == 25
    assert all(one["name"] for one in found)


def test_the_plans_day_is_the_default(invented: Collector, plan_home: Path) -> None:
    assert customers(plan_home, "switched", "aoi-clerk", ALL) == customers(
        plan_home, "switched", "aoi-clerk", ALL, today=TODAY
    )
    assert customers(plan_home, "own", "aoi-clerk", ALL) != customers(
        plan_home, "own", "aoi-clerk", ALL, today=TOMORROW
    )


@pytest.mark.parametrize("limit", [0, 1, 7])
def test_a_limit_cuts_the_same_list(invented: Collector, plan_home: Path, limit: int) -> None:
    assert customers(plan_home, "own", "aoi-clerk", limit) == customers(plan_home, "own", "aoi-clerk", ALL)[:limit]


def test_the_first_few_are_of_many_kinds(invented: Collector, plan_home: Path) -> None:
    first = {one["supply_point"] for one in customers(plan_home, "own", "aoi-clerk", 20)}
    points = {row["supply_point"]: row["id"] for row in invented.rows["wall.point"]}
    equipment = {row["point"]: row for row in invented.rows["points.equipment"]}
    assert {equipment[points[one]]["voltage"] for one in first} == {"低圧", "高圧"}
    stories = invented.by_point("points.supply")
    assert {len(stories[whole(points[one])]) for one in first} >= {1, 2}


def test_foreign_for_the_network_is_empty_and_no_error(invented: Collector, plan_home: Path) -> None:
    assert customers(plan_home, "foreign", "td-intake", ALL) == []


def test_refusals_name_the_choices(invented: Collector, plan_home: Path, tmp_path: Path) -> None:
    with pytest.raises(NotInThePlan, match="aoi-clerk"):
        customers(plan_home, "own", "nobody", 1)
    with pytest.raises(NotInThePlan, match="switched"):
        customers(plan_home, "mine", "aoi-clerk", 1)
    with pytest.raises(NoDemo, match="takuso demo"):
        customers(tmp_path, "own", "aoi-clerk", 1)


def test_a_build_that_fails_leaves_the_former_answers(tmp_path: Path) -> None:
    small = Plan(points=30, seed=SEED, today=TODAY)
    with AnswerBook(tmp_path, small) as answers:
        for settled in small.settle():
            answers.add(settled.site)
    before = customers(tmp_path, "own", "td-contact", ALL)
    with pytest.raises(RuntimeError, match="broken"), AnswerBook(tmp_path, small):
        raise RuntimeError("broken")
    assert customers(tmp_path, "own", "td-contact", ALL) == before
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == ["customers.sqlite"]
    assert (tmp_path / "demo" / "customers.sqlite").stat().st_mode & 0o077 == 0
