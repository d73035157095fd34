"""A legacy system's week, written as a survey source: log, persons, supply histories, and the truth beside it.

The source is a folder that anyone can read (`meta.json`, `log/day=…/*.parquet`, `people.parquet`, `supply.parquet`).
The same week is the same bytes. A folder stands under its name only when it is complete.
"""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq

from takuso.demo.companies import AFFILIATE, NETWORK
from takuso.demo.legacy_crowd import Crowd
from takuso.demo.legacy_leak import Leak
from takuso.demo.legacy_log import shares, write_log
from takuso.demo.legacy_misses import Misses
from takuso.demo.legacy_numbers import MOST_POINTS, PointNumbers
from takuso.demo.legacy_people import roster
from takuso.demo.legacy_script import Script, TooSmall
from takuso.demo.legacy_supply import Progress, write_supply
from takuso.demo.legacy_truth import truth
from takuso.demo.legacy_week import SCREENS, WITHIN, Week

PERSONS_STAGE: Final = "担当者"


class AlreadyThere(ValueError):
    """The folder, or the file of the truth, exists."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} はもうあります。\n対処: 別の名前を指定するか、要らなければ消してからやり直してください。"
        )


class TruthInside(ValueError):
    """The truth would be written into the source."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"正解のファイル {path} が、書き出すフォルダーの中にあります。\n"
            "対処: 調査する人の目に触れないよう、--truth にはフォルダーの外を指定してください。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written: records in the period, days of it, viewers and contracts of the leak as known then."""

    rows: int
    points: int
    days: int
    viewers: int
    contracts: int
    out: Path
    truth: Path


def write_week(week: Week, out: Path, truth_file: Path, progress: Progress) -> Written:
    """Write the source folder and the truth.

    Raises AlreadyThere, TruthInside, TooSmall before anything is written, OSError if the disk does not take it;
    whatever happens, nothing half-written stays.
    """
    out, truth_file = out.absolute(), truth_file.absolute()
    _check(out, truth_file)
    script = rehearse(week)
    out.parent.mkdir(parents=True, exist_ok=True)
    truth_file.parent.mkdir(parents=True, exist_ok=True)
    making = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    draft = truth_file.with_name(f".{truth_file.name}.{os.getpid()}")
    try:
        rows = _fill(making, week, script, progress)
        answer = truth(script, PointNumbers(week.seed))
        _write_json(draft, answer)
        making.chmod(0o755)
        _check(out, truth_file)
        _put_in_place(making, out, draft, truth_file)
    finally:
        rmtree(making, ignore_errors=True)
        draft.unlink(missing_ok=True)
    return Written(
        rows=rows,
        points=week.points,
        days=len(WITHIN),
        viewers=week.viewers,
        contracts=week.contracts,
        out=out,
        truth=truth_file,
    )


def rehearse(week: Week) -> Script:
    """Persons, planted sessions and their truth, nothing written; raises TooSmall."""
    try:
        script = _rehearse(week)
    except TooSmall:
        # How many points it takes is known once there are enough of them.
        needed = len(_rehearse(replace(week, points=MOST_POINTS)).taken)
        raise TooSmall("--points", 4 * needed) from None
    shares(week, script.within)
    return script


def _rehearse(week: Week) -> Script:
    script = Script.blank(week, roster(week))
    points = script.points()
    gone = Leak(script, points).plant()
    misses = Misses(script, points)
    misses.plant()
    misses.plant_later(gone)
    return script


def _fill(folder: Path, week: Week, script: Script, progress: Progress) -> int:
    numbers = PointNumbers(week.seed)
    _write_json(
        folder / "meta.json",
        {"network": NETWORK.code, "affiliate": AFFILIATE.code, "timezone": "Asia/Tokyo", "screens": SCREENS},
    )
    people = script.roster.table(np.random.default_rng([week.seed, 0]))
    pq.write_table(people, folder / "people.parquet", compression="zstd")
    progress(PERSONS_STAGE, script.roster.persons, script.roster.persons)
    planted = (script.taken, script.spells.rows)
    settled = write_supply(folder / "supply.parquet", week, numbers, planted, progress)
    return write_log(folder / "log", week, script, Crowd(script.roster, settled), numbers, progress)


def _put_in_place(making: Path, out: Path, draft: Path, truth_file: Path) -> None:
    """The folder last: where it stands, the truth stands too."""
    draft.rename(truth_file)
    try:
        making.rename(out)
    except OSError:
        truth_file.unlink()
        raise


def _check(out: Path, truth_file: Path) -> None:
    for path in (out, truth_file):
        if path.exists() or path.is_symlink():
            raise AlreadyThere(path)
    if truth_file.is_relative_to(out):
        raise TruthInside(truth_file)


def _write_json(file: Path, document: dict[str, Any]) -> None:
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
