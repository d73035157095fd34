"""A fast form that is stale, damaged, foreign or half made: it is named, and the plain files are read instead."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from takuso.survey.archive import form
from takuso.survey.archive.building import Busy, archive
from takuso.survey.definition import Survey
from takuso.survey.reading import read_survey
from takuso.survey.result import summary
from takuso.survey.run import run
from takuso.survey.source import SourceFault, digest, open_source
from tests.survey.lay import (
    AOI,
    ASAHI,
    DAY,
    NOTICE,
    PEOPLE_SCHEMA,
    SUPPLY_SCHEMA,
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

DAYS = [DAY + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
PEOPLE = [Post("u1", "p1", AOI), Post("u2", "p2", TD)]
SUPPLY = [Supply(point(n), AOI if n % 2 else ASAHI, date(2016, 4, 1)) for n in range(6)]
RECORDS = [
    Record(jst(day, 9, 0, n), f"u{1 + n % 2}", f"s{day.day}-{n % 2}", screen, None, point(n % 6))
    for day in DAYS
    for n, screen in enumerate(["MN00", "MN00", "KF10", "KF10", "CI20", "CI20", "CI10", "KF10", "CI20"])
]
PLACE = Place(RECORDS, PEOPLE, SUPPLY)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source with its form."""
    made = PLACE.write(tmp_path / "source")
    archive(made, lambda _: None)
    return made


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """The notice's survey over all days but the first and the last."""
    return read_survey(ask(tmp_path / "s.yaml", NOTICE))


def asked(survey: Survey, source: Path) -> tuple[dict[str, Any], list[str], bool]:
    """summary.json but for the time, the warnings, and whether the form was read."""
    said: list[str] = []
    warned: list[str] = []
    answer = run(survey, source, None, said.append, warned=warned.append).answer
    return {**summary(answer), "seconds": 0}, warned, "記録を数えています" not in said


def plain(survey: Survey, source: Path, tmp_path: Path) -> dict[str, Any]:
    """The same from a copy without a form."""
    copy = tmp_path / "plain"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".takuso"))
    found, warned, fast = asked(survey, copy)
    assert not warned
    assert not fast
    return found


def part(source: Path, kind: str, day: date | None = None) -> Path:
    """A file of the form."""
    (file,) = (source / ".takuso" / kind).glob(f"{day}*" if day else "*")
    return file


def test_a_fresh_form_is_read_and_changes_neither_figures_nor_digest(
    source: Path, survey: Survey, tmp_path: Path
) -> None:
    found, warned, fast = asked(survey, source)
    assert fast
    assert not warned
    assert found["viewers"] == 1
    assert found == plain(survey, source, tmp_path)


def test_the_files_of_the_answer_are_the_same_bytes(source: Path, survey: Survey, tmp_path: Path) -> None:
    for name in ("fast", "plain"):
        run(survey, source, tmp_path / name, lambda _: None)
        shutil.rmtree(source / ".takuso", ignore_errors=True)
    one, other = ((tmp_path / name / "findings.parquet").read_bytes() for name in ("fast", "plain"))
    assert one == other


def _drop(file: Path) -> None:
    file.unlink()


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("harm", [_drop, _cut, _flip])
@pytest.mark.parametrize(("kind", "day"), [("days", DAY), ("words", None), ("customers", None)])
def test_a_damaged_part_is_named_the_plain_files_are_read_and_the_next_build_mends_it(
    source: Path, survey: Survey, tmp_path: Path, harm: Callable[[Path], None], kind: str, day: date | None
) -> None:
    file = part(source, kind, day)
    harm(file)
    found, warned, fast = asked(survey, source)
    assert not fast
    assert f".takuso/{kind}/{file.name}" in warned[0]
    assert found == plain(survey, source, tmp_path)
    said: list[str] = []
    built = archive(source, said.append)
    assert any(file.name in line for line in said)
    if kind == "days":
        assert built.built == (DAY,)
    assert asked(survey, source) == (found, [], True)


@pytest.mark.parametrize("ending", ["rows", "known", "offsets"])
def test_a_damaged_index_is_named_and_made_again_without_the_days(source: Path, survey: Survey, ending: str) -> None:
    (file,) = (source / ".takuso" / "supply").glob(f"*.{ending}")
    _flip(file)
    _, warned, fast = asked(survey, source)
    assert not fast
    assert file.name in warned[0]
    assert archive(source, lambda _: None).built == ()
    assert asked(survey, source)[1:] == ([], True)


def test_a_foreign_dictionary_is_not_believed(source: Path, survey: Survey, tmp_path: Path) -> None:
    other = PLACE.but(people=[Post("u1", "p7", AOI), Post("u2", "p2", TD)]).write(tmp_path / "other")
    archive(other, lambda _: None)
    shutil.copy(part(other, "words"), part(source, "words"))
    found, warned, fast = asked(survey, source)
    assert not fast
    assert ".takuso/words/" in warned[0]
    assert found == plain(survey, source, tmp_path)


def test_swapped_days_are_named(source: Path, survey: Survey, tmp_path: Path) -> None:
    one, other = (part(source, "days", day) for day in (DAY, DAY + timedelta(days=1)))
    aside = tmp_path / "aside"
    for a, b in ((one, aside), (other, one), (aside, other)):
        shutil.move(a, b)
    _, warned, fast = asked(survey, source)
    assert not fast
    assert one.name in warned[0]
    assert set(archive(source, lambda _: None).built) == {DAY, DAY + timedelta(days=1)}


def test_a_whole_form_of_another_source_is_stale(source: Path, survey: Survey, tmp_path: Path) -> None:
    other = PLACE.but(records=RECORDS[:-1]).write(tmp_path / "other")
    shutil.copytree(source / ".takuso", other / ".takuso")
    found, warned, fast = asked(survey, other)
    assert not fast
    assert f"log/day={DAYS[-1]}" in warned[0]
    assert found == plain(survey, other, tmp_path)


def test_a_day_that_is_gone_is_named_and_what_comes_after_it_is_made_again(
    source: Path, survey: Survey, tmp_path: Path
) -> None:
    shutil.rmtree(source / "log" / f"day={DAY}")
    found, warned, fast = asked(survey, source)
    assert not fast
    assert f"log/day={DAY}" in warned[0]
    assert found == plain(survey, source, tmp_path)
    built = archive(source, lambda _: None)
    assert built.built == tuple(day for day in DAYS if day > DAY)
    assert asked(survey, source) == (found, [], True)


def test_a_new_day_is_added_and_nothing_else_is_made_again(source: Path, survey: Survey, tmp_path: Path) -> None:
    later = DAYS[-1] + timedelta(days=1)
    more = Record(jst(later, 9), "u1", "s9", "CI20", "KF10", point(9))
    aside = Place([more], PEOPLE, SUPPLY).write(tmp_path / "aside")
    shutil.move(aside / "log" / f"day={later}", source / "log")
    assert f"log/day={later}" in asked(survey, source)[1][0]
    assert archive(source, lambda _: None).built == (later,)
    assert asked(survey, source)[1:] == ([], True)


def test_corrected_people_make_only_their_days_stale_and_supply_none(source: Path, survey: Survey) -> None:
    people = [Post("u1", "p1", AOI, None, None, DAY), Post("u1", "p1", TD, None, DAY), PEOPLE[1]]
    write(source / "people.parquet", people, PEOPLE_SCHEMA)
    assert "people.parquet" in asked(survey, source)[1][0]
    assert archive(source, lambda _: None).built == tuple(day for day in DAYS if day >= DAY)
    write(source / "supply.parquet", SUPPLY[:-1], SUPPLY_SCHEMA)
    assert "supply.parquet" in asked(survey, source)[1][0]
    assert archive(source, lambda _: None).built == ()
    assert asked(survey, source)[1:] == ([], True)


def test_a_file_that_was_changed_with_size_and_time_kept_is_found_by_its_hash(
    source: Path, survey: Survey, tmp_path: Path
) -> None:
    file = source / "people.parquet"
    before = file.stat()
    write(file, [Post("u1", "p3", AOI), PEOPLE[1]], PEOPLE_SCHEMA)
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    found, warned, fast = asked(survey, source)
    assert not fast
    assert "people.parquet" in warned[0]
    assert found == plain(survey, source, tmp_path)


def test_a_touched_file_is_hashed_and_the_form_stays(source: Path, survey: Survey) -> None:
    os.utime(source / "supply.parquet", ns=(1, 1))
    assert asked(survey, source)[1:] == ([], True)


def test_an_edited_manifest_and_another_version_are_named(source: Path, survey: Survey) -> None:
    manifest = source / ".takuso" / "manifest.json"
    kept = json.loads(manifest.read_text())
    for change, word in (({"longest": 2}, "root"), ({"form": "0"}, "版"), ({"days": 3}, "項目")):
        manifest.write_text(json.dumps(kept | change))
        _, warned, fast = asked(survey, source)
        assert not fast
        assert word in warned[0]
    manifest.write_text("{")
    assert "読めません" in asked(survey, source)[1][0]
    said: list[str] = []
    assert archive(source, said.append).built == tuple(DAYS)
    assert any("manifest.json" in line for line in said)


def _more_records(entry: form.Day) -> form.Day:
    return replace(entry, records=entry.records + 1000)


def _more_screens(entry: form.Day) -> form.Day:
    return replace(entry, records=entry.records + 7, screens={**entry.screens, "ZZ99": 7})


def _another_screen(entry: form.Day) -> form.Day:
    return replace(entry, screens={"ZZ99" if screen == "MN00" else screen: n for screen, n in entry.screens.items()})


def _moved(entry: form.Day) -> form.Day:
    """The same sum, of other screens."""
    return replace(entry, screens={**entry.screens, "MN00": entry.screens["MN00"] - 1, "CI10": 2})


@pytest.mark.parametrize("change", [_more_records, _more_screens, _another_screen, _moved])
def test_a_manifest_that_counts_otherwise_than_the_records_is_not_believed(
    source: Path, survey: Survey, tmp_path: Path, change: Callable[[form.Day], form.Day]
) -> None:
    manifest = form.read_manifest(source / ".takuso")
    days = {**manifest.days, DAY: change(manifest.days[DAY])}
    (source / ".takuso" / form.MANIFEST).write_text(replace(manifest, days=days).text())
    found, warned, fast = asked(survey, source)
    assert not fast
    assert f"{DAY} の記録数" in warned[0]
    assert found == plain(survey, source, tmp_path)


def test_a_point_with_very_many_periods_is_left_to_the_plain_files(
    source: Path, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("takuso.survey.archive.fast.LONGEST", 0)
    _, warned, fast = asked(survey, source)
    assert not fast
    assert "1 行の供給期間" in warned[0]


def test_a_truncated_source_file_is_named_and_the_former_form_stays(source: Path) -> None:
    before = (source / ".takuso" / "manifest.json").read_bytes()
    file = next((source / "log" / f"day={DAY}").glob("*.parquet"))
    _cut(file)
    with pytest.raises(SourceFault, match=f"day={DAY}/{file.name}"):
        archive(source, lambda _: None)
    assert (source / ".takuso" / "manifest.json").read_bytes() == before
    assert not (source / ".takuso" / "draft").exists()


@pytest.mark.parametrize(
    ("file", "rows", "schema"),
    [
        ("people.parquet", [*PEOPLE, Post("u1", "p5", AOI)], PEOPLE_SCHEMA),
        ("supply.parquet", [*SUPPLY, Supply(point(0), ASAHI, DAY)], SUPPLY_SCHEMA),
    ],
)
def test_what_a_survey_refuses_gets_no_form(source: Path, file: str, rows: list[Any], schema: Any) -> None:
    write(source / file, rows, schema)
    with pytest.raises(SourceFault, match=file):
        archive(source, lambda _: None)


_KILLED = """
import os, sys
from pathlib import Path
from takuso.survey.archive import building, form
left = int(sys.argv[2])
settle = form.settle
def dying(folder, draft, name, key=""):
    global left
    left -= 1
    if left == 0:
        os._exit(9)
    return settle(folder, draft, name, key)
form.settle = dying
building.archive(Path(sys.argv[1]), lambda _: None)
"""


@pytest.mark.parametrize(("moment", "left"), [(2, 5), (9, 5), (12, 5), (13, 4), (16, 1)])
def test_a_builder_that_was_killed_leaves_the_former_form_and_is_taken_up(
    source: Path, survey: Survey, tmp_path: Path, moment: int, left: int
) -> None:
    """In the index, in the sessions, in the days: what was finished is kept, what was begun is not."""
    shutil.rmtree(source / ".takuso")
    ended = subprocess.run([sys.executable, "-c", _KILLED, str(source), str(moment)], check=False)
    assert ended.returncode == 9
    assert not (source / ".takuso" / "manifest.json").exists()
    assert not asked(survey, source)[2]
    assert len(archive(source, lambda _: None).built) == left
    assert asked(survey, source) == (plain(survey, source, tmp_path), [], True)
    named = {one.file for one in form.read_manifest(source / ".takuso").parts()}
    found = {file.relative_to(source / ".takuso").as_posix() for file in (source / ".takuso").glob("*/*")}
    assert named == found


def test_two_builders_shut_each_other_out(source: Path) -> None:
    with (source / ".takuso" / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="takuso log archive"):
            archive(source, lambda _: None)
    assert archive(source, lambda _: None).built == ()


_FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
from takuso.survey.archive.building import CouldNotArchive, archive
try:
    archive(Path(sys.argv[1]), lambda _: None)
except CouldNotArchive as error:
    print(error)
    sys.exit(3)
"""


@pytest.mark.parametrize("room", [100, 1500, 3000])
def test_a_full_disk_leaves_the_former_form(source: Path, survey: Survey, room: int) -> None:
    before = {f: f.read_bytes() for f in (source / ".takuso").rglob("*") if f.is_file() and f.name != "lock"}
    write(source / "people.parquet", [Post("u1", "p1", TD), PEOPLE[1]], PEOPLE_SCHEMA)
    ended = subprocess.run(
        [sys.executable, "-c", _FULL, str(source), str(room)], check=False, capture_output=True, text=True
    )
    assert (ended.returncode, "前の形は元のままです" in ended.stdout) == (3, True), ended.stderr
    assert all(file.read_bytes() == content for file, content in before.items())
    write(source / "people.parquet", PEOPLE, PEOPLE_SCHEMA)
    assert asked(survey, source)[1:] == ([], True)
    archive(source, lambda _: None)
    assert asked(survey, source)[1:] == ([], True)


def test_the_command_builds_once_and_says_what_it_did(tmp_path: Path) -> None:
    source = PLACE.write(tmp_path / "source")
    before = digest(open_source(source))
    first, second = (json.loads(_takuso("--source", str(source), "--json").stdout) for _ in range(2))
    assert (len(first["built"]), first["kept"], first["records"]) == (5, 0, len(RECORDS))
    assert (second["built"], second["kept"], second["root"]) == ([], 5, first["root"])
    assert digest(open_source(source)) == before
    assert _takuso("--source", str(tmp_path / "none")).returncode == 2
    (source / "people.parquet").write_bytes(b"")
    assert _takuso("--source", str(source)).returncode == 3


def _takuso(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "takuso.main", "log", "archive", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)
