"""消去 and 保存 by command, on the demo home: what the persons are told, and how it ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from takuso.barrier.deployment import Loader
from takuso.kernel.periods import jst_day
from tests.cli.conftest import Takuso

Superuser = psycopg.Connection[Any]
SECOND, THIRD = "td-auditor", "td-reviewer"
TODAY = jst_day(datetime.now(UTC))


@pytest.fixture
def watchers(takuso: Takuso, superuser: Superuser) -> Iterator[None]:
    """Two more persons of the duty."""
    row = superuser.execute(
        "SELECT a.employer FROM wall.appointment a JOIN wall.person p ON p.id = a.person WHERE p.code = 'td-compliance'"
    ).fetchone()
    assert row
    numbers = range(99_001, 99_003)
    with Loader(takuso.home) as loader:
        for number, code in zip(numbers, (SECOND, THIRD), strict=True):
            loader.load("wall.person", [{"id": number, "code": code, "name": code}])
            post = {"person": number, "employer": row[0], "principal": None, "duty": "network.compliance"}
            loader.load("wall.appointment", [{"id": number, **post, "valid": "[2016-04-01 00:00+09,)"}])
    yield
    superuser.execute("DELETE FROM wall.stated_purpose s USING wall.session n WHERE n.id = s.session"
                      " AND n.appointment = ANY (%s)", [list(numbers)])  # fmt: skip
    superuser.execute("DELETE FROM wall.session WHERE appointment = ANY (%s)", [list(numbers)])
    superuser.execute("DELETE FROM wall.one_time_link WHERE appointment = ANY (%s)", [list(numbers)])
    superuser.execute("DELETE FROM wall.appointment WHERE person = ANY (%s)", [list(numbers)])
    superuser.execute("DELETE FROM wall.person WHERE id = ANY (%s)", [list(numbers)])


def test_two_persons_erase_by_command(takuso: Takuso, superuser: Superuser, watchers: None) -> None:
    """Who typed it may not, one alone may not; with the second it is gone, and doctor knows."""
    assert takuso("log", "show", "--customer", "06000000000000", "--as", SECOND, "--last", "1").code == 0
    assert takuso("jobs", "once").code == 0
    row = superuser.execute(
        "SELECT t.receipt FROM log.ticket t JOIN wall.person p ON p.id = t.person"
        "  JOIN log.payload y ON y.day = t.day AND y.receipt = t.receipt"
        " WHERE p.code = %s ORDER BY t.at DESC LIMIT 1",
        [SECOND],
    ).fetchone()
    assert row
    why = ("--law", "個人情報保護法 35 条", "--reason", "本人の求め")
    own = takuso("log", "erase", row[0], *why, "--as", SECOND)
    assert (own.code, "入力した本人" in own.err) == (3, True)
    assert takuso("log", "erase").code == 2
    asked = takuso("log", "erase", row[0], *why, "--json")
    assert (asked.code, asked.document["step"]) == (0, "request"), asked.err
    alone = takuso("log", "erase", "--approve", asked.document["receipt"])
    assert (alone.code, "求めた本人" in alone.err) == (3, True)
    done = takuso("log", "erase", "--approve", asked.document["receipt"], "--as", THIRD, "--json")
    assert (done.code, done.document["target"]) == (0, row[0]), done.err
    assert superuser.execute("SELECT FROM log.payload WHERE receipt = %s", [row[0]]).fetchall() == []
    found = {entry["name"]: entry["state"] for entry in takuso("doctor", "--json").document["findings"]}
    assert found["log_erased"] == "ok"
    assert takuso.home.erased
    assert row[0] in takuso.home.erased.read_text("utf-8")


def test_retention_by_command(takuso: Takuso, superuser: Superuser, tmp_path: Path) -> None:
    """The rules are shown with the example's label; what the guard refuses is said; nothing young is due."""
    found = takuso("log", "retention", "--json").document
    assert [(rule["years"], rule["label"]) for rule in found["rules"]] == [(10, "EXAMPLE")]
    by = ("--by", "td-admin", "--reason", "規程の改正")
    soon = ("--from", str(TODAY + timedelta(days=1)), "--label", "規程 8 条")
    shorter = takuso("log", "retention", "rule", "5", *soon, *by)
    assert (shorter.code, "30 日先" in shorter.err) == (2, True)
    try:
        held = takuso("log", "retention", "hold", "--from", "2016-04-01", "--to", "2017-04-01", *by, "--json")
        assert held.code == 0, held.err
        assert takuso("log", "retention", "release", str(held.document["no"]), *by).code == 0
        assert takuso("log", "retention", "release", str(held.document["no"]), *by).code == 2
        done = takuso("log", "retention", "--delete", "--by", "td-admin", "--out", str(tmp_path), "--json")
        assert (done.code, done.document["days"]) == (0, []), done.err
    finally:
        superuser.execute("DELETE FROM log.hold WHERE releases IS NOT NULL")
        superuser.execute("DELETE FROM log.hold")
