"""Where Spark computes, and whether what it needs is there: Java, the package, a master that answers."""

import importlib.util
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from typing import Final

from takuso.survey.duck import EngineFailed

LOOPBACK: Final = "127.0.0.1"
LEAST_JAVA: Final = 17
_LOCAL: Final = re.compile(r"local(\[(\*|[1-9][0-9]{0,3})\])?")
_STANDALONE: Final = re.compile(r"spark://[A-Za-z0-9._-]+:[0-9]{1,5}(,[A-Za-z0-9._-]+:[0-9]{1,5})*")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+")
_MEMORY: Final = re.compile(r"[1-9][0-9]{0,5}[mg]")
_VERSION: Final = re.compile(r'version "([0-9]+)')
_PATIENCE: Final = 5.0
_HOW_TO: Final = "docs/how-to/survey-on-a-cluster.md"


class WrongCluster(Exception):
    """A setting that says where Spark computes breaks a rule; the message names it."""


class NoSpark(EngineFailed):
    """Java, the package or the cluster is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """`master` as Spark writes it, `host` of this machine as the workers reach it, `memory` of each process."""

    master: str
    host: str
    memory: str
    java_home: str | None

    @property
    def local(self) -> bool:
        """True if one process on this machine computes all."""
        return _LOCAL.fullmatch(self.master) is not None

    @property
    def masters(self) -> tuple[tuple[str, int], ...]:
        """Host and port of each master of a standalone cluster."""
        found = (part.rpartition(":") for part in self.master.removeprefix("spark://").split(","))
        return () if self.local else tuple((host, int(port)) for host, _, port in found)


def cluster(
    master: str | None = None, host: str | None = None, memory: str | None = None, java_home: str | None = None
) -> Cluster:
    """Where to compute by the values of TAKUSO_SPARK_MASTER, _HOST, _MEMORY and JAVA_HOME. Raises WrongCluster."""
    found = Cluster(
        master=master or "local[*]", host=host or LOOPBACK, memory=memory or "2g", java_home=java_home or None
    )
    if not found.local and not _STANDALONE.fullmatch(found.master):
        raise _wrong("MASTER", "local[*]、local[数]、spark://ホスト:ポート のどれかです", "spark://10.0.0.1:7077")
    if any(port not in range(1, 65536) for _, port in found.masters):
        raise _wrong("MASTER", "ポートは 1 から 65535 です", "spark://10.0.0.1:7077")
    if not _HOST.fullmatch(found.host):
        raise _wrong("HOST", "ワーカーから見える、この機械のアドレスかホスト名です", "10.0.0.2")
    if not _MEMORY.fullmatch(found.memory):
        raise _wrong("MEMORY", "数と m か g です", "4g")
    elsewhere = [name for name, _ in found.masters if not _loopback(name)]
    if elsewhere and _loopback(found.host):
        rule = f"マスター（{elsewhere[0]}）がほかの機械にあるときは、この機械のアドレスを書きます"
        raise _wrong("HOST", rule, "10.0.0.2")
    return found


def must_be_there(wanted: Cluster) -> None:
    """Raise NoSpark unless there are the package, a Java that is new enough, and a master that answers."""
    if importlib.util.find_spec("pyspark") is None:
        raise NoSpark(
            "Spark（pyspark）が入っていません。\n"
            f"対処: make spark を実行する（pip なら takuso[spark] を入れる）。{_HOW_TO} を見る。"
        )
    _must_have_java(wanted.java_home)
    if wanted.masters and not any(_answers(host, port) for host, port in wanted.masters):
        raise NoSpark(
            f"Spark のマスター（{wanted.master}）につながりません。\n"
            f"対処: マスターを起動し、TAKUSO_SPARK_MASTER を確かめる。{_HOW_TO} を見る。"
        )


def no_workers(wanted: Cluster) -> NoSpark:
    """What is raised where a master answers and no worker takes part."""
    return NoSpark(
        f"Spark のマスター（{wanted.master}）に、使えるワーカーがありません。\n"
        f"対処: ワーカーを起動し、ワーカーのメモリーが TAKUSO_SPARK_MEMORY（{wanted.memory}）以上で空いていること、"
        f"ワーカーから {wanted.host} につながることを確かめる。"
    )


def java(home: str | None) -> str | None:
    """The Java that Spark's own scripts will start."""
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


def _must_have_java(home: str | None) -> None:
    cure = f"対処: Java {LEAST_JAVA} 以降を入れる（Debian: apt-get install default-jre-headless）か、JAVA_HOME を直す。"
    found = java(home)
    if found is None:
        raise NoSpark(f"Java がありません。Spark には Java {LEAST_JAVA} 以降が要ります。\n{cure}")
    try:
        told = subprocess.run([found, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        raise NoSpark(f"Java（{found}）が動きません。\n{cure}") from None
    version = _VERSION.search(told)
    if version is not None and int(version[1]) < LEAST_JAVA:
        raise NoSpark(f"Java {version[1]} は古すぎます。Spark には Java {LEAST_JAVA} 以降が要ります。\n{cure}")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=_PATIENCE).close()
    except OSError:
        return False
    return True


def _loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.")


def _wrong(part: str, rule: str, example: str) -> WrongCluster:
    return WrongCluster(
        f"TAKUSO_SPARK_{part}: {rule}。\n対処: たとえば {example} と書くか、空にする。{_HOW_TO} を見る。"
    )
