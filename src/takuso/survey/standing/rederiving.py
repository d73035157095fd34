"""The extract of a day once more, from the raw files by the plain path: nothing of the fast form decides here.

Of the form it takes the dictionaries, to say the same codes, and how far back the sessions of the day go, to read no
more raw days than those. What it finds is compared with the extract in counts, in persons and supply periods after
each step, and row by row.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from takuso.kernel.periods import DatePeriod
from takuso.survey.archive.days import number
from takuso.survey.archive.engine import Engine
from takuso.survey.archive.supply import ROW
from takuso.survey.archive.words import codes
from takuso.survey.definition import Annotate, Exclude, ReachedFrom, Screens
from takuso.survey.duck import DuckStatements, EngineFailed, open_engine
from takuso.survey.footers import check_log
from takuso.survey.source import Source
from takuso.survey.standing.deriving import COLUMNS, Extract, View
from takuso.survey.standing.question import Column, Question
from takuso.survey.standing.tally import contradicted
from takuso.survey.statements import choice, condition
from takuso.survey.tables import Tables

_ROW: Final = (*COLUMNS, "day")
_UNKNOWN: Final = -2
_NO_POINT: Final = -3


class _Raw(Tables):
    """The tables of the plain path over one day, with what an extract keeps."""

    def __init__(
        self, engine: duckdb.DuckDBPyConnection, source: Source, question: Question, day: date, since: date
    ) -> None:
        self._source, self._question, self._day = source, question, day
        self._window = [one for one in source.days if since <= one <= day]
        files = [file for one in self._window for file in source.days[one]]
        period = DatePeriod(start=day, end=day + timedelta(days=1))
        self._plain = DuckStatements(engine, source, period, mixed=check_log(source, files).mixed)
        super().__init__(self._plain, source.meta)
        self.by_screen: dict[str, int] = {}
        self.persons: list[list[str]] = []
        self.counts: list[int] = []
        self.unknown = (0, 0)
        self.no_predecessor = 0

    def find(self) -> None:
        """All that an extract has, in texts."""
        self._over(self._window)
        self._ask("standing_chains")
        self._over([self._day])
        self.by_screen = self.screens()
        self._ask("standing_tables")
        self._steps()
        self.find_all_predecessors(self._before(self._day))
        self._ask("standing_rows", beside="false")
        if self._question.wanted:
            self._beside()

    def _steps(self) -> None:
        self.fetch(self._question.steps[0])
        for place, step in enumerate(self._question.steps[: self._question.daily]):
            if isinstance(step, ReachedFrom):
                self.no_predecessor += self.find_predecessors(step, self._before(self._day))
            if not isinstance(step, Annotate) and not (not place and isinstance(step, Screens | Exclude)):
                self.keep(step)
            self.counts.append(self._number("records"))
            self.persons.append([person for (person,) in self._ask("standing_step", step=str(place))])
            if not place:
                self.unknown = self.strangers()

    def _beside(self) -> None:
        for step in self._question.alone:
            if isinstance(step, Screens | Exclude | ReachedFrom) or step.kind == "viewer_affiliation":
                self.keep(step)
        self._ask("standing_hopeful")
        today = str(number(self._day))
        self._around(self._day, condition("standing_near", {"day": today}))
        for day in self._window[:-1]:
            self._around(day, condition("standing_back", {"day": today}))

    def _around(self, day: date, which: str) -> None:
        self._over([day])
        where = " OR ".join(map(choice, self._question.wanted))
        self._ask("fresh", where=f"({where})", condition=which)
        self._ask("viewers", records="fresh")
        self._ask("standing_bare")
        self.find_all_predecessors(self._before(day))
        self._ask("standing_rows", beside="true")

    def _over(self, days: Sequence[date]) -> None:
        """Read the log of these days from now on."""
        self._plain.over([file for day in days for file in self._source.days[day]])

    def _before(self, day: date) -> list[Any]:
        return [file for one in self._window if one < day for file in self._source.days[one]]


def check_day(view: View, question: Question, source: Source, day: date, extract: Extract) -> None:
    """Derive the extract of a day from the raw files and compare. Raises Contradicted, SourceFault, EngineFailed."""
    first = view.records(day).find(None, None, ("session",))["session"] >> 32
    back = number(day) - int(first.min(initial=number(day)))
    since = min(day - timedelta(days=back), max((one for one in source.days if one < day), default=day))
    with open_engine() as connection:
        try:
            raw = _Raw(connection, source, question, day, since)
            raw.find()
            _compare(view, raw, Engine(connection), day, extract)
        except duckdb.Error as error:
            raise EngineFailed(
                f"DuckDB が {day} の抜き書きを確かめるあいだに止まりました（{str(error).splitlines()[0]}）。\n"
                "対処: 空きメモリーと一時フォルダーの空き（TMPDIR）を確かめて、もう一度調査する。"
            ) from error


def _compare(view: View, raw: _Raw, engine: Engine, day: date, extract: Extract) -> None:
    rows, held, words, entry = extract.rows, extract.held, view.words, view.entry(day)
    _must(day, "その日の画面ごとの記録数", raw.by_screen == dict(entry.screens))
    _must(day, "その日の記録数", entry.records == sum(raw.by_screen.values()))
    _must(day, "段ごとの記録数", rows["counts"].tolist() == raw.counts)
    unknown = [*rows["unknown"].tolist(), *held["unknown"].tolist()]
    _must(day, "分からない記録の数", unknown == [raw.unknown[0], raw.no_predecessor, raw.unknown[1]])
    known = codes(words.persons)
    for place, persons in enumerate(raw.persons):
        found = sorted(known.get(person, _UNKNOWN) for person in persons)
        _must(day, f"{place + 1} 段目の人", rows[f"persons.{place}"].tolist() == found)
    _code(view, engine)
    periods = _Periods(view)
    for place in range(len(raw.counts)):
        found_contracts = _table(engine, "standing_coded_contracts", step=str(place))
        told = periods.of(held[f"contracts.{place}"])
        _must(day, f"{place + 1} 段目の供給期間", _same(told, found_contracts))
    today = {"day": np.full(len(rows["place"]), number(day), dtype=np.int32)}
    _rows(view, engine, day, {**{name: rows[name] for name in (*COLUMNS, "place")}, **today}, beside=False)
    if extract.beside is not None:
        _rows(view, engine, day, extract.beside, beside=True)


def _rows(view: View, engine: Engine, day: date, told: Mapping[str, Column], *, beside: bool) -> None:
    """Compare records row by row, and with those of the form that they name by their places."""
    what = "添える記録" if beside else "残した記録"
    found = _table(engine, "standing_coded_rows", beside=str(beside).lower())
    _must(day, what, _same({name: told[name] for name in _ROW}, found))
    days = {number(one): one for one in view.manifest.days}
    for one in np.unique(told["day"]).tolist():
        _must(day, f"{what}の日", one in days)
        chosen = told["day"] == one
        place = told["place"][chosen].astype(np.int64)
        records = view.records(days[one])
        _must(day, f"{what}の番号", len(np.unique(place)) == len(place) and int(place.min(initial=0)) >= 0)
        _must(day, f"{what}の番号", int(place.max(initial=-1)) < records.total)
        for name in COLUMNS:
            _must(day, f"{what}の番号", np.array_equal(records.column(name, place), told[name][chosen]))


def _code(view: View, engine: Engine) -> None:
    """Tables of the dictionaries, for what was found."""
    words = view.words
    for table, column in (("screens", "screen"), ("persons", "person"), ("retailers", "retailer")):
        engine.codes(table, column, codes(getattr(words, table)))
    known = codes(words.affiliations)
    (viewers,) = engine.ask("standing_viewers")
    found = [known.get((tuple(employers), tuple(connected)), _UNKNOWN) for _, _, employers, connected in viewers]
    engine.table(
        "affiliations",
        {
            "user_id": pa.array([user for user, *_ in viewers], pa.string()),
            "day": pa.array([day for _, day, *_ in viewers], pa.int32()),
            "code": pa.array(found, pa.int32()),
        },
    )
    customers = [str(view.folder / part.file) for part in view.manifest.customers]
    engine.ask("standing_points", {"customers": customers})


class _Periods:
    """The supply periods of the index by their codes."""

    def __init__(self, view: View) -> None:
        rows, _, offsets = (view.folder / part.file for part in view.index)
        # numpy cannot map an empty file.
        self._rows = np.memmap(rows, dtype=ROW, mode="r") if rows.stat().st_size else np.zeros(0, dtype=ROW)
        self._contracts = np.ascontiguousarray(self._rows["contract"])
        self._offsets = np.fromfile(offsets, dtype="<i4")

    def of(self, codes: Column) -> dict[str, Column]:
        """Point, retailer and first day of each; a code that the index has not is no point's."""
        if not len(self._rows):
            return {name: np.full(len(codes), _NO_POINT) for name in ("customer", "retailer", "from_day")}
        place = np.minimum(np.searchsorted(self._contracts, codes), len(self._rows) - 1)
        point = np.searchsorted(self._offsets, place, "right") - 1
        return {
            "customer": np.where(self._contracts[place] == codes, point, _NO_POINT),
            "retailer": self._rows["holder"][place] >> 2,
            "from_day": self._rows["from_day"][place],
        }


def _table(engine: Engine, name: str, **gaps: str) -> dict[str, Column]:
    found = engine.arrow(name, None, **gaps).read_all()
    return {column: found.column(column).to_numpy() for column in found.column_names}


def _same(told: Mapping[str, Column], found: Mapping[str, Column]) -> bool:
    """True if both have the same rows, in whatever order."""
    if len(next(iter(told.values()))) != len(next(iter(found.values()))):
        return False
    one, other = (np.lexsort([columns[name] for name in told]) for columns in (told, found))
    return all(np.array_equal(told[name][one], found[name][other]) for name in told)


def _must(day: date, what: str, right: bool) -> None:
    if not right:
        raise contradicted(day, what)
