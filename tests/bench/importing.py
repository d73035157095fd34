"""A week as CSV in CP932 to the figures of the notice's survey: the product beside iconv and DuckDB, straight.

    python -m tests.bench.importing SOURCE

Both begin with the CSV of the log; people and supply stay Parquet for the straight way and are Parquet for the import
too, so that what is compared is the log. The straight way checks nothing and keeps nothing.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import duckdb
import yaml

from takuso.kernel.cp932 import encode
from takuso.survey.duck import answer
from takuso.survey.footers import PEOPLE, SUPPLY
from takuso.survey.importing.mapping_file import read_mapping
from takuso.survey.importing.run import import_source
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from tests.bench.survey import STRAIGHT, SURVEY, cpu, peak_mb

ROUNDS: Final = 3
HEADINGS: Final = {
    "at": "日時",
    "user_id": "利用者ID",
    "session_id": "セッション",
    "screen": "画面",
    "came_from": "遷移元",
    "customer": "供給地点特定番号",
    "action": "操作",
    "terminal": "端末",
}
_CHUNK: Final = 16 << 20
Row = tuple[str, str, str, dict[str, Any]]


def measure(source: Path) -> list[Row]:
    """(what, value, target, data) of each way, with the plain folder's figures for comparison."""
    opened = open_source(source)
    plain = answer(read_survey(SURVEY), opened, lambda _: None).then
    with tempfile.TemporaryDirectory(prefix="takuso-csv-", dir=source.parent) as name:
        folder = Path(name)
        size = lay(source, folder)
        taken: dict[str, list[dict[str, Any]]] = {"import": [], "straight": []}
        for _ in range(ROUNDS):
            for way, rounds in taken.items():
                arguments = [sys.executable, "-m", "tests.bench.importing", str(folder), way]
                rounds.append(json.loads(subprocess.run(arguments, stdout=subprocess.PIPE, check=True).stdout))
    figures = {(one["viewers"], one["contracts"]) for rounds in taken.values() for one in rounds}
    if figures != {(plain.viewers, plain.contracts)}:
        raise AssertionError(f"figures differ: {figures}, from the plain folder {plain}")
    words = {"import": "CP932 CSV to figures, import and survey", "straight": "the same, iconv and straight DuckDB"}
    targets = {"import": "≤ 10 s for the week", "straight": ""}
    return [_row(f"{words[way]}, {size / 1e6:,.0f} MB", targets[way], rounds) for way, rounds in taken.items()]


def _row(what: str, target: str, rounds: list[dict[str, Any]]) -> Row:
    best = min(rounds, key=lambda one: float(one["seconds"]))
    cost = f"{best['seconds']:.2f} s, CPU {best['cpu']:.2f} s, {best['peak_mb']:,} MB"
    return what, f"{cost} → {best['viewers']:,} / {best['contracts']:,}", target, {"rounds": rounds}


def lay(source: Path, folder: Path) -> int:
    """Write the log as access.csv (CP932, text quoted) with its mapping; gives the bytes of the CSV."""
    columns = ", ".join(f'"{name}" AS "{heading}"' for name, heading in HEADINGS.items() if name != "at")
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(
            f"COPY (SELECT strftime(\"at\" + INTERVAL 9 HOUR, '%Y/%m/%d %H:%M:%S.%f') AS 日時, {columns}, "
            f"'お客さま情報Ⅱ' AS 備考 FROM read_parquet('{source}/log/*/*.parquet', hive_partitioning = false)) "
            f"TO '{folder}/access.utf8' (FORMAT csv, HEADER true, FORCE_QUOTE (利用者ID, セッション, 画面, 備考))"
        )
    with (folder / "access.utf8").open(encoding="utf-8", newline="") as text, (folder / "access.csv").open("wb") as out:
        while chunk := text.read(_CHUNK):
            out.write(encode(chunk))
    (folder / "access.utf8").unlink()
    meta = json.loads((source / "meta.json").read_text(encoding="utf-8"))
    tables = {
        name: {"files": [f"{source}/{name}.parquet"], "format": "parquet", "columns": {key: key for key in columns}}
        for name, columns in (("people", PEOPLE), ("supply", SUPPLY))
    }
    log = {"files": ["access.csv"], "charset": "cp932", "columns": HEADINGS}
    document = {key: meta[key] for key in ("network", "affiliate", "screens")} | {"log": log} | tables
    (folder / "mapping.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return (folder / "access.csv").stat().st_size


def _import(folder: Path) -> dict[str, Any]:
    began, used = time.perf_counter(), cpu()
    passed: dict[str, tuple[float, float]] = {}

    def said(stage: str, *_: int) -> None:
        passed[stage] = (time.perf_counter(), cpu())

    with tempfile.TemporaryDirectory(dir=folder) as place:
        out = Path(place) / "week"
        import_source(read_mapping(folder / "mapping.yaml"), out, Path(place) / "rejects.csv", said)
        supply, log = (passed[stage] for stage in ("供給者の履歴", "閲覧記録"))
        imported = time.perf_counter() - began
        found = answer(read_survey(SURVEY), open_source(out), lambda _: None)
        seconds = time.perf_counter() - began
    then = found.then
    return {
        "seconds": seconds,
        "import_seconds": imported,
        "log_seconds": log[0] - supply[0],
        "log_cpu": log[1] - supply[1],
        "cpu": cpu() - used,
        "viewers": then.viewers,
        "contracts": then.contracts,
    }


def _straight(folder: Path) -> dict[str, Any]:
    mapping = read_mapping(folder / "mapping.yaml")
    began, used = time.perf_counter(), cpu()
    with (folder / "straight.csv").open("wb") as out:
        subprocess.run(["iconv", "-f", "CP932", "-t", "UTF-8", str(folder / "access.csv")], stdout=out, check=True)
    given = {"people": mapping.people.files[0], "supply": mapping.supply.files[0]}
    # Only a missing predecessor is a null; an empty customer is an empty text.
    names = ", ".join(
        f'"{heading}" AS "{name}"' if name == "came_from" else f'coalesce("{heading}", \'\') AS "{name}"'
        for name, heading in HEADINGS.items()
        if name != "at"
    )
    log = (
        f"(SELECT strptime(日時, '%Y/%m/%d %H:%M:%S.%f') - INTERVAL 9 HOUR AS \"at\", {names} "
        f"FROM read_csv('{folder}/straight.csv', all_varchar = true))"
    )
    query = STRAIGHT.format(came_from=_SESSIONS).replace("read_parquet($log, hive_partitioning = false)", log)
    period = read_survey(SURVEY).period
    within = f"(SELECT * FROM reached WHERE day >= DATE '{period.start}' AND day < DATE '{period.end}')"
    query = query.replace("FROM reached AS r", f"FROM {within} AS r")
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        ((viewers, contracts),) = engine.execute(query, {**given, "org": mapping.affiliate}).fetchall()
    (folder / "straight.csv").unlink()
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "cpu": cpu() - used, "viewers": viewers, "contracts": contracts}


_SESSIONS: Final = (
    "coalesce(came_from, "
    "lag(screen) OVER (PARTITION BY session_id ORDER BY moment, screen, customer, action, terminal))"
)


def main() -> None:
    """With a way: run it once and print its figures. Without: both, as lines."""
    if len(sys.argv) > 2:
        found = {"import": _import, "straight": _straight}[sys.argv[2]](Path(sys.argv[1]))
        print(json.dumps({**found, "peak_mb": peak_mb()}))
        return
    for what, value, target, _ in measure(Path(sys.argv[1])):
        print(f"{what:56} {value:56} {target}")


if __name__ == "__main__":
    main()
