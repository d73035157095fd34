"""What `log show` tells an investigator: every field, attempts without a subject, and the wall's alarms."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from takuso.barrier.gate import Gate, PurposeNeeded, Visit
from takuso.barrier.signin import SignIns
from takuso.store.pools import Pools
from tests.cli.conftest import Takuso

NOBODY = "98765432109876"
FIELDS = {"rule_version", "screen_version", "terminal", "session", "employer", "period", "typed"}


@pytest.fixture
def pools(takuso: Takuso) -> Iterator[Pools]:
    with Pools(takuso.home, ["authn", "ticketer", "reader_network", "reader_retailer"]) as made:
        yield made


def _look(pools: Pools, person: str, number: str) -> str:
    """The receipt of a look at お客さま情報Ⅱ from a named window."""
    signins = SignIns(pools)
    proof = signins.by_link(signins.issue_link(person, hours=1))
    visit = Visit(proof=proof, screen="CI20", terminal="窓口 7")
    try:
        return Gate(pools).look(visit, asked=[number], render=lambda _: b"page").receipt
    except PurposeNeeded as needed:
        return needed.receipt
    finally:
        signins.end(proof)


def _records(takuso: Takuso, receipt: str, *options: str) -> list[dict[str, Any]]:
    records = takuso("log", "show", *options, "--json").document["records"]
    return [record for record in records if record["receipt"] == receipt]


def test_every_field_is_there(takuso: Takuso, pools: Pools) -> None:
    # The first of the plan's customers are corrected and switched by other tests of this home.
    customer = takuso.customers("own", "contractor-clerk", 5)[4]["customer_code"]
    record, *_ = _records(takuso, _look(pools, "contractor-clerk", customer), "--last", "20")
    assert record.keys() >= FIELDS
    assert record["terminal"] == "窓口 7"
    assert record["rule_version"] >= 1
    assert record["screen_version"] >= 1
    assert record["session"] >= 1
    assert record["employer"] != record["organisation"]
    assert record["period"].startswith("{[")
    assert (record["customer"], record["typed"]) == (customer, None)


@pytest.mark.parametrize("typed", [NOBODY, f"{NOBODY[:4]}-{NOBODY[4:]}"])
def test_attempts_at_a_number_nobody_has_are_found(takuso: Takuso, pools: Pools, typed: str) -> None:
    receipt = _look(pools, "aoi-clerk", NOBODY)
    [record] = _records(takuso, receipt, "--customer", typed)
    assert (record["typed"], record["relation"], record["decision"]) == (NOBODY, "absent", "hidden")
    assert (record["supply_point"], record["rendered"]) == (None, False)
    assert NOBODY in takuso("log", "show", "--customer", NOBODY).out
    assert _records(takuso, receipt, "--customer", NOBODY[:-1] + "0") == []
    assert _records(takuso, receipt, "--customer", NOBODY, "--to", "2026-01-01") == []
    assert _records(takuso, receipt, "--customer", NOBODY, "--from", "2026-01-01") == [record]


def test_attempts_before_a_purpose_are_found_and_showed_nothing(takuso: Takuso, pools: Pools) -> None:
    customer = takuso.customers("own", "aoi-clerk")[0]["customer_code"]
    [record] = _records(takuso, _look(pools, "td-metering", customer), "--customer", customer)
    assert (record["decision"], record["typed"], record["rendered"]) == ("purpose-needed", customer, False)
    shown = takuso("log", "show", "--customer", customer, "--person", "td-metering").out
    assert "記録なし" not in shown
    assert "目的未申告" in shown


def test_a_refusal_showed_nothing(takuso: Takuso) -> None:
    refused = takuso("log", "show", "--as", "td-admin", "--json")
    assert refused.code == 3
    records = takuso("log", "show", "--person", "td-admin", "--json").document["records"]
    assert {record["rendered"] for record in records if record["decision"] == "refused"} == {False}
    assert "記録なし" not in takuso("log", "show", "--person", "td-admin").out


def test_a_ticket_left_open_counts_as_shown(takuso: Takuso, pools: Pools) -> None:
    """Only what shows nothing by nature is excused from its outcome."""

    def failing(_: object) -> bytes:
        raise OSError("the page could not be made")

    customer = takuso.customers("own", "aoi-clerk")[0]["customer_code"]
    signins = SignIns(pools)
    proof = signins.by_link(signins.issue_link("aoi-clerk", hours=1))
    with pytest.raises(OSError, match="could not be made"):
        Gate(pools).look(Visit(proof=proof, screen="CI20", terminal="途中"), asked=[customer], render=failing)
    records = takuso("log", "show", "--customer", customer, "--json").document["records"]
    assert [record["rendered"] for record in records if record["terminal"] == "途中"] == [None]
    assert "記録なし" in takuso("log", "show", "--customer", customer).out


@pytest.mark.parametrize("options", [("--customer", "123"), ("--alarms", "--person", "aoi-clerk")], ids=str)
def test_options_that_cannot_work(takuso: Takuso, options: tuple[str, ...]) -> None:
    ended = takuso("log", "show", *options)
    assert ended.code == 2
    assert "対処" in ended.err


def _alarms_finding(takuso: Takuso) -> dict[str, str]:
    found: list[dict[str, str]] = takuso("doctor", "--json").document["findings"]
    return next(finding for finding in found if finding["name"] == "alarms")


def test_alarms_are_told_and_read_through_the_gate(takuso: Takuso, superuser: psycopg.Connection[Any]) -> None:
    assert _alarms_finding(takuso)["state"] == "ok"
    superuser.execute(
        "INSERT INTO log.alarm (at, kind, receipt, detail) VALUES (clock_timestamp(), 'second outcome', 'R-1', 'new'),"
        " (clock_timestamp() - interval '31 days', 'second outcome', 'R-0', 'old')"
    )
    try:
        finding = _alarms_finding(takuso)
        assert finding["state"] == "warn"
        assert "1 件" in finding["what"]
        assert "takuso log show --alarms" in finding["cure"]
        assert takuso("doctor").code == 0
        told = takuso("log", "show", "--alarms", "--json").document
        assert [(a["kind"], a["receipt"], a["detail"]) for a in told["alarms"]] == [
            ("second outcome", "R-1", "new"),
            ("second outcome", "R-0", "old"),
        ]
        [read] = _records(takuso, told["receipt"], "--screen", "AL10")
        assert (read["person"], read["rendered"]) == ("td-compliance", False)
        assert "R-1" in takuso("log", "show", "--alarms").out
        assert takuso("log", "show", "--alarms", "--as", "td-admin").code == 3
    finally:
        superuser.execute("DELETE FROM log.alarm WHERE receipt IN ('R-0', 'R-1')")


def test_typed_numbers_need_a_ticket_of_the_log(takuso: Takuso, pools: Pools) -> None:
    _look(pools, "aoi-clerk", NOBODY)
    with Pools(takuso.home, ["surveyor"]) as outside, outside.pool("surveyor").connection() as surveyor:
        assert surveyor.execute("SELECT * FROM wall.log_typed(%s, NULL, NULL)", [NOBODY]).fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            surveyor.execute("SELECT typed FROM log.payload")
