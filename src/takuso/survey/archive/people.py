"""Whose each ID was on a day, and for whom that person worked: the part of people.parquet that a day depends on."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb

from takuso.survey.archive.form import key_of
from takuso.survey.archive.words import Affiliation
from takuso.survey.source import Source
from takuso.survey.statements import filled

NOBODY: Final[Affiliation] = ((), ())
_Row = tuple[str, str, str, str | None, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A person behind an ID on a day."""

    person: str
    affiliation: Affiliation


class People:
    """people.parquet, asked by day; days are numbers since 1970."""

    def __init__(self, rows: Sequence[_Row]) -> None:
        self._rows = rows
        self._cuts = sorted({day for row in rows for day in row[4:6]})
        self._found: dict[int, tuple[Mapping[str, Viewer], str]] = {}

    def on(self, day: int) -> Mapping[str, Viewer]:
        """ID to viewer."""
        return self._on(day)[0]

    def key(self, day: int) -> str:
        """A hash of everything that people.parquet says about the day."""
        return self._on(day)[1]

    def organisations(self) -> list[str]:
        """Every organisation, in order."""
        return sorted({org for row in self._rows for org in row[2:4] if org is not None})

    def _on(self, day: int) -> tuple[Mapping[str, Viewer], str]:
        # Nothing changes between two cuts.
        span = bisect_right(self._cuts, day)
        if span not in self._found:
            rows = sorted({row[:4] for row in self._rows if row[4] <= day < row[5]}, key=repr)
            self._found[span] = (_viewers(rows), key_of(rows))
        return self._found[span]


def _viewers(rows: Sequence[tuple[str, str, str, str | None]]) -> dict[str, Viewer]:
    posts: dict[str, list[tuple[str, str, str | None]]] = {}
    for user, *post in rows:
        posts.setdefault(user, []).append((post[0] or "", post[1] or "", post[2]))
    return {user: _viewer(found) for user, found in posts.items()}


def _viewer(posts: Sequence[tuple[str, str, str | None]]) -> Viewer:
    employers = {org for _, org, principal in posts if principal is None}
    connected = {org for _, org, _ in posts} | {principal for *_, principal in posts if principal is not None}
    return Viewer(
        person=max(person for person, *_ in posts),
        affiliation=(tuple(sorted(employers)), tuple(sorted(connected))),
    )


def read_people(engine: duckdb.DuckDBPyConnection, source: Source) -> People:
    """Read them; makes the table `people` that the checks ask."""
    for sql in filled("people", {}):
        engine.execute(sql, {"people": str(source.people)})
    return People(engine.execute(filled("archive_people", {})[0]).fetchall())
