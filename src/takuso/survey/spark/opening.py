"""A session of Spark for one run: started on this machine, quiet, bound to one address, gone without a trace."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from takuso.survey.duck import EngineFailed
from takuso.survey.spark.cluster import Cluster, NoSpark, must_be_there, no_workers

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORKERS_SECONDS: Final = 30.0
# What the environment says is passed to Java but for these: another Spark, other options, other folders.
_NOT_OURS: Final = ("SPARK_HOME", "PYSPARK_SUBMIT_ARGS", "SPARK_LOCAL_DIRS", "PYSPARK_GATEWAY_PORT")
# File names may be Japanese, whatever the locale is.
_LOCALE: Final = "C.UTF-8"


@contextmanager
def open_spark(wanted: Cluster) -> Iterator["SparkSession"]:
    """A session with the survey's settings, and a folder of its own that goes with it. Raises NoSpark, EngineFailed."""
    must_be_there(wanted)
    try:
        scratch = tempfile.TemporaryDirectory(prefix="takuso-survey-", ignore_cleanup_errors=True)
    except OSError as error:
        raise EngineFailed(
            f"一時フォルダーを作れません（{error.strerror}）。何も書いていません。\n"
            "対処: 空きを作って、または空きのあるところを TMPDIR に指定して、もう一度実行する。"
        ) from error
    given = {"SPARK_LOCAL_IP": wanted.host, "LC_ALL": _LOCALE}
    with scratch as name, _interrupts_as_before(), _environment(given, _NOT_OURS):
        folder = Path(name)
        with _java(wanted, folder) as gateway, _session(wanted, folder, gateway) as session:
            yield session


def settings(wanted: Cluster, folder: Path) -> dict[str, str]:
    """Every setting of a run. No screen, no events, no name of anybody: what Spark writes tells that it ran."""
    return {
        "spark.master": wanted.master,
        "spark.app.name": "takuso",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.executor.syncLogLevel.enabled": "true",
        "spark.driver.host": wanted.host,
        "spark.driver.bindAddress": wanted.host,
        "spark.driver.memory": wanted.memory,
        "spark.executor.memory": wanted.memory,
        "spark.executorEnv.LC_ALL": _LOCALE,
        "spark.driver.extraJavaOptions": f"-Djava.io.tmpdir={folder} -XX:-UsePerfData",
        "spark.local.dir": str(folder),
        # What a step has replaced is let go of at the next round of the collector.
        "spark.cleaner.periodicGC.interval": "1min",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        # Instants are UTC and stay as they are in the file; days before 1582 too.
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
        "spark.sql.legacy.parquet.nanosAsLong": "true",
        # Texts are spelled with backslashes (views.spelled), and nothing in them is a variable.
        "spark.sql.parser.escapedStringLiterals": "false",
        "spark.sql.variable.substitute": "false",
        "spark.sql.caseSensitive": "true",
        "spark.sql.ansi.enabled": "true",
        # A file that is gone or broken is a fault, never a smaller figure.
        "spark.sql.files.ignoreMissingFiles": "false",
        "spark.sql.files.ignoreCorruptFiles": "false",
    }


@contextmanager
def _java(wanted: Cluster, folder: Path) -> Iterator[Any]:
    """The process of Java, its talk in a file; when this ends, so does it."""
    from pyspark import SparkConf
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway

    told = folder / "java.log"
    with told.open("wb") as log:
        conf = SparkConf(loadDefaults=False)
        conf.setAll(list(settings(wanted, folder).items()))
        try:
            gateway = launch_gateway(conf, popen_kwargs={"stdout": log, "stderr": log, "cwd": str(folder)})
        except (PySparkException, OSError) as error:
            raise _not_started(told) from error
    try:
        yield gateway
    finally:
        process = gateway.proc
        with suppress(Exception):
            gateway.shutdown()
        # Java leaves when nobody speaks to it any more.
        with suppress(OSError):
            process.stdin.close()
        _gone(process)


@contextmanager
def _session(wanted: Cluster, folder: Path, gateway: Any) -> Iterator["SparkSession"]:
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    conf = SparkConf(loadDefaults=False)
    conf.setAll(list(settings(wanted, folder).items()))
    try:
        try:
            context = SparkContext(conf=conf, gateway=gateway)
        except (Py4JError, PySparkException, OSError) as error:
            raise _not_started(folder / "java.log") from error
        session = SparkSession(context)
        try:
            _must_have_workers(wanted, context)
            yield session
        finally:
            with suppress(Exception):
                session.stop()
    finally:
        # The next session of this process starts a Java of its own.
        SparkContext._gateway = None
        SparkContext._jvm = None


def _must_have_workers(wanted: Cluster, context: Any) -> None:
    """Wait for the first executor of a cluster: without one a question would wait for ever."""
    until = time.monotonic() + WORKERS_SECONDS
    while not wanted.local:
        # The process that asks counts as one.
        if context._jsc.sc().getExecutorMemoryStatus().size() > 1:
            return
        if time.monotonic() > until:
            raise no_workers(wanted)
        time.sleep(0.1)


@contextmanager
def _environment(given: Mapping[str, str], without: tuple[str, ...]) -> Iterator[None]:
    """The environment that Java is started in; Spark adds to it, and afterwards it is as it was."""
    before = dict(os.environ)
    os.environ.update(given)
    for name in without:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _interrupts_as_before() -> Iterator[None]:
    """Spark puts its own answer to Ctrl-C in place; afterwards ours is back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _gone(process: Any) -> None:
    try:
        process.wait(20)
    except Exception:  # noqa: BLE001 - whatever it is, this process must not stay
        process.kill()
        process.wait()


def _not_started(told: Path) -> NoSpark:
    lines = [line for line in told.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    reason = next((line for line in lines if "Exception" in line or "Error" in line), lines[-1] if lines else "")
    return NoSpark(
        f"Spark を始められません（{reason.strip()[:300]}）。\n"
        "対処: 空きメモリーと TAKUSO_SPARK_MEMORY、TAKUSO_SPARK_HOST、JAVA_HOME を確かめる。"
    )
