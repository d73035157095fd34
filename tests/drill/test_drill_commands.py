"""`takuso drill`: only in a demo home, one fault at a time, whole again after heal even if it died half-way."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from takuso.barrier.standing import program_finding
from takuso.proof.faults import drill as drills
from takuso.proof.faults.changes import FaultMisfit
from takuso.proof.faults.drill import FAULTS, Drill
from takuso.store import settings
from takuso.store.home import CorruptHome, Home, Kind
from tests.cli.conftest import Takuso
from tests.cli.test_serve import ask, serving
from tests.drill.conftest import Db


@pytest.fixture
def clean(takuso: Takuso) -> Iterator[None]:
    """Healed afterwards, whatever happened."""
    yield
    assert takuso("drill", "heal").code == 0


def test_the_list(takuso: Takuso) -> None:
    document = takuso("drill", "list", "--json").document
    assert document["planted"] is None
    assert len(document["faults"]) == len({fault["name"] for fault in document["faults"]}) == len(FAULTS) >= 30
    assert {fault["kind"] for fault in document["faults"]} == {"database", "code"}
    assert all(fault["title"] and fault["caught_by"] for fault in document["faults"])
    table = takuso("drill", "list").out
    assert "notice-transition" in table


@pytest.mark.parametrize("words", [("list",), ("plant", "row-security-off"), ("heal",)])
def test_only_in_a_demo_home(empty: Takuso, words: tuple[str, ...]) -> None:
    for kind in ("production", "sandbox"):
        folder = empty.on(empty.folder.with_name(kind))
        folder.home.declare(kind)  # type: ignore[arg-type]
        ended = folder("drill", *words, "--json")
        assert ended.code == 3
        assert "デモのホーム" in ended.err
        assert ended.document["ok"] is False


def test_no_such_fault(takuso: Takuso) -> None:
    ended = takuso("drill", "plant", "nothing")
    assert ended.code == 2
    assert "takuso drill list" in ended.err


def test_one_at_a_time(takuso: Takuso, clean: None) -> None:
    planted = takuso("drill", "plant", "stamp-readable", "--json")
    assert planted.code == 0, planted.err
    assert planted.document["planted"]["caught_by"] == "catalogue"
    assert takuso("drill", "list", "--json").document["planted"] == "stamp-readable"
    for second in ("row-security-off", "notice-transition"):
        ended = takuso("drill", "plant", second)
        assert ended.code == 2
        assert "takuso drill heal" in ended.err
    assert takuso("doctor").code == 1
    assert takuso("drill", "heal", "--json").document == {"ok": True, "healed": "stamp-readable"}
    assert takuso("doctor").code == 0
    assert takuso("drill", "heal", "--json").document == {"ok": True, "healed": None}


def test_the_record_is_nobody_elses(takuso: Takuso, clean: None) -> None:
    assert takuso("drill", "plant", "pages-cacheable").code == 0
    record = takuso.folder / "drill" / "planted.json"
    assert json.loads(record.read_text())["fault"] == "pages-cacheable"
    assert record.stat().st_mode & 0o077 == 0
    assert takuso.home.patched.stat().st_mode & 0o077 == 0


def test_a_drill_that_died_half_way(takuso: Takuso, drill: Drill, admin_url: str, clean: None) -> None:
    """In the copy: the record was written, the folder only in part."""
    home = takuso.home
    drills._write(home, drills._Record(fault="pages-tagged"))
    (home.path / "patched.new-dead" / "takuso").mkdir(parents=True)
    assert takuso("drill", "plant", "row-security-off").code == 2
    assert takuso("drill", "heal", "--json").document["healed"] == "pages-tagged"
    assert not list(home.path.glob("patched*"))
    assert takuso("doctor").code == 0


def test_a_heal_that_died_half_way(takuso: Takuso, drill: Drill, admin_url: str, clean: None) -> None:
    """The fault is undone, the wall not yet deployed: the record is still there."""
    drill.plant(takuso.home, "holder-policy-dropped", admin_url)

    def dies() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drill.heal(takuso.home, admin_url, dies)
    assert drill.planted(takuso.home) == "holder-policy-dropped"
    assert takuso("drill", "heal").code == 0
    assert takuso("doctor").code == 0


def test_a_record_nobody_can_read(takuso: Takuso, drill: Drill, clean: None) -> None:
    drills._place(takuso.home).parent.mkdir(exist_ok=True)
    drills._place(takuso.home).write_text("{}")
    try:
        with pytest.raises(CorruptHome):
            drill.planted(takuso.home)
        ended = takuso("drill", "heal")
        assert ended.code == 3
        assert "takuso demo --rebuild" in ended.err
    finally:
        drills._place(takuso.home).unlink()


def test_a_fault_that_does_not_fit(takuso: Takuso, drill: Drill, superuser: Db, admin_url: str, clean: None) -> None:
    """Found before anything is changed or remembered."""
    superuser.execute("ALTER FUNCTION wall.granted(text) RENAME TO was_granted")
    try:
        with pytest.raises(FaultMisfit):
            drill.plant(takuso.home, "ticket-never-expires", admin_url)
    finally:
        superuser.execute("ALTER FUNCTION wall.was_granted(text) RENAME TO granted")
    assert drill.planted(takuso.home) is None


def test_on_a_server_of_ones_own(takuso: Takuso, tmp_path: Path, admin_url: str, clean: None) -> None:
    """Behind DATABASE_URL nothing is done to the database without a superuser's address."""
    socket, port = takuso.home.embedded_address()
    other = takuso.on(tmp_path / "other")
    shutil.copytree(takuso.home.secrets, other.folder / "secrets")
    shutil.copy(takuso.folder / "home.json", other.folder)
    other = Takuso(folder=other.folder, env=other.env | {"DATABASE_URL": f"host={socket} port={port} dbname=takuso"})
    assert other("drill", "plant", "stamp-readable").code == 2
    nobody = f"host={socket} port={port} user=web password={takuso.home.secret('web')}"
    refused = other("drill", "plant", "stamp-readable", "--admin-url", nobody)
    assert refused.code == 3
    assert "スーパーユーザー" in refused.err
    assert other("drill", "list", "--json").document["planted"] is None
    assert other("drill", "plant", "stamp-readable", "--admin-url", admin_url).code == 0
    assert other("drill", "heal").code == 3
    assert other("doctor").code == 1
    assert other("drill", "heal", "--admin-url", admin_url, "--json").document["healed"] == "stamp-readable"
    assert other("doctor").code == 0


def test_a_running_server_is_not_ready_until_healed(takuso: Takuso, free_port: int, clean: None) -> None:
    with serving(takuso, free_port, "--workers", "1"):
        for fault in ("rule-for-accounting", "stale-stamp", "outcome-skipped"):
            assert takuso("drill", "plant", fault).code == 0
            _await(free_port, 503)
            assert takuso("drill", "heal").code == 0
            _await(free_port, 200)


def _at_work(takuso: Takuso, began: float) -> None:
    """Wait until the server's jobs have had a round: what is still being loaded misses the copy that is healed away."""
    beat, end = takuso.folder / settings.HEARTBEAT.name, time.monotonic() + 30
    while not beat.exists() or beat.stat().st_mtime < began:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_server_started_on_a_patched_copy(takuso: Takuso, free_port: int, clean: None) -> None:
    """It serves the fault, is never ready, and stays so after heal: its program is still the patched one."""
    assert takuso("drill", "plant", "pages-cacheable").code == 0
    began = time.time()
    process = takuso.start("serve", "--workers", "1", PORT=str(free_port))
    try:
        _await(free_port, 503)
        _at_work(takuso, began)
        answer = ask(free_port, "GET", "/readyz")
        assert "takuso drill heal" not in answer.body
        assert "訓練" in answer.body
        assert ask(free_port, "GET", "/login").headers["Cache-Control"] == "private, max-age=300"
        assert takuso("drill", "heal").code == 0
        assert ask(free_port, "GET", "/readyz").status == 503
    finally:
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    with serving(takuso, free_port, "--workers", "1"):
        assert ask(free_port, "GET", "/login").headers["Cache-Control"] == "no-store"


def _await(port: int, status: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            if ask(port, "GET", "/readyz").status == status:
                return
        except OSError:
            pass
        assert time.monotonic() < end, f"never {status}"
        time.sleep(0.2)


@pytest.mark.parametrize(("kind", "cure"), [("demo", "takuso drill heal"), ("production", "rm -r")])
def test_a_copy_that_lies_there(tmp_path: Path, kind: Kind, cure: str) -> None:
    """It is not ready, whoever put the copy there; outside a demo it is never run."""
    home = Home(tmp_path / kind)
    home.declare(kind)
    assert program_finding(home).state == "ok"
    home.patched.mkdir()
    found = program_finding(home)
    assert found.state == "bad"
    assert cure in found.cure
