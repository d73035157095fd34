"""Imported files give the source they were made from, whatever they look like; what is damaged is named and counted."""

import csv
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings

from takuso.survey.duck import answer
from takuso.survey.importing.mapping_file import read_mapping
from takuso.survey.importing.run import Imported, import_source
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from tests.survey.foreign import LOG, Style, lay_files, rows, text_of
from tests.survey.lay import DAY, Place, Record, ask, jst, point
from tests.survey.test_oracle import KNOWN, PLACES, STEPS

REMARKS = ["", '改行\nと"引用符"、と,カンマ', "\r\n\n空行\r", "ソ能表|\\", '"', "お客さま情報Ⅱ"]
STYLES = st.builds(
    Style,
    charset=st.sampled_from(["utf-8", "cp932", "euc-jp"]),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"]), min_size=1, max_size=3),
    compression=st.sampled_from(["", "gz", "zst"]),
    split=st.integers(1, 3),
    bom=st.booleans(),
    remark=st.sampled_from(REMARKS),
    last_end=st.booleans(),
)


def imported(mapping: Path, out: Path) -> Imported:
    """Import."""
    return import_source(read_mapping(mapping), out, Path(f"{out}.rejects.csv"), lambda *_: None)


def contents(folder: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """Every row of every table of a source."""
    tables = {name: [folder / f"{name}.parquet"] for name in ("people", "supply")}
    tables["log"] = sorted(folder.glob("log/*/*.parquet"))
    return {
        name: Counter(tuple(row.values()) for file in files for row in pq.ParquetFile(file).read().to_pylist())
        for name, files in tables.items()
    }


def rejects_of(out: Path) -> list[list[str]]:
    """What the file of rejects says."""
    file = Path(f"{out}.rejects.csv")
    if not file.exists():
        return []
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))[1:]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(PLACES, STEPS, STYLES)
def test_an_import_gives_the_figures_of_the_plain_folder(place: Place, steps: list[dict[str, Any]], how: Style) -> None:
    seed = Record(jst(DAY, 9), "nobody", "s9", "MN00", None, "")
    place = place.but(records=[*place.records, seed], people=[*place.people, *KNOWN])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, out = place.write(folder / "plain"), folder / "out"
        done = imported(lay_files(place, folder / "files", how), out)
        assert done.rejects == 0
        assert contents(out) == contents(plain)
        survey = read_survey(ask(folder / "s.yaml", steps))
        one, other = (answer(survey, open_source(source), lambda _: None) for source in (plain, out))
        assert (one.steps, one.then, one.now, one.findings) == (other.steps, other.then, other.now, other.findings)


def test_lines_of_rejects_are_right_after_line_breaks_in_fields(tmp_path: Path) -> None:
    place = small(200)
    body = rows(place, "log", "一\r\n二\n\n三")
    body[120][5] = "9" * 25
    mapping = lay_files(place, tmp_path, Style())
    (tmp_path / "log-0.csv").write_bytes(text_of(LOG, body, Style(ends=("\r\n", "\n"))))
    done = imported(mapping, tmp_path / "out")
    assert rejects_of(tmp_path / "out") == [
        ["log", "log-0.csv", str(1 + 120 * 4 + 1), "4", "供給地点特定番号 → customer",
         "供給地点特定番号は数字 22 桁です（この値は 25 桁）。", "9×25"]
    ]  # fmt: skip
    (count,) = done.files["log"]
    assert (count.lines, count.header, count.blank, count.records, count.record_lines) == (801, 1, 0, 199, 796)


def small(count: int) -> Place:
    """A source with so many records."""
    records = [
        Record(jst(DAY, 9, n // 60 % 60, n % 60, n), "nobody", "s", "CI20", None, point(n)) for n in range(count)
    ]
    return Place(records, KNOWN, [])
