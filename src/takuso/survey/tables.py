"""The tables of one run: the records still in, and the joins that tell more about them.

A table of records has a row for each log record that is in as known at its view (`then_in`) or as known now
(`now_in`). The statements are in sql/, one thought a file; an engine runs them. What is asked, in which order and
under which conditions, is the same for every engine.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import pyarrow as pa

from takuso.survey.definition import (
    CustomerHeldByOther,
    Exclude,
    Include,
    ReachedFrom,
    ScreenChoice,
    Screens,
    Step,
    ViewerAffiliation,
)
from takuso.survey.figures import Count, Finding
from takuso.survey.source import Meta
from takuso.survey.statements import choice, codes, quoted

Which = Literal["then", "now"]
_EVERY: Final = "true"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Statements(Protocol):
    """An engine that runs statement files over the log files of a period, people.parquet and supply.parquet."""

    def ask(self, name: str, gaps: Mapping[str, str], earlier: Sequence[Path] = ()) -> list[tuple[Any, ...]]:
        """Run a statement file, its gaps filled; the rows of its last statement. `earlier` are log files before."""

    def arrow(self, name: str) -> pa.Table:
        """Run a statement file; the rows of its last statement, in its order."""

    def condition(self, name: str, **gaps: str) -> str:
        """The condition in a file, its gaps filled."""


class Tables:
    """Tables of one engine; `records` is the one of the records still in."""

    def __init__(self, engine: Statements, meta: Meta) -> None:
        self._engine = engine
        self._meta = meta
        self._ask("people")

    def fetch(self, first: Step) -> None:
        """Read what a first step may keep, and what is known about it."""
        self._read("records", self._may_keep(first))

    def count(self, which: Which) -> tuple[int, Count]:
        """Records still in, and the persons and supply periods among them."""
        ((rows, viewers, contracts),) = self._ask("count", which=which)
        return rows, Count(viewers=viewers, contracts=contracts)

    def strangers(self) -> tuple[int, int]:
        """Records still in whose ID belongs to nobody that day; whose point had no holder."""
        ((no_person, no_holder),) = self._ask("strangers")
        return no_person, no_holder

    def keep(self, step: Step) -> None:
        """Drop the records that do not meet the step's condition."""
        then, now = self._conditions(step)
        self._ask("keep", then=then, now=now, records="records")

    def find_predecessors(self, step: ReachedFrom, earlier: Sequence[Path]) -> int:
        """Fill in the screens before, where the log has not recorded them; returns how many remain unknown.

        `earlier` are the log files of the days before the period, for sessions that began there.
        """
        return self._find_predecessors(f"screen IN {codes(step.screens)}" if step.screens else _EVERY, earlier)

    def find_all_predecessors(self, earlier: Sequence[Path]) -> None:
        """Fill in the screens before of every record still in."""
        self._find_predecessors(_EVERY, earlier)

    def _find_predecessors(self, where: str, earlier: Sequence[Path]) -> int:
        self._ask("asked", where=where)
        if not self._number("asked"):
            return 0
        self._ask("session")
        self._ask("ties")
        if self._number("ties"):
            self._untie()
        self._ask("before")
        if earlier and self._number("before WHERE previous IS NULL"):
            self._ask("earlier", earlier)
        self._ask("predecessors")
        return self._number("before WHERE previous IS NULL")

    def _untie(self) -> None:
        ((untold,),) = self._ask("untold")
        if untold:
            self._ask("whole")
        self._ask("untie", whole="whole" if untold else "fresh")

    def take_in(self, step: Include, before: Sequence[Step]) -> None:
        """Add what the same sessions opened later for the same customers on the step's screens.

        It must meet the viewer and customer steps of `before`, each with its own time.
        """
        self._ask("later")
        where = self._engine.condition("in_sessions_seen", where=choice(step.others))
        self._read("arrivals", where, self._engine.condition("not_among_records"))
        for former in before:
            if isinstance(former, ViewerAffiliation | CustomerHeldByOther):
                then, now = self._conditions(former)
                self._ask("keep", then=then, now=now, records="arrivals")
        self._ask("join_in")
        self._ask("viewers", records="records")

    def findings(self, noted: Sequence[ScreenChoice], earlier: Sequence[Path]) -> list[Finding]:
        """Persons and contracts, in order, each with its paths and the screens that annotations ask for."""
        self.find_all_predecessors(earlier)
        self._ask("notes", where=" OR ".join(map(choice, noted)) or "false")
        return [_finding(*row) for row in self._ask("findings")]

    def screens(self) -> dict[str, int]:
        """Records of the period by screen."""
        return dict(self._ask("screens"))

    def _read(self, records: str, where: str, besides: str = _EVERY) -> None:
        self._ask("fresh", where=where, condition=besides)
        self._ask("holders")
        self._ask("viewers", records="fresh")
        self._ask("known", records=records)
        if self._number(records) > self._number("fresh"):
            self._ask("once")
            self._ask("known", records=records)

    def _may_keep(self, step: Step) -> str:
        """A condition on columns of the log that all records meet which the step keeps."""
        if isinstance(step, Screens):
            return f"screen IN {codes(step.screens)}"
        if isinstance(step, Exclude):
            return f"NOT ({choice(step.others)})"
        if isinstance(step, ViewerAffiliation):
            organisation = quoted(self._meta.organisation(step.organisation))
            return self._engine.condition("may_be_employed", organisation=organisation)
        if isinstance(step, ReachedFrom):
            screens = f"screen IN {codes(step.screens)}" if step.screens else _EVERY
            return f"(came_from IS NULL OR came_from IN {codes(step.origins)}) AND {screens}"
        return _EVERY

    def _conditions(self, step: Step) -> tuple[str, str]:
        """What a record must meet to stay, as known then and as known now."""
        if isinstance(step, CustomerHeldByOther):
            organisation = quoted(self._meta.organisation(step.organisation))
            return f"coalesce(then_holder <> {organisation}, false)", f"coalesce(now_holder <> {organisation}, false)"
        met = _EVERY
        if isinstance(step, ViewerAffiliation):
            whose = "connected" if step.contractors else "employers"
            organisation = quoted(self._meta.organisation(step.organisation))
            met = self._engine.condition("was_employed", whose=whose, organisation=organisation)
        elif isinstance(step, ReachedFrom):
            met = f"coalesce(came_from IN {codes(step.origins)}, false)"
            if step.screens:
                met += f" AND screen IN {codes(step.screens)}"
        elif isinstance(step, Screens | Exclude):
            met = self._may_keep(step)
        return met, met

    def _number(self, records: str) -> int:
        ((number,),) = self._ask("number", records=records)
        return int(number)

    def _ask(self, name: str, earlier: Sequence[Path] = (), **gaps: str) -> list[tuple[Any, ...]]:
        return self._engine.ask(name, gaps, earlier)


def _finding(
    viewer: str,
    contract: str,
    first: int,
    last: int,
    views: int,
    steps: list[str],
    noted: list[str] | None,
    screens: list[str] | None,
    then: bool,
    now: bool,
) -> Finding:
    return Finding(
        viewer=viewer,
        contract=contract,
        first_at=_EPOCH + timedelta(microseconds=first),
        last_at=_EPOCH + timedelta(microseconds=last),
        views=views,
        path="; ".join([*steps, *(f"+{note}" for note in noted or ())]),
        verdict_then=then,
        verdict_now=now,
        noted=tuple(screens or ()),
    )
