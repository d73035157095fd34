"""Two answers of one survey, compared: what was asked, of what, the figures, and every finding with its reason."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from takuso.survey.definition import Step
from takuso.survey.figures import Finding
from takuso.survey.restating.outcome import BOTH, Key, Outcome, Unit, Which
from takuso.survey.restating.reasons import (
    Kind,
    Reason,
    Sides,
    Thread,
    changed_files,
    log_changed,
    number_changed,
    reason,
    thread_of,
)

Change = Literal["gained", "lost", "changed"]
_ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


class OtherSurvey(Exception):
    """The two folders answer different surveys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """One log record that came in, fell out or changed in number, under the verdicts named, and why."""

    change: Change
    unit: Unit
    verdicts: tuple[Which, ...]
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding of only one answer (`before` or `after` is None), or one that is not the same in both.

    `reason` is the most important one of its records.
    """

    change: Change
    key: Key
    before: Finding | None
    after: Finding | None
    reason: Reason
    records: Sequence[RecordChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPair:
    """A step of one answer and its counterpart, each with its figures; None where there is none."""

    before: tuple[Step, Mapping[str, Any]] | None
    after: tuple[Step, Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Everything in which two answers differ. `files` are the places of source files that differ."""

    before: Outcome
    after: Outcome
    files: Sequence[str]
    steps: Sequence[StepPair]
    findings: Sequence[FindingChange]

    @property
    def same(self) -> bool:
        """True if the same was asked of the same, with the same figures and findings."""
        one, other = self.before, self.after
        asked = (one.inputs.sha256, one.inputs.period, one.inputs.steps, one.inputs.files, one.inputs.meta) == (
            other.inputs.sha256, other.inputs.period, other.inputs.steps, other.inputs.files, other.inputs.meta,
        )  # fmt: skip
        return asked and not self.findings and figures(one) == figures(other)

    def gone(self, place: int, which: Which) -> tuple[list[str], list[str]]:
        """Viewers (place 0) or contracts (1) gained and lost under a verdict, sorted."""
        one, other = (_heads(outcome, place, which) for outcome in (self.before, self.after))
        return sorted(other - one), sorted(one - other)


def compare(before: Outcome, after: Outcome) -> Difference:
    """Compare two answers. Raises OtherSurvey."""
    one, other = before.summary["survey"], after.summary["survey"]
    if one != other:
        raise OtherSurvey(
            f"別の調査の結果です: {before.folder} は {one}、{after.folder} は {other}。\n"
            "対処: 同じ調査（name が同じ調査ファイル）の 2 つの結果を指定する。"
        )
    return Difference(
        before=before,
        after=after,
        files=changed_files(before, after),
        steps=list(_pairs(before, after)),
        findings=_findings(before, after),
    )


def figures(outcome: Outcome) -> dict[str, Any]:
    """The figures of summary.json that say something about the log."""
    return {name: outcome.summary[name] for name in ("steps", "viewers", "contracts", "now", "rejects")}


def _heads(outcome: Outcome, place: int, which: Which) -> set[str]:
    heads = {
        key[place]
        for key, finding in outcome.findings.items()
        if (finding.verdict_then if which == "then" else finding.verdict_now)
    }
    return heads - {""}


def _pairs(before: Outcome, after: Outcome) -> Iterator[StepPair]:
    """Steps by kind and name, then by kind alone; a pair of a second and a second is of the same kind and name."""
    sides = [
        [(step, told) for step, told in zip(outcome.inputs.steps, outcome.summary["steps"], strict=True)]
        for outcome in (before, after)
    ]
    partners: list[tuple[int | None, int | None]] = []
    left = [list(range(len(side))) for side in sides]
    for named in (True, False):
        for one in list(left[0]):
            alike = [two for two in left[1] if _alike(sides[0][one][0], sides[1][two][0], named=named)]
            if alike:
                partners.append((one, alike[0]))
                left[0].remove(one)
                left[1].remove(alike[0])
    partners += [(one, None) for one in left[0]] + [(None, two) for two in left[1]]
    for one_at, two_at in sorted(partners, key=_standing):
        yield StepPair(
            before=None if one_at is None else sides[0][one_at],
            after=None if two_at is None else sides[1][two_at],
        )


def _standing(pair: tuple[int | None, int | None]) -> tuple[int, int]:
    places = [place for place in pair if place is not None]
    return min(places), max(places)


def _alike(one: Step, other: Step, *, named: bool) -> bool:
    return one.kind == other.kind and (not named or one.name == other.name)


def _findings(before: Outcome, after: Outcome) -> list[FindingChange]:
    keys = [key for key in sorted(before.findings.keys() | after.findings.keys()) if _differs(key, before, after)]
    sessions = {
        unit.look.session_id for key in keys for outcome in (before, after) for unit in outcome.units.get(key, {})
    }
    lost, gained = (
        Sides(has=has, lacks=lacks, gained=later, known=lacks.facts(sessions), leaders=_leaders(keys, has, lacks))
        for has, lacks, later in ((before, after, False), (after, before, True))
    )
    return [_finding(key, lost, gained) for key in keys]


def _leaders(keys: Sequence[Key], has: Outcome, lacks: Outcome) -> dict[Thread, datetime]:
    """When each session first looked at each customer with a record that the lacking side does not have."""
    first: dict[Thread, datetime] = {}
    for key in keys:
        for unit in has.units.get(key, {}).keys() - lacks.units.get(key, {}).keys():
            thread = thread_of(unit)
            first[thread] = min(unit.look.at, first.get(thread, unit.look.at))
    return first


def _differs(key: Key, before: Outcome, after: Outcome) -> bool:
    return before.findings.get(key) != after.findings.get(key) or _numbers(before, key) != _numbers(after, key)


def _numbers(outcome: Outcome, key: Key) -> dict[Unit, int]:
    return {unit: fact.records for unit, fact in outcome.units.get(key, {}).items()}


def _finding(key: Key, lost: Sides, gained: Sides) -> FindingChange:
    before, after = lost.has, gained.has
    records = list(_records(key, lost, gained))
    one, other = before.findings.get(key), after.findings.get(key)
    change: Change = "gained" if one is None else "lost" if other is None else "changed"
    return FindingChange(
        change=change,
        key=key,
        before=one,
        after=other,
        reason=_foremost([record.reason for record in records]) if records else _annotation(one, other),
        records=records,
    )


def _foremost(reasons: Sequence[Reason]) -> Reason:
    return min(reasons, key=lambda one: _ORDER[one.kind])


def _annotation(before: Finding | None, after: Finding | None) -> Reason:
    one, other = (finding.path if finding else "" for finding in (before, after))
    return Reason(Kind.ANNOTATION, f"添えた画面の記録が変わった（{one} → {other}）。")


def _records(key: Key, lost: Sides, gained: Sides) -> Iterator[RecordChange]:
    """Each record once, its verdicts together where the reason is the same."""
    together: dict[tuple[Change, Unit, Reason], list[Which]] = {}
    for change, unit, why in _units(key, lost, gained):
        together.setdefault((change, unit._replace(which="then"), why), []).append(unit.which)
    ordered = sorted(together.items(), key=lambda item: (item[0][1].look, item[0][1].came_from or "", item[0][0]))
    for (change, unit, why), verdicts in ordered:
        yield RecordChange(
            change=change, unit=unit, verdicts=tuple(which for which in BOTH if which in verdicts), reason=why
        )


def _units(key: Key, lost: Sides, gained: Sides) -> Iterator[tuple[Change, Unit, Reason]]:
    before, after = (sides.has.units.get(key, {}) for sides in (lost, gained))
    for unit, fact in before.items():
        other = after.get(unit)
        if other is None:
            yield "lost", unit, reason(unit, fact, lost)
        elif other.records != fact.records:
            files = log_changed(unit, lost.has, gained.has)
            yield "changed", unit, number_changed(fact.records, other.records, files)
    for unit, fact in after.items():
        if unit not in before:
            yield "gained", unit, reason(unit, fact, gained)


def reasons(difference: Difference) -> dict[str, int]:
    """How many findings each kind of reason explains, in order of importance."""
    counted = Counter(finding.reason.kind for finding in difference.findings)
    return {str(kind): counted[kind] for kind in Kind if counted[kind]}
