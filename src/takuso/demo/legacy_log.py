"""The access log as files: a folder a day, several files each, records in any order."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from takuso.demo.legacy_crowd import COLUMNS, NOT_RECORDED, Crowd
from takuso.demo.legacy_numbers import PointNumbers, session_strings, terminal_id, user_id
from takuso.demo.legacy_script import Script, TooSmall
from takuso.demo.legacy_supply import Progress
from takuso.demo.legacy_week import ACTIONS, DAY_WEIGHTS, DAYS, END, FIRST, SCREEN_CODES, Week, day_date, instant
from takuso.survey.layout import layout

Columns = dict[str, npt.NDArray[Any]]

STAGE: Final = "アクセスログ"
SCHEMA: Final = pa.schema(
    [
        ("at", pa.timestamp("us", tz="UTC")),
        ("user_id", pa.string()),
        ("session_id", pa.string()),
        ("screen", pa.string()),
        ("came_from", pa.string()),
        ("customer", pa.string()),
        ("action", pa.string()),
        ("terminal", pa.string()),
    ]
)
_FILE_ROWS: Final = 450_000
_LEAST_FILES: Final = 2
_ROW_GROUP: Final = 131_072
_TERMINALS: Final = 4_000


def shares(week: Week, planted: int) -> list[int]:
    """Records of the crowd for each day of the log, so that the period has exactly the week's.

    `planted`: records of the script in the period. Raises TooSmall if they would be more than half.
    """
    if 2 * planted > week.rows:
        raise TooSmall("--rows", 2 * planted)
    weights = DAY_WEIGHTS[1:-1]
    left = week.rows - planted
    within = [left * weight // sum(weights) for weight in weights]
    within[0] += left - sum(within)
    first, last = (week.rows * weight // sum(weights) for weight in (DAY_WEIGHTS[0], DAY_WEIGHTS[-1]))
    return [first, *within, last]


def write_log(folder: Path, week: Week, script: Script, crowd: Crowd, numbers: PointNumbers, progress: Progress) -> int:
    """Write the log; returns the records in the period."""
    texts = _Texts(script, numbers)
    planted = _planted(script)
    within = 0
    progress(STAGE, 0, week.rows)
    for day, columns in _days(week, script, crowd):
        rng = np.random.default_rng([week.seed, 3, day])
        here = (planted["at"] >= instant(day)) & (planted["at"] < instant(day + 1))
        whole = {name: np.concatenate([columns[name], planted[name][here]]) for name in COLUMNS}
        order = rng.permutation(len(whole["at"]))
        files = max(_LEAST_FILES, -(-len(order) // _FILE_ROWS))
        place = folder / f"day={day_date(day)}"
        place.mkdir(parents=True)
        for number, rows in enumerate(np.array_split(order, files)):
            table = texts.table({name: column[rows] for name, column in whole.items()})
            pq.write_table(
                table,
                place / f"part-{number}.parquet",
                row_group_size=_ROW_GROUP,
                **layout(SCHEMA.names),
            )
            if FIRST <= day < END:
                within += len(rows)
                progress(STAGE, within, week.rows)
    return within


def _days(week: Week, script: Script, crowd: Crowd) -> Iterator[tuple[int, Columns]]:
    """The crowd's records of each day, those of sessions begun the day before among them."""
    carried: Columns = {name: np.empty(0, np.int64) for name in COLUMNS}
    for day, rows in zip(DAYS, shares(week, script.within), strict=True):
        rng = np.random.default_rng([week.seed, 2, day])
        # The number of records in the period is exact because none of the crowd's sessions crosses its edges.
        closed = day in (FIRST - 1, END - 1, END)
        made = crowd.day(rng, day, rows, week.missing, closed=closed)
        whole = {name: np.concatenate([carried[name], made[name]]) for name in COLUMNS}
        today = whole["at"] < instant(day + 1)
        carried = {name: column[~today] for name, column in whole.items()}
        yield day, {name: column[today] for name, column in whole.items()}


def _planted(script: Script) -> Columns:
    return {name: np.array(column) for name, column in zip(COLUMNS, zip(*script.records, strict=True), strict=True)}


class _Texts:
    """Numbers as the log spells them."""

    def __init__(self, script: Script, numbers: PointNumbers) -> None:
        self._numbers = numbers
        self._users = pa.array(map(user_id, range(script.roster.users)), pa.string())
        self._terminals = pa.array(map(terminal_id, range(_TERMINALS)), pa.string())
        self._screens = pa.array(SCREEN_CODES, pa.string())
        self._actions = pa.array(ACTIONS, pa.string())

    def table(self, rows: Columns) -> pa.Table:
        """As the log has them."""
        came_from = pa.array(rows["came_from"], mask=rows["came_from"] == NOT_RECORDED)
        return pa.table(
            [
                pa.array(rows["at"]).view(pa.timestamp("us", tz="UTC")),
                self._users.take(pa.array(rows["user"])),
                session_strings(rows["session"]),
                self._screens.take(pa.array(rows["screen"])),
                self._screens.take(came_from),
                self._numbers.strings(rows["point"]),
                self._actions.take(pa.array(rows["action"])),
                self._terminals.take(pa.array(rows["terminal"])),
            ],
            schema=SCHEMA,
        )
