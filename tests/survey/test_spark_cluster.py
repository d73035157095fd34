"""A standalone cluster of a master and two workers on the loopback: the same answer, and nothing goes elsewhere."""

import json
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from takuso.doors.cli.program import run as command
from takuso.main import house
from takuso.survey.spark import opening
from tests.standalone import Standalone, standalone
from tests.survey.lay import NOTICE, ask
from tests.survey.sparks import NEEDS_JAVA, quick_java
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


@contextmanager
def _listened(cluster: Standalone) -> Iterator[dict[int, set[str]]]:
    """Every address on which a process of the cluster, an executor or a driver of ours listens meanwhile."""
    heard: dict[int, set[str]] = {}
    over = threading.Event()

    def hear() -> None:
        while not over.wait(0.1):
            spoken = [process.pid for process in cluster.processes] + _executors(cluster) + _children(os.getpid())
            for pid in spoken:
                heard.setdefault(pid, set()).update(_listening(pid))

    hearing = threading.Thread(target=hear)
    hearing.start()
    try:
        yield heard
    finally:
        over.set()
        hearing.join()


def _children(parent: int) -> list[int]:
    found: list[int] = []
    for thread in Path(f"/proc/{parent}/task").iterdir():
        with suppress(FileNotFoundError):
            for child in map(int, (thread / "children").read_text().split()):
                found += [child, *_children(child)]
    return found


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


def test_two_workers_give_what_duckdb_gives_on_the_loopback_alone_and_name_nobody_in_their_logs(
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
    with quick_java(), _listened(cluster) as heard:
        assert command(house(), [*common, str(tmp_path / "spark"), "--engine", "spark"]) == 1, capfd.readouterr().err
    for name in ("findings.parquet", "evidence.parquet"):
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "spark" / name).read_bytes(), name
    summary, plain = (json.loads((tmp_path / name / "summary.json").read_text()) for name in ("spark", "duckdb"))
    assert (summary.pop("engine"), plain.pop("engine")) == ("spark", "duckdb")
    assert summary | {"seconds": 0} == plain | {"seconds": 0}
    assert summary["viewers"] > 0
    speaking = {pid for pid, addresses in heard.items() if addresses}
    assert len(speaking) >= len(cluster.processes) + 3, "the two executors and the driver beside master and workers"
    assert set().union(*heard.values()) == {"127.0.0.1"}
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
