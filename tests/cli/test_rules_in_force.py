"""規則の変更 in the commands: the table of the home, a warning before the deployment, the proof after it."""

from datetime import timedelta
from pathlib import Path

from takuso.barrier.matrix import RULES, Duty, Relation, digest
from tests.apart import TODAY, added, apart, row
from tests.cli.conftest import Takuso


def test_a_change_is_warned_of_loaded_by_migrate_and_printed(takuso: Takuso, tmp_path: Path) -> None:
    with apart(tmp_path / "home") as place:
        command = takuso.on(tmp_path / "home")
        assert command("store", "start").code == 0
        assert command("barrier", "matrix", "--json").document["digest"] == digest().hex()
        new = row(Duty.METERING, "E", TODAY + timedelta(days=1), Relation.ANY)
        number = place.change(added(new))
        told = {f["name"]: f for f in command("doctor", "--json").document["findings"]}
        assert told["approved_rules"]["state"] == "warn"
        assert told["approved_rules"]["cure"].endswith("takuso store migrate")
        assert told["rules"]["state"] == "ok"
        assert f"申請 {number}" in command("barrier", "matrix").out
        assert command("barrier", "matrix", "--json").document["waiting"] == 1
        assert command("store", "migrate").code == 0
        document = command("barrier", "matrix", "--json").document
        assert (document["changes"], document["waiting"]) == (1, 0)
        assert document["digest"] == digest((*RULES, new)).hex()
        assert len(document["rules"]) == len(RULES) + 1
        proof = command("barrier", "verify", "--only", "rule", "--only", "agreement", "--json").document
        assert proof["ok"], proof["findings"]
        assert proof["facts"]["rules"] == document["digest"]


def test_a_home_that_is_not_prepared_has_the_program_s_table(takuso: Takuso, tmp_path: Path) -> None:
    assert len(takuso.on(tmp_path / "none")("barrier", "matrix", "--json").document["rules"]) == len(RULES)
