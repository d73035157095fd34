"""Extracts that are stale, damaged, forged or half made: none of them changes a figure in silence."""

import fcntl
import hashlib
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

import numpy as np
import pytest

from takuso.survey.archive import form
from takuso.survey.archive.building import archive
from takuso.survey.closing.retention import clear
from takuso.survey.definition import Survey
from takuso.survey.reading import read_survey
from takuso.survey.result import summary
from takuso.survey.run import run
from takuso.survey.standing import entries
from takuso.survey.standing.arrays import Array, Arrays, packed
from takuso.survey.standing.building import Busy, NotArchived, NotRegistered, drop, look, refresh, stand
from takuso.survey.standing.question import CannotStand
from takuso.survey.standing.sampling import sample
from takuso.survey.standing.tally import Contradicted
from tests.survey.lay import (
    AOI,
    ASAHI,
    DAY,
    NOTICE,
    PEOPLE_SCHEMA,
    SUPPLY_SCHEMA,
    Post,
    Record,
    Supply,
    ask,
    jst,
    point,
    write,
)
from tests.survey.test_archive_faults import DAYS, PEOPLE, PLACE, RECORDS, SUPPLY

NAME = "trial"
INSIDE = DAYS[1:4]
# What only one day has: a person, a point, and a record beside those found.
ALONE = [
    Record(jst(DAY, 10, 0, n), "u3", "s3", screen, None, point(0)) for n, screen in enumerate(["KF10", "CI20", "CI10"])
]
FIRST = Record(jst(DAYS[0], 10), "u0", "s0", "KF10", None, point(0))
PEOPLE_TOO = [PEOPLE[1], Post("u3", "p3", AOI), Post("u0", "p0", AOI)]
LONE = PLACE.but(records=[FIRST, *RECORDS, *ALONE], people=[PEOPLE[0], *PEOPLE_TOO])


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """The notice's survey over all days but the first and the last."""
    return read_survey(ask(tmp_path / "s.yaml", NOTICE))


@pytest.fixture
def source(tmp_path: Path, survey: Survey) -> Path:
    """A source with its form and the extracts of a standing survey."""
    made = LONE.write(tmp_path / "source")
    archive(made, quiet)
    assert survey.name == NAME
    assert stand(tmp_path / "s.yaml", made, quiet).made == tuple(DAYS)
    return made


def quiet(_: str) -> None:
    """Nobody listens."""


def asked(survey: Survey, source: Path) -> tuple[dict[str, Any], list[str], str]:
    """summary.json but for time and engine, the warnings, and the engine."""
    warned: list[str] = []
    found = summary(run(survey, source, None, quiet, warned=warned.append).answer)
    return {**found, "seconds": 0, "engine": ""}, warned, found["engine"]


def plain(survey: Survey, source: Path) -> dict[str, Any]:
    """The same from a copy without a form."""
    copy = source.with_name("plain")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".takuso"))
    found, warned, engine = asked(survey, copy)
    assert (warned, engine) == ([], "duckdb")
    return found


def stale(source: Path) -> dict[date, str]:
    """The days whose extracts are not right."""
    (one,) = look(source)
    return dict(one.stale)


def test_a_fresh_standing_survey_is_used_and_its_report_names_the_days_that_were_looked_at(
    source: Path, survey: Survey, tmp_path: Path
) -> None:
    assert asked(survey, source) == (plain(survey, source), [], "standing")
    run(survey, source, tmp_path / "out", quiet, ["html"], seed=7)
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "、".join(map(str, INSIDE)) in report
    assert "くじの種 7" in report
    one = (tmp_path / "out" / "findings.parquet").read_bytes()
    shutil.rmtree(source / ".takuso")
    run(survey, source, tmp_path / "plain-out", quiet, ["html"])
    assert (tmp_path / "plain-out" / "findings.parquet").read_bytes() == one


def test_the_first_the_last_and_drawn_days_are_looked_at() -> None:
    days = [DAY + timedelta(days=n) for n in range(40)]
    drawn = {sample(days, seed) for seed in range(200)}
    assert {(one[0], one[-1], len(one)) for one in drawn} == {(days[0], days[-1], 3)}
    assert {one[1] for one in drawn} == set(days[1:-1])
    assert sample(days, 5) == sample(days, 5)
    assert (sample(days[:1], 1), sample(days[:2], 1)) == (tuple(days[:1]), tuple(days[:2]))


def part(source: Path, day: date, what: str) -> form.Part:
    """A part of the extract of a day."""
    found: form.Part = getattr(entries.read_extracts(source / ".takuso", NAME).days[day], what)
    return found


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(("what", "harm"), [("rows", Path.unlink), ("held", _flip), ("beside", _flip)])
def test_a_damaged_part_is_named_and_its_day_computed_from_the_form(
    source: Path, survey: Survey, what: str, harm: Callable[[Path], None]
) -> None:
    file = source / ".takuso" / part(source, DAY, what).file
    harm(file)
    found, (warning,), engine = asked(survey, source)
    assert (found, engine) == (plain(survey, source), "standing")
    assert file.name in warning
    assert refresh(source, quiet)[0].made == (DAY,)
    assert asked(survey, source) == (found, [], "standing")


def forge(source: Path, day: date, what: str, change: Callable[[dict[str, Array]], None]) -> None:
    """Put other numbers into a part, and let every hash of the extracts agree with them."""
    folder = source / ".takuso"
    extracts = entries.read_extracts(folder, NAME)
    kept = part(source, day, what)
    arrays = {name: array.copy() for name, array in Arrays((folder / kept.file).read_bytes()).items()}
    change(arrays)
    content = packed(arrays)
    (folder / kept.file).write_bytes(content)
    forged = replace(kept, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    days = {**extracts.days, day: replace(extracts.days[day], **{what: forged})}
    (folder / "standing" / NAME / "manifest.json").write_text(replace(extracts, days=days).text())


def _fewer(arrays: dict[str, Array]) -> None:
    arrays["counts"][0] -= 1


def _nobody(arrays: dict[str, Array]) -> None:
    arrays["persons.0"] = arrays["persons.0"][:0]


def _another(arrays: dict[str, Array]) -> None:
    arrays["person"][:] = arrays["person"].min()
    arrays["persons.2"] = np.unique(arrays["person"])


def _earlier(arrays: dict[str, Array]) -> None:
    arrays["at_us"] -= 3_600_000_000


def _elsewhere(arrays: dict[str, Array]) -> None:
    arrays["origin"] += 1


def _gone(arrays: dict[str, Array]) -> None:
    arrays["counts"][-1] = 0
    for name in ("persons.2", "place", "screen", "affiliation", "customer", "at_us", "person", "origin", "session"):
        arrays[name] = arrays[name][:0]


def _one_contract(arrays: dict[str, Array]) -> None:
    arrays["contracts.0"] = arrays["contracts.0"][1:]


def _strangers(arrays: dict[str, Array]) -> None:
    arrays["unknown"] += 1


def _less_beside(arrays: dict[str, Array]) -> None:
    for name in arrays:
        arrays[name] = arrays[name][:0]


FORGERIES = [
    ("rows", _fewer),
    ("rows", _nobody),
    ("rows", _another),
    ("rows", _earlier),
    ("rows", _elsewhere),
    ("rows", _gone),
    ("rows", _strangers),
    ("held", _one_contract),
    ("held", _strangers),
    ("beside", _less_beside),
]


@pytest.mark.parametrize(("what", "change"), FORGERIES)
def test_a_forged_extract_is_found_by_deriving_it_again_and_only_so(
    source: Path, survey: Survey, what: str, change: Callable[[dict[str, Array]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = run(survey, source, None, quiet).answer.figures
    forge(source, DAY, what, change)
    with pytest.raises(Contradicted, match=f"^({DAY} の抜き書きが正しくありません|日ごとの抜き書きの供給期間が)"):
        run(survey, source, None, quiet)
    monkeypatch.setattr("takuso.survey.run.check_samples", lambda answered, *_: answered.figures)
    if change is _gone:
        # Found even so: what is left does not have the supply periods that were counted.
        with pytest.raises(Contradicted):
            run(survey, source, None, quiet)
        return
    wrong = run(survey, source, None, quiet).answer.figures
    assert replace(wrong, seconds=0.0, standing=None) != replace(right, seconds=0.0, standing=None)


def _more_records(entry: form.Day) -> form.Day:
    return replace(entry, records=entry.records + 1000)


def _more_screens(entry: form.Day) -> form.Day:
    return replace(entry, records=entry.records + 7, screens={**entry.screens, "ZZ99": 7})


@pytest.mark.parametrize(
    ("change", "what"), [(_more_records, "その日の記録数"), (_more_screens, "その日の画面ごとの記録数")]
)
def test_a_manifest_that_counts_more_than_the_log_is_found_in_the_samples(
    source: Path, survey: Survey, change: Callable[[form.Day], form.Day], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = run(survey, source, None, quiet).answer.figures
    manifest = form.read_manifest(source / ".takuso")
    days = {day: change(entry) for day, entry in manifest.days.items()}
    (source / ".takuso" / form.MANIFEST).write_text(replace(manifest, days=days).text())
    with pytest.raises(Contradicted, match=what):
        run(survey, source, None, quiet)
    if change is _more_records:
        # What is told is what the samples compare.
        monkeypatch.setattr("takuso.survey.run.check_samples", lambda answered, *_: answered.figures)
        assert run(survey, source, None, quiet).answer.figures.steps == right.steps


def test_an_extract_that_does_not_agree_with_itself_stops_the_answer_on_any_day(
    source: Path, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fewer(arrays: dict[str, Array]) -> None:
        arrays["counts"][-1] += 1

    monkeypatch.setattr("takuso.survey.run.check_samples", lambda answered, *_: answered.figures)
    forge(source, DAY, "rows", fewer)
    with pytest.raises(Contradicted, match=str(DAY)):
        run(survey, source, None, quiet)


def test_places_that_name_other_records_are_found(source: Path, survey: Survey) -> None:
    def swapped(arrays: dict[str, Array]) -> None:
        arrays["place"] += 1

    forge(source, DAY, "rows", swapped)
    with pytest.raises(Contradicted, match="番号"):
        run(survey, source, None, quiet)


def test_corrected_people_make_only_their_days_stale_and_supply_all(source: Path, survey: Survey) -> None:
    people = [Post("u1", "p1", AOI, None, None, DAY), Post("u1", "p7", AOI, None, DAY), *PEOPLE_TOO]
    write(source / "people.parquet", people, PEOPLE_SCHEMA)
    with pytest.raises(NotArchived, match=r"people\.parquet"):
        look(source)
    assert asked(survey, source)[2] == "duckdb"
    archive(source, quiet)
    assert set(stale(source)) == {day for day in DAYS if day >= DAY}
    assert all("利用者の台帳" in why for why in stale(source).values())
    found, (warning,), engine = asked(survey, source)
    assert (found, engine) == (plain(survey, source), "standing")
    assert f"2 日は、速い形から計算しました（{DAY}" in warning
    assert refresh(source, quiet)[0].made == tuple(day for day in DAYS if day >= DAY)
    write(source / "supply.parquet", [*SUPPLY[:-1], Supply(point(5), ASAHI, date(2016, 4, 1))], SUPPLY_SCHEMA)
    archive(source, quiet)
    assert set(stale(source).values()) == {"供給者の履歴が変わった"}
    found, (warning,), engine = asked(survey, source)
    assert (found, engine) == (plain(survey, source), "duckdb")
    assert "使える抜き書きが 1 日もありません" in warning
    refresh(source, quiet)
    assert asked(survey, source) == (found, [], "standing")


def test_a_changed_day_and_a_new_day_are_stale_alone(source: Path, survey: Survey, tmp_path: Path) -> None:
    other = LONE.but(records=[*LONE.records, RECORDS[-1]._replace(customer=point(1))]).write(tmp_path / "other")
    last = f"day={DAYS[-1]}"
    shutil.rmtree(source / "log" / last)
    shutil.move(other / "log" / last, source / "log")
    archive(source, quiet)
    assert stale(source) == {DAYS[-1]: "その日の記録のファイルが変わった"}
    # The stale day is not of the period.
    assert asked(survey, source) == (plain(survey, source), [], "standing")


def test_another_definition_or_a_form_made_from_nothing_is_not_answered_from_old_extracts(
    source: Path, survey: Survey, tmp_path: Path
) -> None:
    wider = read_survey(ask(tmp_path / "w.yaml", [NOTICE[0], NOTICE[1]]))
    found, (warning,), engine = asked(wider, source)
    assert (found, engine) == (plain(wider, source), "duckdb")
    assert "段が、抜き書きを作ったときと違います" in warning
    meta = json.loads((source / "meta.json").read_text())
    (source / "meta.json").write_text(json.dumps({**meta, "affiliate": "TD", "network": AOI}))
    assert asked(survey, source)[2] == "duckdb"
    (source / "meta.json").write_text(json.dumps(meta))
    # The same records in other codes, since the days came in another order.
    kept = tmp_path / "kept"
    shutil.move(source / ".takuso" / "standing", kept)
    shutil.rmtree(source / ".takuso")
    first = source / "log" / f"day={DAYS[0]}"
    shutil.move(first, tmp_path / "aside")
    archive(source, quiet)
    shutil.move(tmp_path / "aside", first)
    archive(source, quiet)
    shutil.move(kept, source / ".takuso" / "standing")
    found, (warning,), engine = asked(survey, source)
    assert (found, engine) == (plain(survey, source), "duckdb")
    assert "速い形の辞書が、抜き書きを作ったときと違います" in warning


def test_a_day_that_changed_with_size_and_time_kept_is_found_by_its_hash(source: Path, survey: Survey) -> None:
    file = source / "people.parquet"
    before = file.stat()
    write(file, [Post("u1", "p4", AOI), *PEOPLE_TOO], PEOPLE_SCHEMA)
    assert file.stat().st_size == before.st_size
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    found, (warning,), engine = asked(survey, source)
    assert (found, engine) == (plain(survey, source), "duckdb")
    assert "people.parquet" in warning


def test_a_damaged_day_of_the_form_does_not_vouch_for_an_extract(source: Path, survey: Survey) -> None:
    (file,) = (source / ".takuso" / "days").glob(f"{DAY}*")
    _flip(file)
    found, warnings, engine = asked(survey, source)
    assert (found, engine) == (plain(survey, source), "duckdb")
    assert file.name in warnings[0]


def test_what_cannot_stand_is_refused(source: Path, tmp_path: Path) -> None:
    held = {"kind": "customer_held_by_other", "organisation": "affiliate"}
    with pytest.raises(CannotStand, match="画面か閲覧者で絞る段"):
        stand(ask(tmp_path / "h.yaml", [held, NOTICE[0]]), source, quiet)
    shutil.rmtree(source / ".takuso")
    with pytest.raises(NotArchived, match="takuso log archive"):
        stand(tmp_path / "s.yaml", source, quiet)


def test_a_deletion_by_the_rules_keeps_what_was_registered_and_nothing_that_was_derived(
    source: Path, survey: Survey
) -> None:
    day = DAYS[0]
    (source / "records" / f"day={day}").mkdir(parents=True)
    (source / "records" / f"day={day}" / "tickets.parquet").write_bytes(b"x")
    assert clear(source, {day}) == [day]
    held = [file.relative_to(source / ".takuso").as_posix() for file in (source / ".takuso").rglob("*")]
    assert sorted(held) == ["standing", f"standing/{NAME}", f"standing/{NAME}/survey.yaml"]
    archive(source, quiet)
    assert [one.made for one in refresh(source, quiet)] == [tuple(DAYS)]
    assert asked(survey, source)[2] == "standing"


def test_what_is_dropped_is_gone(source: Path, survey: Survey) -> None:
    with pytest.raises(NotRegistered, match="other"):
        drop(source, "other")
    drop(source, NAME)
    assert look(source) == []
    assert asked(survey, source)[1:] == ([], "duckdb")
    assert not (source / ".takuso" / "standing" / NAME).exists()


def test_an_edited_manifest_is_named(source: Path, survey: Survey) -> None:
    manifest = source / ".takuso" / "standing" / NAME / "manifest.json"
    kept = json.loads(manifest.read_text())
    for change, word in (({"title": "ほか"}, "root"), ({"standing": "0"}, "版"), ({"days": 3}, "root")):
        manifest.write_text(json.dumps(kept | change))
        _, (warning,), engine = asked(survey, source)
        assert (word in warning, engine) == (True, "duckdb")
    assert refresh(source, quiet)[0].made == tuple(DAYS)
    assert asked(survey, source)[1:] == ([], "standing")


_KILLED = """
import os, sys
from pathlib import Path
from takuso.survey.archive import form
from takuso.survey.standing import building
building._OFTEN = 1
left = int(sys.argv[3])
settle = form.settle
def dying(folder, draft, name, key=""):
    global left
    left -= 1
    if left == 0:
        os._exit(9)
    return settle(folder, draft, name, key)
form.settle = dying
building.stand(Path(sys.argv[1]), Path(sys.argv[2]), lambda _: None)
"""


@pytest.mark.parametrize(("moment", "left"), [(5, 4), (15, 1)])
def test_a_builder_that_was_killed_is_taken_up(
    source: Path, survey: Survey, tmp_path: Path, moment: int, left: int
) -> None:
    drop(source, NAME)
    command = [sys.executable, "-c", _KILLED, str(tmp_path / "s.yaml"), str(source), str(moment)]
    assert subprocess.run(command, check=False).returncode == 9
    assert asked(survey, source)[1:] == ([], "duckdb")
    assert len(refresh(source, quiet)[0].made) == left
    assert asked(survey, source) == (plain(survey, source), [], "standing")
    named = {one.file for one in entries.read_extracts(source / ".takuso", NAME).parts()}
    found = {file.relative_to(source / ".takuso").as_posix() for file in (source / ".takuso/standing").glob("*/*.*.*")}
    assert named == found


def test_builders_of_form_and_extracts_shut_each_other_out(source: Path, tmp_path: Path) -> None:
    with (source / ".takuso" / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for work in (lambda: stand(tmp_path / "s.yaml", source, quiet), lambda: drop(source, NAME)):
            with pytest.raises(Busy, match="takuso survey stand"):
                work()
    assert stand(tmp_path / "s.yaml", source, quiet).made == ()


_FULL = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
from takuso.survey.standing.building import CouldNotStand, refresh
try:
    refresh(Path(sys.argv[1]), lambda _: None)
except CouldNotStand as error:
    print(error)
    sys.exit(3)
"""


@pytest.mark.parametrize("room", [100, 900])
def test_a_full_disk_leaves_the_former_extracts(source: Path, survey: Survey, room: int) -> None:
    write(source / "people.parquet", [Post("u1", "p1", AOI, None, DAY), *PEOPLE_TOO], PEOPLE_SCHEMA)
    archive(source, quiet)
    found = asked(survey, source)
    before = {f: f.read_bytes() for f in (source / ".takuso" / "standing").rglob("*.*.*")}
    command = [sys.executable, "-c", _FULL, str(source), str(room)]
    ended = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (ended.returncode, "前の抜き書きは元のままです" in ended.stdout) == (3, True), ended.stderr
    assert all(file.read_bytes() == content for file, content in before.items())
    assert asked(survey, source) == found
    refresh(source, quiet)
    assert asked(survey, source)[1:] == ([], "standing")


def test_the_commands_say_what_they_did(source: Path, survey: Survey, tmp_path: Path) -> None:
    first = json.loads(_takuso("stand", str(tmp_path / "s.yaml"), "--source", str(source), "--json").stdout)
    assert (first["survey"], first["made"], first["kept"]) == (NAME, [], len(DAYS))
    forge(source, DAY, "rows", _fewer)
    answer = _takuso("run", str(tmp_path / "s.yaml"), "--source", str(source), "--out", str(tmp_path / "out"), "--json")
    assert (answer.returncode, str(DAY) in json.loads(answer.stdout)["error"]) == (1, True)
    assert not (tmp_path / "out").exists()
    (source / ".takuso" / part(source, DAY, "held").file).unlink()
    found = _takuso("standing", "--source", str(source), "--refresh", "--json")
    assert (found.returncode, json.loads(found.stdout)["standing"][0]["made"]) == (0, [str(DAY)])
    answer = _takuso("run", str(tmp_path / "s.yaml"), "--source", str(source), "--seed", "3", "--json")
    assert json.loads(answer.stdout)["engine"] == "standing"
    assert "（種 3）" in answer.stderr


def _takuso(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "takuso.main", "survey", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)
