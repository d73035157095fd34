"""`make bench`: the figures of the wall, side by side in one run; prints a table and writes bench.json."""

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from takuso.barrier.deployment import deploy
from takuso.barrier.gate import Gate, Sight, Visit
from takuso.barrier.kinds import offered
from takuso.barrier.matrix import Duty
from takuso.barrier.signin import SignIns
from takuso.demo.legacy import write_week
from takuso.demo.legacy_week import FULL_POINTS, FULL_ROWS, Week
from takuso.doors.web.office import COOKIE
from takuso.flow.points import queries as q
from takuso.kernel.periods import jst_day
from takuso.main import APPS, SCREENS, SCRIPTS, program
from takuso.proof.verify import Verifier
from takuso.store import embedded
from takuso.store.home import Home
from takuso.store.init import init
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import Pools
from tests.area import AOI, ASAHI, HIKARI, PERSONS, Area
from tests.bench import archive, desk, evidence, importing, machines, spark, standing, survey
from tests.bench import area as large
from tests.bench.clients import Measured, page, run, summary

CLIENTS = 8
SMALL_ROWS, SMALL_POINTS = 500_000, 700_000
PARTS = ["wall", "machines", "search", "desk", "evidence", "survey", "archive", "standing", "import", "spark", "proof"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    value: str
    target: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bench:
    """A deployed home with customers to look at."""

    home: Home
    admin: str
    today: str
    codes: tuple[str, ...]
    pools: Pools
    seconds: float


def main() -> None:
    """Run all, or those named."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--points", type=int, default=1_000_000, help="supply points for the searches")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of each round")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    parser.add_argument("--rows", type=int, default=FULL_ROWS, help="records of the week that is surveyed")
    parser.add_argument("--history", type=int, default=FULL_POINTS, help="supply points of the week's history")
    parser.add_argument("--weeks", type=int, default=2, help="weeks of a standing survey; 35 need 30 GB of disk")
    parser.add_argument("--only", choices=PARTS, help="one part alone")
    parser.add_argument("--lines", type=int, default=200_000, help="lines of a bulk file")
    parser.add_argument("--leaves", type=int, default=300_000, help="records of the log that is sequenced")
    parser.add_argument("--records", type=int, default=10_000_000, help="records of the log behind the desk")
    options = parser.parse_args()
    talk = Console(stderr=True)
    figures: list[Figure] = []
    if options.only in (None, "wall"):
        with _bench(options.points, options.seconds, talk) as bench:
            for measure in (_pages, _gate, _list_of_50, _searches):
                talk.print(f"… {measure.__doc__}")
                figures += measure(bench)
    if options.only in (None, "machines"):
        with _bench(min(20_000, options.points), options.seconds, talk) as bench:
            talk.print(f"… {_machines.__doc__}")
            figures += _machines(bench, options.lines)
    if options.only == "search":
        with _bench(options.points, options.seconds, talk) as bench:
            talk.print(f"… {_searches.__doc__}")
            figures += _searches(bench)
    figures += _log(options, talk)
    figures += _surveys(options, talk)
    if options.only in (None, "proof"):
        with _bench(0, options.seconds, talk) as bench:
            figures += _proof(bench, talk)
    table = Table(title=f"{options.points:,} points, {CLIENTS} clients, clients on the same machine")
    for heading in ("what", "measured", "target (design)"):
        table.add_column(heading)
    for figure in figures:
        table.add_row(figure.what, figure.value, figure.target)
    Console().print(table)
    report = [{"what": f.what, "value": f.value, "target": f.target, **f.data} for f in figures]
    options.out.write_text(
        json.dumps({"points": options.points, "figures": report}, ensure_ascii=False, indent=1) + "\n"
    )


def _surveys(options: argparse.Namespace, talk: Console) -> list[Figure]:
    """A week's survey, each way that it is answered."""
    figures: list[Figure] = []
    for part, measure_week in {"survey": _survey, "archive": _archive, "import": _import}.items():
        if options.only in (None, part):
            figures += measure_week(options.rows, options.history, talk)
    if options.only in (None, "standing"):
        rows, points = (options.rows, options.history) if options.only else (SMALL_ROWS, SMALL_POINTS)
        figures += _standing(rows, points, options.weeks, talk)
    # It needs Java, so it runs where it is asked for.
    if options.only == "spark":
        figures += _spark(options.rows, options.history, talk)
    return figures


@contextmanager
def _bench(points: int, seconds: float, talk: Console) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="takuso-bench-") as folder:
        home = Home(Path(folder) / "home")
        home.declare("demo")
        server = embedded.start(home, settings={"shared_buffers": "1GB", "max_wal_size": "4GB"})
        try:
            init(home, server.admin_url)
            deploy(home, apps=APPS, scripts=SCRIPTS, screens=SCREENS, shift=timedelta(0))
            today = jst_day(datetime.now(UTC))
            made = Area(home, today)
            made.people()
            codes = tuple(made.add("own").code for _ in range(100))
            admin = server.admin_url.replace("dbname=postgres", "dbname=takuso")
            began = time.perf_counter()
            large.fill(admin, points, [AOI, ASAHI, HIKARI], seed=1)
            talk.print(f"{points:,} points in {time.perf_counter() - began:.0f} s")
            with Pools(home, LOGIN_NAMES) as pools:
                yield Bench(home, admin, today.isoformat(), codes, pools, seconds)
        finally:
            embedded.stop(home)


def _pages(bench: Bench) -> list[Figure]:
    """The CI20 page with and without the gate, 8 clients."""
    cookie = f"{COOKIE}={SignIns(bench.pools).by_demo('aoi-clerk').cookie}"
    with _serving(bench, "wall", cookie) as wall, _serving(bench, "bare", cookie) as bare:
        rounds = []
        for _ in range(3):
            rounds.append((_round(bench, wall, cookie), _round(bench, bare, cookie)))
    ratios = [guarded.p50 / plain.p50 for guarded, plain in rounds]
    guarded = sorted((g for g, _ in rounds), key=lambda m: m.p50)[1]
    plain = sorted((b for _, b in rounds), key=lambda m: m.p50)[1]
    data = {"rounds": [[g.p50, b.p50, g.per_second, b.per_second] for g, b in rounds]}
    return [
        Figure(
            "CI20 page, p50 with the gate / without", f"{statistics.median(ratios):.2f} ×", "≤ 1.5 × (better 1.3)", data
        ),
        Figure("CI20 page with the gate", _rate(guarded), "≥ 150 req/s", {}),
        Figure("CI20 page without the gate", _rate(plain), "", {}),
    ]


def _round(bench: Bench, port: int, cookie: str) -> Measured:
    def make(n: int) -> Callable[[], None]:
        return page(port, f"/screens/CI20?customer={bench.codes[n % len(bench.codes)]}", cookie)

    return run(make, CLIENTS, bench.seconds)


@contextmanager
def _serving(bench: Bench, kind: str, cookie: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [str(bench.home.path), str(port), kind, bench.admin, bench.today]
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.serving", *arguments])
    try:
        _wait(f"http://127.0.0.1:{port}/livez")
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer")


def _machines(bench: Bench, lines: int) -> list[Figure]:
    """Retailers' systems: the API with 8 clients, a bulk file, the turns."""
    given = machines.token(bench.pools, "aoi-clerk")
    with _serving(bench, "wall", "") as port:
        rows = machines.measure(port, given, bench.codes, CLIENTS, bench.seconds)
    return [Figure(*row) for row in (*rows, *machines.turns(bench.pools), *machines.bulk(lines))]


def _gate(bench: Bench) -> list[Figure]:
    """Customer screens of four classes at the gate, durable, 8 clients in two processes."""
    arguments = [sys.executable, "-m", "tests.bench.gate_load", str(bench.home.path), str(bench.seconds), *bench.codes]
    rates, medians = [], []
    for _ in range(3):
        processes = [subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        answers = [json.loads(process.communicate()[0]) for process in processes]
        rates.append(sum(a["per_second"] for a in answers))
        medians.append(statistics.median(a["p50"] for a in answers))
    value = f"{statistics.median(rates):.0f} /s, p50 {statistics.median(medians):.1f} ms"
    return [Figure("gate alone, four classes, durable", value, "≥ 400 /s", {"per_second": rates, "p50": medians})]


def _list_of_50(bench: Bench) -> list[Figure]:
    """A list of 50 at the gate, one client."""
    return [_searched(bench, "list of 50 (notices)", "aoi-clerk", "notice", [""], (q.PLACE, q.PARTY, q.NOTICES))]


_SOUGHT: dict[tuple[str, str], list[str]] = {
    ("kana", "two kana"): ["サト", "ヤマ", "ミオ", "ケン", "ワタ", "コウ"],
    ("kana", "one kana"): ["サ", "ヤ", "ワ"],
    ("kana", "whole name"): ["ワタナベ サクラ", "タナカ ヒロシ"],
    ("name", "one character"): ["子", "田", "渡", "林"],
    ("name", "family name"): ["渡辺", "高橋", "廣瀨"],
    ("name", "whole name"): ["渡辺 さくら", "田中 博"],
    ("address", "city"): ["大阪市", "京都市"],
    ("address", "block"): ["9123-2", "大阪 123-2"],
    ("phone", "last four"): ["1234", "0987"],
    ("phone", "ten digits"): ["0901234567", "0612345678"],
    ("meter", "whole"): ["S12-345678", "S98-765432"],
    ("meter", "last four"): ["5678", "4321"],
    ("pole", "line"): ["橋本", "坂上"],
    ("pole", "whole"): ["橋本12東3", "坂上7西21"],
}


def _searches(bench: Bench) -> list[Figure]:
    """Every kind of search over all points, one client."""
    figures = []
    for person, share in (
        ("aoi-clerk", "60 % of the points"),
        ("hikari-clerk", "20 %"),
        ("td-contact", "network"),
        ("td-compliance", "network, by number"),
    ):
        duty = Duty(PERSONS[person][2])
        offers = {*offered(duty, SignIns(bench.pools).seen(duty))}
        for (how, kind), terms in _SOUGHT.items():
            if how in offers:
                figures.append(
                    _searched(bench, f"search, {how}: {kind}, {share}", person, how, terms, (q.PLACE, q.PARTY))
                )
    return figures


def _searched(bench: Bench, what: str, person: str, how: Any, terms: Sequence[str], queries: Sequence[Any]) -> Figure:
    gate, proof = Gate(bench.pools), SignIns(bench.pools).by_demo(person)
    if person.startswith("td-"):
        gate.state_purpose(Visit(proof=proof, screen="PU10"), code="TOI", reference="TOI-1", scope="*")
    rows = 0

    def render(sight: Sight) -> bytes:
        nonlocal rows
        rows = sum(len(sight.rows(query)) for query in queries[:1] if not sight.withheld(query))
        return b""

    def once(term: str) -> float:
        screen = "KF00" if how == "notice" else "KS10"
        began = time.perf_counter()
        gate.search(Visit(proof=proof, screen=screen), how=how, term=term, after=None, queries=queries, render=render)
        return (time.perf_counter() - began) * 1000

    for term in terms:
        once(term)
    began = time.perf_counter()
    taken = [once(terms[n % len(terms)]) for n in range(60)]
    measured = summary(taken, time.perf_counter() - began)
    return Figure(what, f"p50 {measured.p50:.1f} ms, p99 {measured.p99:.1f} ms", "", {"rows": rows})


def _desk(bench: Bench, records: int, talk: Console) -> list[Figure]:
    """The compliance desk over a log of many records."""
    began = time.perf_counter()
    today = jst_day(datetime.now(UTC))
    first = desk.fill(bench.admin, records, today)
    talk.print(f"… a log of {records:,} records in {time.perf_counter() - began:.0f} s")
    rows = [desk.tally(bench.admin), *desk.measure(bench.pools, first, today, bench.codes[0])]
    return [Figure(*row) for row in rows]


def _log(options: argparse.Namespace, talk: Console) -> Iterator[Figure]:
    """The desk over a log, and a log as evidence, each in a home of its own."""
    for part, measure, records in (("desk", _desk, options.records), ("evidence", _evidence, options.leaves)):
        if options.only in (None, part):
            with _bench(min(20_000, options.points), options.seconds, talk) as bench:
                yield from measure(bench, records, talk)


def _evidence(bench: Bench, records: int, talk: Console) -> list[Figure]:
    """The log as evidence: sequenced, bundled, verified."""
    desk.fill(bench.admin, records, jst_day(datetime.now(UTC)))
    talk.print(f"… a log of {records:,} tickets to be sequenced")
    return [Figure(*row) for row in evidence.measure(bench.home, bench.pools, bench.admin)]


def _survey(rows: int, points: int, talk: Console) -> list[Figure]:
    """The notice's survey of a legacy week from its plain folder, each predecessor recorded, then two thirds."""
    figures = []
    for share, words in ((0.0, "all predecessors recorded"), (0.33, "a third not recorded")):
        with tempfile.TemporaryDirectory(prefix="takuso-week-") as folder:
            talk.print(f"… a week of {rows:,} records and {points:,} points, {words}")
            week = Week(rows=rows, points=points, missing=share)
            made = write_week(week, Path(folder) / "week", Path(folder) / "truth.json", lambda *_: None)
            figures += [Figure(f"{what}; {words}", *rest) for what, *rest in survey.measure(made.out)]
    return figures


def _archive(rows: int, points: int, talk: Console) -> list[Figure]:
    """The fast form of a week, and the survey from it beside the same question asked straight."""
    with tempfile.TemporaryDirectory(prefix="takuso-week-") as folder:
        talk.print(f"… a week of {rows:,} records and {points:,} points and its fast form")
        made = write_week(
            Week(rows=rows, points=points), Path(folder) / "week", Path(folder) / "truth", lambda *_: None
        )
        return [Figure(*row) for row in archive.measure(made.out)]


def _standing(rows: int, points: int, weeks: int, talk: Console) -> list[Figure]:
    """A standing survey over many weeks made from one, and how it grows."""
    with tempfile.TemporaryDirectory(prefix="takuso-weeks-") as folder:
        talk.print(f"… {weeks} weeks of {rows:,} records and {points:,} points, their fast form and extracts")
        week = Week(rows=rows, points=points)
        made = write_week(week, Path(folder) / "week", Path(folder) / "truth", lambda *_: None)
        return [Figure(*row) for row in standing.measure(made.out, weeks, Path(folder))]


def _import(rows: int, points: int, talk: Console) -> list[Figure]:
    """A legacy week as CSV in CP932 to the figures of the notice's survey."""
    with tempfile.TemporaryDirectory(prefix="takuso-week-") as folder:
        talk.print(f"… a week of {rows:,} records and {points:,} points as CSV")
        made = write_week(
            Week(rows=rows, points=points), Path(folder) / "week", Path(folder) / "truth", lambda *_: None
        )
        return [Figure(*row) for row in importing.measure(made.out)]


def _spark(rows: int, points: int, talk: Console) -> list[Figure]:
    """The notice's survey on Spark beside DuckDB, over parts of a week and a whole one."""
    figures = []
    for share in spark.SHARES:
        size = Week(rows=int(rows * share), points=int(points * share))
        with tempfile.TemporaryDirectory(prefix="takuso-week-") as folder:
            talk.print(f"… a week of {size.rows:,} records and {size.points:,} points")
            made = write_week(size, Path(folder) / "week", Path(folder) / "truth", lambda *_: None)
            figures += [Figure(*row) for row in spark.measure(made.out, size.rows)]
    return figures


def _proof(bench: Bench, talk: Console) -> list[Figure]:
    """The whole proof once: cells a second of each check."""
    said = lambda text: talk.print(f"… {text}")  # noqa: E731
    report = Verifier(program()).verify(bench.home, bench.admin, said=said)
    covered = report.coverage
    return [
        Figure(
            "proof, whole", f"{report.seconds:.0f} s, {covered.reached:,} of {covered.cells:,} cells", "≤ 360 s", {}
        ),
        *(
            Figure(f"proof, {check.name}", f"{check.cells / check.seconds:,.0f} cells/s, {check.seconds:.1f} s", "", {})
            for check in report.checks
        ),
    ]


def _rate(measured: Measured) -> str:
    return f"{measured.per_second:.0f} req/s, p50 {measured.p50:.1f} ms, p99 {measured.p99:.1f} ms"


if __name__ == "__main__":
    main()
