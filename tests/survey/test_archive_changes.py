"""A source that changes without showing it, with size and time kept: the fast form never gives figures of other bytes
than those whose hash it names."""

import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from takuso.survey.archive.building import CouldNotArchive, archive
from takuso.survey.checks import UnknownOrganisation
from takuso.survey.definition import Survey
from takuso.survey.reading import read_survey
from takuso.survey.result import summary
from takuso.survey.run import run
from tests.survey.lay import AOI, ASAHI, DAY, NOTICE, TD, Place, Post, Record, Supply, ask, jst, point

PLACE = Place(
    [
        Record(jst(DAY, 9, 0, second), user, f"s-{user}", screen, None, point(1))
        for user in ("u1", "u2")
        for second, screen in enumerate(("KF10", "CI20"))
    ],
    [Post("u1", "p1", AOI), Post("u2", "p2", TD), Post("u9", "p9", AOI)],
    [Supply(point(1), ASAHI, DAY.replace(year=2016))],
)
CHANGES = {
    f"log/day={DAY}/part-0.parquet": ("user_id", "u1", "u2"),
    "people.parquet": ("user_id", "u1", "u3"),
    "supply.parquet": ("customer", point(1), point(7)),
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source whose files keep their size when a text in them becomes another one."""
    made = PLACE.write(tmp_path / "source")
    for name in CHANGES:
        _store(made / name, pq.ParquetFile(made / name).read())
    return made


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """The notice's survey."""
    return read_survey(ask(tmp_path / "s.yaml", NOTICE))


def _store(file: Path, table: pa.Table) -> None:
    pq.write_table(table, file, compression="none", use_dictionary=False, write_statistics=False)


def _alter(file: Path, column: str, text: str, other: str) -> None:
    """Put other words there, with size and time kept."""
    before, table = file.stat(), pq.ParquetFile(file).read()
    told = pc.if_else(pc.equal(table[column], text), other, table[column])
    _store(file, table.set_column(table.schema.get_field_index(column), column, told))
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _asked(survey: Survey, source: Path) -> tuple[dict[str, Any], list[str]]:
    warned: list[str] = []
    answer = run(survey, source, None, lambda _: None, warned=warned.append).answer
    return {**summary(answer), "seconds": 0}, warned


def _plain(survey: Survey, source: Path) -> dict[str, Any]:
    copy = source.with_name("plain")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".takuso"))
    return _asked(survey, copy)[0]


@pytest.mark.parametrize("name", CHANGES)
def test_the_next_build_repairs_what_changed_with_size_and_time_kept(source: Path, survey: Survey, name: str) -> None:
    archive(source, lambda _: None)
    before, warned = _asked(survey, source)
    assert (before["viewers"], warned) == (1, [])
    _alter(source / name, *CHANGES[name])
    found, (warning,) = _asked(survey, source)
    assert name in warning
    assert found["viewers"] != before["viewers"] or found["contracts"] != before["contracts"]
    archive(source, lambda _: None)
    assert _asked(survey, source) == (found, [])


@pytest.mark.parametrize(
    ("name", "moment"), [(f"log/day={DAY}/part-0.parquet", "を速い形にしています"), ("supply.parquet", "索引")]
)
def test_what_changed_while_it_was_read_is_not_taken(source: Path, survey: Survey, name: str, moment: str) -> None:
    file = source / name
    kept, times = file.read_bytes(), file.stat()

    def said(what: str) -> None:
        if moment in what:
            _alter(file, *CHANGES[name])

    with pytest.raises(CouldNotArchive, match=f"{name} が、作っているあいだに変わりました"):
        archive(source, said)
    assert not (source / ".takuso" / "manifest.json").exists()
    file.write_bytes(kept)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    archive(source, lambda _: None)
    assert _asked(survey, source) == (_plain(survey, source), [])


def test_a_form_that_does_not_know_an_organisation_refuses_nothing(source: Path, tmp_path: Path) -> None:
    archive(source, lambda _: None)
    _alter(source / "supply.parquet", "retailer", ASAHI, "HIKAR")
    steps = [NOTICE[0], {"kind": "customer_held_by_other", "organisation": "HIKAR"}]
    asked = read_survey(ask(tmp_path / "h.yaml", steps))
    found, warned = _asked(asked, source)
    assert found["viewers"] == 0
    assert "HIKAR" in warned[0]
    nobody = read_survey(ask(tmp_path / "n.yaml", [NOTICE[0], {**steps[1], "organisation": "NOBODY"}]))
    with pytest.raises(UnknownOrganisation, match="NOBODY"):
        _asked(nobody, source)
