"""A standalone cluster of a master and two workers on the loopback: the same answer, and nothing goes elsewhere."""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from takuso.doors.cli.program import run as command
from takuso.main import house
from takuso.survey.spark import opening
from tests.standalone import Standalone, standalone
from tests.survey.lay import NOTICE, ask
from tests.survey.sparks import NEEDS_JAVA, here, quick_java, same, started
from tests.survey.test_result import PLACE

pytestmark = [
    NEEDS_JAVA,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks for sockets in /proc"),
]
_LISTENS = "0A"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    with standalone(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def test_two_workers_give_what_duckdb_gives_and_bind_to_the_loopback_alone(cluster: Standalone, tmp_path: Path) -> None:
    source = PLACE.write(tmp_path / "source")
    with started(here(cluster.master, "512m")) as spark:
        same(spark, source, NOTICE)
        until = time.monotonic() + 30
        while len(_executors(cluster)) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        executors = _executors(cluster)
        assert len(executors) == 2
        java = spark.session(lambda _: None).sparkContext._gateway.proc.pid
        spoken = [process.pid for process in cluster.processes] + executors + [java]
        found = {pid: _listening(pid) for pid in spoken}
        assert all(found.values())
        assert {address for addresses in found.values() for address in addresses} <= {"127.0.0.1"}


def _executors(cluster: Standalone) -> list[int]:
    """Processes that workers have started and that listen."""
    found = []
    for process in cluster.processes[1:]:
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            with suppress(FileNotFoundError):
                found += [int(child) for child in (thread / "children").read_text().split()]
    return [pid for pid in found if _listening(pid)]


def _listening(pid: int) -> set[str]:
    """The addresses that a process listens on."""
    inodes = set()
    with suppress(FileNotFoundError):
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                target = str(handle.readlink())
                if target.startswith("socket:["):
                    inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[place] for place in (1, 3, 9))
            if state == _LISTENS and inode in inodes:
                found.add(_address(local.partition(":")[0]))
    return found


def _address(hexadecimal: str) -> str:
    """An address as /proc writes it; one of IPv4 within IPv6 is one of IPv4."""
    if len(hexadecimal) == 32 and hexadecimal.startswith("0000000000000000FFFF0000"):
        hexadecimal = hexadecimal[24:]
    if len(hexadecimal) == 32:
        return hexadecimal
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(hexadecimal)))


def test_an_address_is_read_as_proc_writes_it() -> None:
    assert _address("0100007F") == _address("0000000000000000FFFF00000100007F") == "127.0.0.1"
    assert _address("00000000") == "0.0.0.0"  # noqa: S104 - what must not be found
    assert _address("0" * 32) == "0" * 32


def test_the_command_on_the_cluster_names_nobody_in_its_logs(
    cluster: Standalone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    source, file = PLACE.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    common = ["survey", "run", str(file), "--source", str(source), "--json", "--out"]
    assert command(house(), [*common, str(tmp_path / "duckdb")]) == 1
    monkeypatch.setenv("TAKUSO_SPARK_MASTER", cluster.master)
    monkeypatch.setenv("TAKUSO_SPARK_MEMORY", "512m")
    with quick_java():
        assert command(house(), [*common, str(tmp_path / "spark"), "--engine", "spark"]) == 1, capfd.readouterr().err
    for name in ("findings.parquet", "evidence.parquet"):
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "spark" / name).read_bytes(), name
    summary = json.loads((tmp_path / "spark" / "summary.json").read_text())
    assert summary["engine"] == "spark"
    assert summary["viewers"] > 0
    assert list(scratch.iterdir()) == []
    logs = [file for file in cluster.folder.rglob("*") if file.is_file() and file.suffix != ".jar"]
    assert len(logs) >= 5  # the master's, the workers', the executors'
    for log in logs:
        text = log.read_text(errors="replace")
        named = [row for row in (*PLACE.people, *PLACE.supply) if re.search(rf"\b({row[0]}|{row[1]})\b", text)]
        # An executor tells the names of columns, and screens and organisations of a condition; never a value of a row.
        assert named == [], log


def test_a_master_without_a_worker_that_can_is_told(
    cluster: Standalone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The workers have one gigabyte each: an executor of two never comes."""
    monkeypatch.setattr(opening, "WORKERS_SECONDS", 2.0)
    source, file = PLACE.write(tmp_path / "source"), ask(tmp_path / "survey.yaml", NOTICE)
    monkeypatch.setenv("TAKUSO_SPARK_MASTER", cluster.master)
    monkeypatch.setenv("TAKUSO_SPARK_MEMORY", "2g")
    out = tmp_path / "out"
    arguments = ["survey", "run", str(file), "--source", str(source), "--out", str(out), "--engine", "spark"]
    with quick_java():
        assert command(house(), arguments) == 3
    told = capfd.readouterr().err
    assert "使えるワーカーがありません" in told
    assert "TAKUSO_SPARK_MEMORY（2g）" in told
    assert not out.exists()
