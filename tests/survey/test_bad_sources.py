"""Every fault of a source is named with its file, and with its row where one row is at fault; nothing is written."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from takuso.doors.cli.program import run as command
from takuso.main import house
from tests.survey.lay import (
    AOI,
    ASAHI,
    DAY,
    HIKARI,
    LOG_SCHEMA,
    META,
    NOTICE,
    TD,
    Place,
    Post,
    Record,
    Supply,
    ask,
    jst,
    point,
    write,
)

LOG = f"log/day={DAY}/part-0.parquet"
OLD = date(2016, 4, 1)
PEOPLE = [Post("u1", "p1", AOI), Post("u2", "p2", TD)]
SUPPLY = [Supply(point(1), ASAHI, OLD), Supply(point(2), AOI, OLD, DAY), Supply(point(2), ASAHI, DAY)]
RECORDS = [
    Record(jst(DAY, 9), "u1", "s", "KF10", "MN00", point(1)),
    Record(jst(DAY, 9, 1), "u1", "s", "CI20", "KF10", point(1)),
]
GOOD = Place(RECORDS, PEOPLE, SUPPLY)


def survey(capsys: pytest.CaptureFixture[str], source: Path, *more: str) -> tuple[int, str, Path]:
    """Exit code, what was said, and where the answer would be."""
    out = source.parent / "out"
    file = ask(source.parent / "survey.yaml", NOTICE)
    code = command(house(), ["survey", "run", str(file), "--source", str(source), "--out", str(out), *more])
    return code, capsys.readouterr().err, out


def column(name: str, values: Any) -> Callable[[Path], None]:
    """Put another column into the log file; None drops it."""

    def change(source: Path) -> None:
        table = pq.read_table(source / LOG)
        place = table.schema.get_field_index(name)
        table = table.drop_columns([name]) if values is None else table.set_column(place, name, values)
        pq.write_table(table, source / LOG)

    return change


def records(*rows: Record) -> Callable[[Path], None]:
    """Put these records into the log file, whatever their day."""
    return lambda source: write(source / LOG, rows, LOG_SCHEMA)


def meta(**parts: Any) -> Callable[[Path], None]:
    """Change meta.json."""
    return lambda source: (source / "meta.json").write_text(json.dumps({**META, **parts})) and None


def truncated(name: str, share: float) -> Callable[[Path], None]:
    """Cut a file off."""
    return lambda source: os.truncate(source / name, int((source / name).stat().st_size * share))


def garbled(name: str) -> Callable[[Path], None]:
    """Overwrite the data pages of a file and leave its footer whole."""

    def change(source: Path) -> None:
        with (source / name).open("r+b") as stream:
            stream.seek(4)
            stream.write(b"\xff" * 60)

    return change


def supply(*rows: Supply) -> Callable[[Path], None]:
    """Another supplier history."""
    return lambda source: _again(source, GOOD.but(supply=rows))


def people(*rows: Post) -> Callable[[Path], None]:
    """Other people."""
    return lambda source: _again(source, GOOD.but(people=rows))


def _again(source: Path, place: Place) -> None:
    shutil.rmtree(source)
    place.write(source)


def removed(name: str) -> Callable[[Path], None]:
    """Take a file or folder away."""

    def change(source: Path) -> None:
        path = source / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


WAS, MID, END = jst(DAY - timedelta(days=9)), jst(DAY - timedelta(days=5)), jst(DAY + timedelta(days=5))
ELSEWHERE = Record(jst(DAY) - timedelta(microseconds=1), "u1", "s", "KF10", None, point(1))
FAULTS: dict[str, tuple[Callable[[Path], None], Sequence[str]]] = {
    "no meta.json": (removed("meta.json"), ["meta.json", "ありません"]),
    "no people": (removed("people.parquet"), ["people.parquet", "ありません"]),
    "no supply": (removed("supply.parquet"), ["supply.parquet", "ありません"]),
    "no log": (removed("log"), ["log", "ありません"]),
    "no log of the period": (removed(f"log/day={DAY}"), ["閲覧記録がありません", "period"]),
    "meta is not JSON": (lambda s: (s / "meta.json").write_text("{") and None, ["meta.json", "JSON"]),
    "meta of another time zone": (meta(timezone="UTC"), ["meta.json", "Asia/Tokyo"]),
    "meta without affiliate": (meta(affiliate=None), ["meta.json", "affiliate"]),
    "meta names an affiliate nobody works for": (meta(affiliate="NOBODY"), ["meta.json", "NOBODY", "people.parquet"]),
    "wrong column": (column("came_from", None), [LOG, "came_from", "ありません"]),
    "wrong type": (column("at", pa.array(["9:00", "9:01"])), [LOG, "at", "時刻"]),
    "milliseconds": (column("at", pa.array([0, 1], pa.timestamp("ms"))), [LOG, "at", "マイクロ秒"]),
    "number for text": (column("customer", pa.array([1, 2])), [LOG, "customer", "文字列"]),
    "bytes for text": (column("screen", pa.array([b"KF10", b"CI20"])), [LOG, "screen", "文字列"]),
    **{
        f"null in {name}": (column(name, pa.array(["x", None])), [f"{LOG} の 2 行目", name, "null"])
        for name in ("user_id", "session_id", "screen", "customer", "action", "terminal")
    },
    "nothing but nulls": (column("user_id", pa.nulls(2)), [LOG, "user_id", "文字列"]),
    "null in at": (column("at", pa.array([None, jst(DAY, 9)], pa.timestamp("us", "UTC"))), [f"{LOG} の 1 行目", "at"]),
    "null in people": (people(PEOPLE[0], Post("u3", None, AOI)), ["people.parquet の 2 行目", "person_id"]),  # type: ignore[arg-type]
    "null in supply": (supply(SUPPLY[0], Supply(point(3), ASAHI, None)), ["supply.parquet の 2 行目", "from"]),  # type: ignore[arg-type]
    "a day in the wrong folder": (records(*RECORDS, ELSEWHERE), [f"{LOG} の 3 行目", str(DAY)]),
    "the day after in the folder": (records(ELSEWHERE._replace(at=jst(DAY + timedelta(days=1)))), [f"{LOG} の 1 行目"]),
    "not a day": (lambda s: (s / "log/day=2022-12-32").mkdir(), ["log/day=2022-12-32", "実在する日"]),
    "two persons of one ID on one day": (
        people(*PEOPLE, Post("u1", "p9", AOI, None, DAY, DAY + timedelta(days=1))),
        ["people.parquet の 1 行目と 3 行目", "1 人"],
    ),
    "a person's period is reversed": (
        people(*PEOPLE, Post("u9", "p9", AOI, None, DAY, OLD)),
        ["people.parquet の 3 行目", "from より前"],
    ),
    "supply periods overlap": (
        supply(*SUPPLY, Supply(point(1), HIKARI, DAY)),
        ["supply.parquet の 1 行目と 4 行目", "重なって"],
    ),
    "supply periods overlap for a while as known": (
        supply(Supply(point(9), ASAHI, OLD, None, WAS, END), Supply(point(9), HIKARI, OLD, None, MID)),
        ["supply.parquet の 1 行目と 2 行目", "重なって"],
    ),
    "one supply period with two ends": (
        supply(Supply(point(9), ASAHI, OLD), Supply(point(9), ASAHI, OLD, DAY)),
        ["supply.parquet の 1 行目と 2 行目", "重なって"],
    ),
    "a supply period is reversed": (
        supply(Supply(point(9), ASAHI, DAY, OLD)),
        ["supply.parquet の 1 行目", "from より前"],
    ),
    "truncated log": (truncated(LOG, 0.6), [LOG, "Parquet"]),
    "truncated people": (truncated("people.parquet", 0.5), ["people.parquet", "Parquet"]),
    "truncated supply": (truncated("supply.parquet", 0.5), ["supply.parquet", "Parquet"]),
    "empty file": (truncated(LOG, 0), [LOG, "Parquet"]),
    "garbled log": (garbled(LOG), [LOG, "読めません"]),
    "garbled supply": (garbled("supply.parquet"), ["supply.parquet", "読めません"]),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault)
def test_a_fault_is_named_and_nothing_is_written(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = GOOD.write(tmp_path / "source")
    plant, words = FAULTS[fault]
    plant(source)
    code, said, out = survey(capsys, source)
    assert (code, "対処: " in said) == (3, True), said
    assert [word for word in words if word not in said] == [], said
    assert not out.exists()
    assert sorted(child.name for child in tmp_path.iterdir()) == ["source", "survey.yaml"]


def test_faults_outside_the_period_are_found_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = GOOD.write(tmp_path / "source")
    folder = source / "log" / f"day={OLD}"
    folder.mkdir()
    write(folder / "a.parquet", RECORDS, LOG_SCHEMA)
    code, said, out = survey(capsys, source)
    assert code == 3
    assert f"log/day={OLD}/a.parquet の 1 行目" in said
    assert not out.exists()


TOLERATED: dict[str, Callable[[Path], None]] = {
    "no predecessor recorded at all": column("came_from", pa.nulls(2)),
    "instants without a zone": column("at", pa.array([r.at.replace(tzinfo=None) for r in RECORDS], pa.timestamp("us"))),
    "dictionaries": column("screen", pa.array(["KF10", "CI20"]).dictionary_encode()),
    "large strings": column("user_id", pa.array(["u1", "u1"], pa.large_string())),
    "one supply row twice": supply(*SUPPLY, SUPPLY[0]),
    "one person row twice": people(*PEOPLE, PEOPLE[0]),
    "an empty supply period": supply(*SUPPLY, Supply(point(1), HIKARI, DAY, DAY)),
    "neighbouring periods of an ID": people(
        PEOPLE[1], Post("u1", "p9", AOI, None, None, DAY), Post("u1", "p1", AOI, None, DAY)
    ),
    "unknown screens and organisations": people(*PEOPLE, Post("u7", "p7", "UNHEARD-OF")),
    "other files beside": lambda source: (source / f"log/day={DAY}/_SUCCESS").touch(),
    "an empty day": lambda source: (source / "log/day=2022-12-06").mkdir(),
}


@pytest.mark.parametrize("case", TOLERATED, ids=lambda case: case)
def test_what_the_contract_allows_is_surveyed(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = GOOD.write(tmp_path / "source")
    TOLERATED[case](source)
    code, said, out = survey(capsys, source)
    assert code == 1, said
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["viewers"], summary["contracts"]) == (1, 1)


def test_files_of_one_day_may_differ_in_types(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = GOOD.but(split=[0, 1]).write(tmp_path / "source")
    for number, came_from in ((0, pa.nulls(1)), (1, pa.array(["KF10"]))):
        file = source / f"log/day={DAY}/part-{number}.parquet"
        table = pq.read_table(file).drop_columns(["came_from"]).append_column("came_from", came_from)
        pq.write_table(
            table.set_column(0, "at", table["at"].cast(pa.timestamp("us", tz="UTC" if number else None))), file
        )
    assert survey(capsys, source)[0] == 1


def test_days_without_log_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, out = survey(capsys, GOOD.write(tmp_path / "source"))
    assert code == 1
    assert f"{DAY - timedelta(days=1)} の閲覧記録がありません" in said
    assert f"{DAY} の" not in said
    assert f"ログのない日: {DAY - timedelta(days=1)}、{DAY + timedelta(days=1)}。" in (out / "report.html").read_text()


WRONG_USE: dict[str, tuple[dict[str, Any], Sequence[str]]] = {
    "an organisation nobody knows": (
        {"steps": [{"kind": "viewer_affiliation", "organisation": "AOE"}]},
        ["steps[1].organisation", "AOE", "people.parquet"],
    ),
    "a holder nobody knows": (
        {"steps": [{"kind": "customer_held_by_other", "organisation": "AOE"}]},
        ["steps[1].organisation", "AOE", "supply.parquet"],
    ),
    "a broken survey": ({"steps": []}, ["survey.yaml:", "steps"]),
}


@pytest.mark.parametrize("case", WRONG_USE, ids=lambda case: case)
def test_wrong_use(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts, words = WRONG_USE[case]
    source = GOOD.write(tmp_path / "source")
    file = ask(tmp_path / "survey.yaml", **parts)
    assert command(house(), ["survey", "run", str(file), "--source", str(source), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert [word for word in words if word not in said] == [], said
    assert not (tmp_path / "out").exists()


def test_places_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = GOOD.write(tmp_path / "source")
    file = str(ask(tmp_path / "survey.yaml", NOTICE))
    for arguments in (
        ["--source", str(tmp_path / "nowhere")],
        ["--source", str(source), "--out", str(source / "out")],
        ["--source", str(source), "--out", str(tmp_path)],
        ["--source", str(source), "--engine", "abacus"],
        [],
    ):
        assert command(house(), ["survey", "run", file, *arguments]) == 2, arguments
        assert "対処: " in capsys.readouterr().err


def test_a_survey_without_findings_ends_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = GOOD.but(supply=[Supply(point(1), AOI, OLD)]).write(tmp_path / "source")
    code, _, out = survey(capsys, source, "--json")
    assert code == 0
    assert pq.read_table(out / "findings.parquet").num_rows == 0
    assert "当たる閲覧はなかった" in (out / "report.html").read_text()
