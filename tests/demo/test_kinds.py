"""Every kind of history, customer, application and case is there, and looks as it should."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from takuso.barrier.matrix import PURPOSES, Duty
from takuso.demo.companies import BY_CODE, COMPANIES, PERSONS
from takuso.demo.histories import Scenario
from takuso.demo.plan import Plan
from takuso.demo.premises import CustomerKind
from tests.demo.area import SEED, TODAY, TOMORROW, Collector, days, on, whole

AOI = BY_CODE["aoi"].id


def test_every_kind_of_history_and_of_customer_is_met() -> None:
    histories, kinds, pairs = Counter(), Counter(), Counter()
    for settled in Plan(points=2_000, seed=SEED, today=TODAY).settle():
        kinds[settled.site.kind] += 1
        suppliers = [contract.history.supplier(TODAY) for contract in settled.site.contracts]
        pairs[len(suppliers), len(set(suppliers))] += 1
        histories.update(contract.history.scenario for contract in settled.site.contracts)
    print(histories, kinds, pairs)
    assert {scenario for scenario, count in histories.items() if count >= 8} == set(Scenario)
    assert {kind for kind, count in kinds.items() if count >= 20} == set(CustomerKind)
    assert min(pairs[1, 1], pairs[2, 1], pairs[2, 2]) >= 20


def test_about_three_in_ten_are_with_a_new_retailer(invented: Collector) -> None:
    today = [on(TODAY, rows) for rows in invented.by_point("points.supply").values()]
    holders = Counter(row["retailer"] for row in today if row is not None)
    assert 0.25 < 1 - holders[AOI] / holders.total() < 0.35
    assert set(holders) == {company.id for company in COMPANIES if company.kind == "retailer"}


def patterns(invented: Collector) -> Counter[str]:
    """What a reader of the supply rows alone can tell."""
    found: Counter[str] = Counter()
    for rows in invented.by_point("points.supply").values():
        holders = [row["retailer"] for row in rows]
        ends = [days(row)[1] for row in rows]
        found["ended yesterday, another today"] += any(
            end == TODAY and one != other for end, one, other in zip(ends, holders, holders[1:], strict=False)
        )
        found["another from tomorrow"] += len(rows) > 1 and ends[-2] == TOMORROW == days(rows[-1])[0]
        found["back and forth"] += len(holders) == 3 and holders[0] == holders[2] != holders[1]
        found["aoi-asahi-aoi"] += holders == [AOI, BY_CODE["asahi"].id, AOI]
        found["vacant"] += on(TODAY, rows) is None
        found["gap"] += any(end < days(row)[0] for end, row in zip(ends, rows[1:], strict=False))
        found["ends soon"] += TODAY < ends[-1] < date.max
        found["same retailer, new contract"] += any(one == other for one, other in pairwise(holders))
    return found


def test_the_supply_rows_show_every_pattern(invented: Collector) -> None:
    found = patterns(invented)
    assert {name for name, count in found.items() if count < 5} == set(), found


def test_corrections_retire_rows_with_another_day_or_another_supplier(invented: Collector) -> None:
    by_id = {row["id"]: row for row in invented.rows["points.supply"]}
    kinds = Counter()
    for row in invented.rows["points.supply"]:
        if row["superseded_by"] is not None:
            successor = by_id[row["superseded_by"]]
            kinds["supplier"] += row["retailer"] != successor["retailer"]
            kinds["day"] += days(row)[0] != days(successor)[0]
    assert min(kinds["supplier"], kinds["day"]) >= 8


def test_names_first_typed_without_variants_were_corrected(invented: Collector) -> None:
    by_id = {row["id"]: row for row in invented.rows["points.party"]}
    retired = [row for row in by_id.values() if row["superseded_by"] is not None]
    assert any(row["name"] != by_id[row["superseded_by"]]["name"] for row in retired)


def test_a_switch_is_pending_with_both_parties_until_it_takes_effect(invented: Collector) -> None:
    supply = invented.by_point("points.supply")
    seen = Counter()
    for point, rows in invented.by_point("points.pending").items():
        holder, procedures = on(TODAY, supply[point]), {row["procedure"]: row for row in rows}
        assert all(row["effective_on"] > TODAY for row in rows)
        assert len({row["application_no"] for row in rows}) == len(rows)
        seen[tuple(sorted(map(str, procedures)))] += 1
        if "スイッチング廃止" in procedures:
            assert holder is not None
            assert procedures["スイッチング廃止"]["party"] == holder["retailer"]
        if "再点" in procedures:
            assert holder is None
        coming = [row for row in supply[point] if days(row)[0] > TODAY]
        if coming:
            assert rows[-1]["party"] == coming[-1]["retailer"]
            assert rows[-1]["effective_on"] == days(coming[-1])[0]
    assert set(seen) == {("スイッチング廃止", "スイッチング開始"), ("スイッチング開始",), ("再点",), ("廃止",)}


def test_mandates_and_notices_are_of_customers_of_every_retailer(invented: Collector) -> None:
    supply = invented.by_point("points.supply")
    for table in ("points.bank_mandate", "points.mandate_notice"):
        holders = {row["retailer"] for point in invented.by_point(table) if (row := on(TODAY, supply[point]))}
        assert holders == {company.id for company in COMPANIES if company.kind == "retailer"}
    assert {row["kind"] for row in invented.rows["points.mandate_notice"]} == {"新規", "変更", "解約", "結果"}


@pytest.mark.parametrize(
    ("table", "column"), [("points.mandate_notice", "received_on"), ("points.contact_note", "noted_on")]
)
def test_nothing_of_a_former_supplier_stays_with_the_point(invented: Collector, table: str, column: str) -> None:
    supply = invented.by_point("points.supply")
    for row in invented.rows[table]:
        began = [days(one)[0] for one in supply[whole(row["point"])] if days(one)[0] <= TODAY][-1]
        day = row[column]
        assert isinstance(day, date)
        assert began <= day <= TODAY


def test_cases_belong_to_purposes_and_are_numbered_by_day(invented: Collector) -> None:
    prefixes = {kind: purpose.code for purpose in PURPOSES for kind in purpose.case_kinds}
    cases = invented.rows["wall.cases"]
    for case in cases:
        found = re.fullmatch(r"([A-Z]{3})-(\d{8})-(\d{4,})", str(case["reference"]))
        assert found
        assert found[1] == prefixes[str(case["kind"])]
        assert found[2] == str(case["opened_at"])[:10].replace("-", "")
    assert len({case["reference"] for case in cases}) == len(cases)
    codes = {row["customer_code"] for row in invented.rows["wall.point"]}
    assert {case["customer_code"] for case in cases} <= codes | {None}
    for kind in ("call", "application", "work-order"):
        mine = [case for case in cases if case["kind"] == kind]
        assert {(case["customer_code"] is None, case["closed_at"] is None) for case in mine} >= {
            (True, True),
            (False, True),
            (False, False),
        }


@pytest.mark.parametrize("prefix", ["TOI", "IDO", "KOJ", "RYO", "KAN"])
def test_one_open_case_of_each_kind_is_about_no_single_customer(invented: Collector, prefix: str) -> None:
    (case,) = [row for row in invented.rows["wall.cases"] if row["reference"] == f"{prefix}-20261122-0001"]
    assert case["customer_code"] is None
    assert case["closed_at"] is None


def test_persons_are_those_promised() -> None:
    assert {person.code: (person.organisation.code, person.posts[-1].duty) for person in PERSONS} == {
        "td-intake": ("aoi-nw", "network.intake"),
        "td-contact": ("aoi-nw", "network.contact"),
        "td-metering": ("aoi-nw", "network.metering"),
        "td-billing": ("aoi-nw", "network.billing"),
        "td-accounting": ("aoi-nw", "network.accounting"),
        "td-compliance": ("aoi-nw", "network.compliance"),
        "td-admin": ("aoi-nw", "network.admin"),
        "aoi-clerk": ("aoi", "retail.clerk"),
        "aoi-manager": ("aoi", "retail.manager"),
        "contractor-clerk": ("aoi", "retail.contractor"),
        "asahi-clerk": ("asahi", "retail.clerk"),
        "hikari-clerk": ("hikari", "retail.clerk"),
    }


def test_appointments_follow_one_another_and_one_is_held_now(invented: Collector) -> None:
    duties = {duty.value for duty in Duty}
    now = f"{TODAY}T12:00:00+09:00"
    for person in invented.rows["wall.person"]:
        mine = [row for row in invented.rows["wall.appointment"] if row["person"] == person["id"]]
        spans = [str(row["valid"])[1:-1].split(",") for row in mine]
        assert {row["duty"] for row in mine} <= duties
        assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
        assert spans[-1][0] <= now
        assert spans[-1][1] == ""


def test_the_manager_of_the_affiliate_came_from_the_network_two_years_ago(invented: Collector) -> None:
    (manager,) = [row["id"] for row in invented.rows["wall.person"] if row["code"] == "aoi-manager"]
    posts = [row for row in invented.rows["wall.appointment"] if row["person"] == manager]
    assert [row["employer"] for row in posts] == [BY_CODE["aoi-nw"].id, AOI]
    assert posts[-1]["valid"] == "[2024-04-01T00:00:00+09:00,)"
    (affiliation,) = invented.rows["wall.affiliation"]
    assert (affiliation["network"], affiliation["affiliate"]) == (BY_CODE["aoi-nw"].id, AOI)
