"""An answer as it lies in its folder, opened to be compared."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from takuso.survey.figures import EVIDENCE, FINDINGS, INPUTS, SUMMARY, Finding
from takuso.survey.restating.inputs import FORM, Inputs, OtherForm, read_inputs
from takuso.survey.result import read_findings
from takuso.survey.source import digest_of

Which = Literal["then", "now"]
BOTH: Final[tuple[Which, ...]] = ("then", "now")
Key = tuple[str, str]
"""Viewer and contract of a finding."""
_UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException)
_AGAIN: Final = "takuso survey run で、もう一度結果を書く。"


class NoAnswer(Exception):
    """The folder is no answer of a survey."""


class BrokenAnswer(Exception):
    """A file of the answer cannot be read, or the files do not belong together."""


class Look(NamedTuple):
    """Which log record: equal ones are not told apart."""

    at: datetime
    user_id: str
    session_id: str
    screen: str
    customer: str


class Stretch(NamedTuple):
    """A supply period as it was known. Instants are UTC."""

    retailer: str
    since: date
    until: date | None
    known_from: datetime | None
    known_to: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A log record with what was known about it; `records` is how many equal ones there are."""

    look: Look
    came_from: str | None
    records: int
    person: str | None
    posts: tuple[str, ...]
    holders: Mapping[Which, Stretch | None]
    verdicts: Mapping[Which, bool]

    def key(self, which: Which) -> Key:
        """The finding that the record belongs to, if it is in."""
        holder = self.holders[which]
        contract = f"{self.look.customer}|{holder.retailer}|{holder.since}" if holder else ""
        return self.person or "", contract


class Unit(NamedTuple):
    """What a finding is made of: a record under one verdict, with the screen it was reached from."""

    look: Look
    came_from: str | None
    which: Which


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An opened answer. `units` are the records of each finding, with the fact and how many equal records it has."""

    folder: Path
    summary: Mapping[str, Any]
    inputs: Inputs
    findings: Mapping[Key, Finding]
    units: Mapping[Key, Mapping[Unit, Fact]]
    evidence: pa.Table

    def facts(self, sessions: Iterable[str]) -> dict[Look, list[Fact]]:
        """What the evidence has of these sessions, found or not."""
        chosen = pc.is_in(self.evidence["session_id"], value_set=pa.array(sorted(sessions), pa.string()))
        by_look: dict[Look, list[Fact]] = defaultdict(list)
        for row in self.evidence.filter(chosen).to_pylist():
            fact = _fact(row)
            by_look[fact.look].append(fact)
        return by_look


def open_outcome(folder: Path) -> Outcome:
    """Open the folder that `takuso survey run --out` wrote. Raises NoAnswer, BrokenAnswer."""
    if not (folder / SUMMARY).is_file():
        raise NoAnswer(
            f"{folder} は調査の結果のフォルダーではありません（{SUMMARY} がありません）。\n"
            "対処: takuso survey run の --out に指定したフォルダーを書く。"
        )
    summary = _summary(folder)
    inputs = _inputs(folder)
    digest = digest_of({name: file.sha256 for name, file in inputs.files.items()})
    if digest != summary["source_sha256"] or len(inputs.steps) != len(summary["steps"]):
        raise _strangers(folder, SUMMARY, INPUTS)
    try:
        found, total, _ = read_findings(folder, 0, 1 << 62)
    except _UNREADABLE as error:
        raise _broken(folder, FINDINGS, error) from None
    try:
        table = pq.read_table(folder / EVIDENCE)
        units = _units(table)
    except _UNREADABLE as error:
        raise _broken(folder, EVIDENCE, error) from None
    findings = {(finding.viewer, finding.contract): finding for finding in found}
    if findings.keys() != units.keys() or total != len(findings):
        raise _strangers(folder, FINDINGS, EVIDENCE)
    return Outcome(folder=folder, summary=summary, inputs=inputs, findings=findings, units=units, evidence=table)


def _strangers(folder: Path, one: str, other: str) -> BrokenAnswer:
    return BrokenAnswer(f"{folder}: {one} と {other} が合いません（別の調査のものが混ざっています）。\n対処: {_AGAIN}")


def _summary(folder: Path) -> Mapping[str, Any]:
    try:
        document = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        if not isinstance(document["steps"], list) or not isinstance(document["survey"], str):
            raise TypeError(SUMMARY)
        return {**document, "now": dict(document["now"]), "source_sha256": str(document["source_sha256"])}
    except _UNREADABLE as error:
        raise _broken(folder, SUMMARY, error) from None


def _inputs(folder: Path) -> Inputs:
    try:
        return read_inputs(folder / INPUTS)
    except FileNotFoundError:
        raise BrokenAnswer(
            f"{folder}: {INPUTS} がありません。前の版の Takuso の結果か、ファイルが消えています。\n対処: {_AGAIN}"
        ) from None
    except OtherForm as error:
        raise BrokenAnswer(
            f"{folder}/{INPUTS}: form が {error} です。この Takuso が読めるのは {FORM} だけです。\n対処: {_AGAIN}"
        ) from None
    except _UNREADABLE as error:
        raise _broken(folder, INPUTS, error) from None


def _broken(folder: Path, name: str, error: Exception) -> BrokenAnswer:
    what = f"{type(error).__name__}: {error}".splitlines()[0]
    return BrokenAnswer(f"{folder}/{name}: 読めません（{what}）。\n対処: 壊れていないか確かめる。{_AGAIN}")


def _units(table: pa.Table) -> dict[Key, dict[Unit, Fact]]:
    units: dict[Key, dict[Unit, Fact]] = defaultdict(dict)
    found = table.filter(pc.or_(table["then_in"], table["now_in"]))
    for row in found.to_pylist():
        fact = _fact(row)
        for which in BOTH:
            if fact.verdicts[which]:
                units[fact.key(which)][Unit(fact.look, fact.came_from, which)] = fact
    return dict(units)


def _fact(row: Mapping[str, Any]) -> Fact:
    return Fact(
        look=Look(row["at"].astimezone(UTC), *(row[name] for name in Look._fields[1:])),
        came_from=row["came_from"],
        records=row["records"],
        person=row["person"],
        posts=tuple(row["posts"]),
        holders={which: _stretch(row, which) for which in BOTH},
        verdicts={which: row[f"{which}_in"] for which in BOTH},
    )


def _stretch(row: Mapping[str, Any], which: Which) -> Stretch | None:
    if row[f"{which}_retailer"] is None:
        return None
    return Stretch(
        row[f"{which}_retailer"],
        row[f"{which}_from"],
        row[f"{which}_to"],
        row[f"{which}_known_from"],
        row.get(f"{which}_known_to"),
    )
