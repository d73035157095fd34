"""`takuso barrier explain` as it is typed: the row that decided, then and now, for one duty alone and on record."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from takuso.barrier.gate import Gate, Visit
from takuso.barrier.signin import SignIns
from takuso.kernel.periods import JST
from takuso.store.pools import Pools
from tests.cli.conftest import Ended, Takuso

NOBODY = "98765432109876"
SHAPE = {"receipt", "person", "at", "differs", "then", "now"}


@pytest.fixture
def pools(takuso: Takuso) -> Iterator[Pools]:
    with Pools(takuso.home, ["authn", "ticketer", "reader_network", "reader_retailer"]) as made:
        yield made


def _explain(takuso: Takuso, *words: str) -> Ended:
    return takuso("barrier", "explain", *words)


def _told(takuso: Takuso, *words: str) -> dict[str, Any]:
    ended = _explain(takuso, *words, "--json")
    assert ended.code == 0, ended.err
    document: dict[str, Any] = ended.document
    assert document.keys() == SHAPE
    return document


def _point(document: dict[str, Any], answer: str = "then") -> dict[str, Any]:
    [appointment] = document[answer]["appointments"]
    [point] = appointment["points"]
    found: dict[str, Any] = point
    return found


def _keys(point: dict[str, Any]) -> dict[str, str | None]:
    return {one["class"]: one["rule"] and one["rule"]["key"] for one in point["classes"]}


def _number(takuso: Takuso, kind: str, place: int = 5) -> str:
    """A customer that no other test of this home changes."""
    return takuso.customers(kind, "aoi-clerk", 10)[place]["supply_point"]


def _record(takuso: Takuso, receipt: str) -> dict[str, Any]:
    records = takuso("log", "show", "--screen", "AL30", "--last", "1000", "--json").document["records"]
    [found] = [record for record in records if record["receipt"] == receipt]
    return dict(found)


def test_the_row_that_decided(takuso: Takuso) -> None:
    document = _told(takuso, "aoi-clerk", "CI20", _number(takuso, "own"))
    assert document["differs"] is False
    assert document["then"]["screen"]["version"] >= 1
    [appointment] = document["then"]["appointments"]
    assert (appointment["employer"], appointment["principal"], appointment["duty"]) == ("aoi", None, "retail.clerk")
    point = _point(document)
    assert (point["relation"], point["holder"]) == ("own", "aoi")
    assert {one["verdict"] for one in point["classes"]} == {"show"}
    assert _keys(point)["A"] == "retail.clerk/own/current/A/show/2016-04-01"
    rule = point["classes"][0]["rule"]
    assert rule.keys() == {"key", "article", "note", "since", "until"}
    assert "電気事業法23条1項1号" in rule["article"]


@pytest.mark.parametrize(("kind", "relations"), [("foreign", {"foreign"}), ("vacant", {"vacant", "past"})])
def test_no_rule(takuso: Takuso, kind: str, relations: set[str]) -> None:
    number = takuso.customers(kind, "aoi-clerk", 10)[-1]["supply_point"]
    point = _point(_told(takuso, "aoi-clerk", "CI20", number))
    assert point["relation"] in relations
    assert (point["holder"] is None) == (kind == "vacant")
    assert set(_keys(point).values()) == {None}
    assert "規則がない" in _explain(takuso, "aoi-clerk", "CI20", number).out


def test_a_switched_customer(takuso: Takuso) -> None:
    number = takuso.customers("switched", "aoi-clerk", 10)[-1]["supply_point"]
    for screen, verdict in (("CI20", "deny"), ("PC10", "show")):
        point = _point(_told(takuso, "aoi-clerk", screen, number))
        assert point["relation"] == "past"
        assert {one["verdict"] for one in point["classes"]} == {verdict}
    assert "自社の期間" in _explain(takuso, "aoi-clerk", "pc10", number).out


def test_a_contractor_acts_for_the_principal(takuso: Takuso) -> None:
    number = takuso.customers("own", "contractor-clerk", 10)[5]["supply_point"]
    document = _told(takuso, "contractor-clerk", "CI20", number)
    [appointment] = document["now"]["appointments"]
    assert appointment["employer"] != appointment["principal"]
    assert f"委託元 {appointment['principal_name']}" in _explain(takuso, "contractor-clerk", "CI20", number).out


@pytest.mark.parametrize(
    ("person", "screen", "is_known"),
    [("aoi-clerk", "CI20", False), ("nobody", "CI20", True), ("aoi-clerk", "ZZ99", True)],
)
def test_what_is_unknown_has_the_shape_of_absent(takuso: Takuso, person: str, screen: str, is_known: bool) -> None:
    own = _number(takuso, "own")
    usual, document = (
        _told(takuso, "aoi-clerk", "CI20", own),
        _told(takuso, person, screen, own if is_known else NOBODY),
    )
    assert document["then"].keys() == usual["then"].keys()
    assert document["then"]["screen"].keys() == usual["then"]["screen"].keys()
    assert document["then"]["appointments"][0].keys() == usual["then"]["appointments"][0].keys()
    assert _point(document).keys() == _point(usual).keys()
    assert (_point(document)["relation"], _point(document)["holder"]) == ("absent", None)


@pytest.mark.parametrize(
    "words",
    [
        ("aoi-clerk", "CI20", "123"),
        ("aoi-clerk", "CI20", "１２３４５６７８９０１２３４"),
        ("aoi clerk", "CI20", NOBODY),
        ("あおい", "CI20", NOBODY),
        ("aoi-clerk", "CI2", NOBODY),
        ("aoi-clerk", "CI20", NOBODY, "--at", "yesterday"),
        ("aoi-clerk", "CI20", NOBODY, "--at", "0001-01-01"),
        ("aoi-clerk", "CI20"),
    ],
    ids=" ".join,
)
def test_what_is_malformed_ends_with_2(takuso: Takuso, words: tuple[str, ...]) -> None:
    ended = _explain(takuso, *words, "--json")
    assert ended.code == 2
    assert "対処" in ended.err
    assert ended.document["ok"] is False


def test_nothing_of_the_customer_leaves(takuso: Takuso, superuser: psycopg.Connection[Any]) -> None:
    number = _number(takuso, "foreign")
    row = superuser.execute(
        "SELECT w.customer_code, p.name, p.kana, a.town, s.contract_no FROM wall.point w"
        " JOIN points.party p ON p.point = w.id JOIN points.place a ON a.point = w.id"
        " JOIN points.supply s ON s.point = w.id WHERE w.supply_point = %s",
        [number],
    ).fetchone()
    assert row is not None
    for words in (("--json",), ()):
        out = _explain(takuso, "aoi-clerk", "CI20", number, *words).out
        assert not [value for value in (number, *row) if value and value in out]


@pytest.mark.parametrize("person", ["aoi-clerk", "td-contact", "td-admin"])
def test_other_duties_are_refused_with_a_receipt(takuso: Takuso, person: str) -> None:
    number = _number(takuso, "own")
    ended = _explain(takuso, "aoi-clerk", "CI20", number, "--as", person)
    assert (ended.code, ended.out) == (3, "")
    receipt = ended.err.partition("受付番号 ")[2].partition("）")[0]
    record = _record(takuso, receipt)
    assert (record["person"], record["decision"], record["rendered"]) == (person, "refused", False)
    assert record["typed"] == f"aoi-clerk CI20 {number}"


def test_the_explanation_is_in_the_log(takuso: Takuso) -> None:
    customer = takuso.customers("foreign", "aoi-clerk", 10)[5]["customer_code"]
    record = _record(takuso, _told(takuso, "aoi-clerk", "CI20", customer)["receipt"])
    assert (record["person"], record["screen_name"], record["kind"]) == ("td-compliance", "閲覧可否の説明", "log")
    assert record["typed"] == f"aoi-clerk CI20 {customer}"
    found = takuso("log", "show", "--customer", customer, "--json").document["records"]
    assert record["receipt"] in {one["receipt"] for one in found}
    assert "閲覧可否の説明" in takuso("log", "show", "--screen", "AL30").out


def test_then_and_now_after_a_correction(takuso: Takuso, pools: Pools) -> None:
    customer = takuso.customers("own", "aoi-clerk", 10)[7]
    number, signins = customer["supply_point"], SignIns(pools)
    proof = signins.by_link(signins.issue_link("aoi-clerk", hours=1))
    receipt = Gate(pools).look(Visit(proof=proof, screen="CI20"), asked=[number], render=lambda _: b"page").receipt
    signins.end(proof)
    records = takuso("log", "show", "--customer", number, "--json").document["records"]
    [logged] = [record for record in records if record["receipt"] == receipt]
    at = logged["business_at"]
    before = (datetime.fromisoformat(at) - timedelta(days=10)).astimezone(JST).date()
    changed = takuso(
        "points", "record-supply", number, "--customer", customer["customer_code"], "--retailer", "asahi",
        "--from", str(before), "--reason", "訂正", "--as", "td-intake", "--purpose", "IDO", "--reference", "IDO-1",
    )  # fmt: skip
    assert changed.code == 0, changed.err
    document = _told(takuso, "aoi-clerk", "CI20", number, "--at", at)
    assert document["differs"] is True
    then, now = _point(document, "then"), _point(document, "now")
    granted = [one["class"] for one in then["classes"] if one["verdict"] == "show"]
    assert (then["relation"], granted) == (logged["relation"], logged["granted"])
    assert (now["relation"], now["holder"], set(_keys(now).values())) == ("past", "asahi", {None})
    out = _explain(takuso, "aoi-clerk", "CI20", number, "--at", at).out
    assert out.index("当時の記録") < out.index("いまの記録")
    assert "答えが違います" in out
