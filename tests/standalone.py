"""A standalone cluster of Spark on the loopback, from the package alone: a master and its workers."""

import importlib.util
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MASTER: Final = re.compile(r"Starting Spark master at (spark://127\.0\.0\.1:[0-9]+)")
_REGISTERED: Final = re.compile("(Successfully registered with master)")


@dataclass(frozen=True)
class Standalone:
    """A running cluster: its address, the folder of its logs and work, its master and then its workers."""

    master: str
    folder: Path
    processes: list["subprocess.Popen[bytes]"]


@contextmanager
def standalone(folder: Path, workers: int = 2, memory: str = "1g") -> Iterator[Standalone]:
    """A cluster whose workers have one core each; every process of it is gone afterwards, whatever happens."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes.append(_daemon(folder, "master", "master.Master", "--port", "0", "--webui-port", "0"))
        master = _told(folder / "master.log", _MASTER, processes[0])
        for number in range(workers):
            size = ("--cores", "1", "--memory", memory, "--work-dir", str(folder / f"work-{number}"))
            processes.append(_daemon(folder, f"worker-{number}", "worker.Worker", *size, "--webui-port", "0", master))
        for number, process in enumerate(processes[1:]):
            _told(folder / f"worker-{number}.log", _REGISTERED, process)
        yield Standalone(master, folder, processes)
    finally:
        for process in reversed(processes):
            # With what it has started: executors are its children.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _daemon(folder: Path, name: str, kind: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """A master or a worker, as docs/how-to/survey-on-a-cluster.md starts it."""
    found = importlib.util.find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": f"-Dspark.master.rest.enabled=false -XX:-UsePerfData -Djava.io.tmpdir={folder}"
        " -XX:TieredStopAtLevel=1",
    }
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [f"{home}/bin/spark-class", f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1", *arguments],
            stdout=log,
            stderr=log,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )


def _told(log: Path, wanted: "re.Pattern[str]", process: "subprocess.Popen[bytes]") -> str:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        found = wanted.search(log.read_text(errors="replace"))
        if found is not None:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))
