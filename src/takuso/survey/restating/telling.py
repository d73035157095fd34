"""A difference as a JSON document and as lines for people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from unicodedata import category

from takuso.kernel.periods import JST
from takuso.survey.definition import Step
from takuso.survey.figures import Finding
from takuso.survey.restating.compare import Difference, FindingChange, RecordChange, StepPair, reasons
from takuso.survey.restating.inputs import InputFile
from takuso.survey.restating.outcome import BOTH, Outcome
from takuso.survey.restating.reasons import WORDS, Kind
from takuso.survey.sentences import sentence

CHANGES: Final = {"gained": "加わった", "lost": "なくなった", "changed": "変わった"}
_WORDS: Final = {"rows_in": "入った記録", "rows_out": "残った記録", "viewers": "閲覧者", "contracts": "契約"}
_FIGURES: Final = tuple(_WORDS)
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def document(difference: Difference) -> dict[str, Any]:
    """The document of `takuso survey diff --json`. Instants are UTC, ISO 8601."""
    before, after = difference.before, difference.after
    return {
        "survey": before.summary["survey"],
        "same": difference.same,
        "a": _side(before),
        "b": _side(after),
        "definition": definition(difference),
        "source": {
            "files": [_file(name, before, after) for name in difference.files],
            "rejects": [before.inputs.meta.rejects, after.inputs.meta.rejects],
        },
        "steps": [{"a": _step(pair.before), "b": _step(pair.after)} for pair in difference.steps],
        "viewers": _heads(difference, 0),
        "contracts": _heads(difference, 1),
        "reasons": reasons(difference),
        "findings": [_finding(finding) for finding in difference.findings],
    }


def definition(difference: Difference) -> list[str]:
    """What was asked otherwise, a sentence each."""
    before, after = difference.before.inputs, difference.after.inputs
    told = []
    if before.title != after.title:
        told.append(f"題が変わった（{before.title} → {after.title}）。")
    if before.period != after.period:
        periods = (f"{one.period.start} から {one.period.last_day} まで" for one in (before, after))
        told.append(f"期間が変わった（{' → '.join(periods)}）。")
    told += [text for pair in difference.steps if (text := _step_change(pair, difference))]
    if not told and before.sha256 != after.sha256:
        told.append("調査ファイルの書き方だけが変わった（問いは同じ）。")
    for name, words in (("network", "送配電会社"), ("affiliate", "小売の関係会社")):
        codes = [getattr(one.meta, name) for one in (before, after)]
        if codes[0] != codes[1]:
            told.append(f"meta.json の{words}が変わった（{codes[0]} → {codes[1]}）。")
    return told


def _step_change(pair: StepPair, difference: Difference) -> str:
    if pair.before is None and pair.after is not None:
        place, said = _told(pair.after, difference.after)
        return f"{place} が加わった: {said}"
    if pair.after is None and pair.before is not None:
        place, said = _told(pair.before, difference.before)
        return f"{place} がなくなった: {said}"
    if pair.before is None or pair.after is None:
        return ""
    (one, said), (other, later) = _told(pair.before, difference.before), _told(pair.after, difference.after)
    if pair.before[0] == pair.after[0]:
        moved = pair.before[1]["no"] != pair.after[1]["no"]
        return f"{one} が {pair.after[1]['no']} 段目に移った。" if moved else ""
    return f"{one} が変わった: {said} → {other}: {later}"


def _told(step: tuple[Step, Mapping[str, Any]], outcome: Outcome) -> tuple[str, str]:
    asked, figures = step
    return f"{figures['no']} 段目「{asked.name}」", sentence(asked, outcome.inputs.meta)


def shown(text: str) -> str:
    """The text with each character that steers a terminal or turns the writing as its code, `[U+001B]`."""
    return "".join(f"[U+{ord(one):04X}]" if category(one) in _STEERING else one for one in text)


def lines(difference: Difference, most: int | None = None) -> Iterator[str]:
    """The difference in plain lines, records included; at most so many findings, all of them for None.

    Texts come from foreign logs: what they hold never steers the terminal.
    """
    return map(shown, _lines(difference, most))


def _lines(difference: Difference, most: int | None) -> Iterator[str]:
    before, after = difference.before, difference.after
    yield f"調査 {before.summary['survey']}"
    for word, side in (("前", before), ("後", after)):
        yield f"  {word}: {side.folder}（文書番号 {side.inputs.number}）"
    if difference.same:
        yield "違いはありません: 問い、記録（source）、数、一覧のすべてが同じです。"
        return
    yield from _part("問い", definition(difference))
    yield from _part("記録（source）", files(difference))
    yield from _part("数", figures_changed(difference))
    counted = [f"{WORDS[Kind(kind)]}: {number:,} 件" for kind, number in reasons(difference).items()]
    yield from _part("一覧の違い（閲覧者と契約の組）と、その理由", counted)
    for finding in difference.findings[:most]:
        yield from finding_lines(finding)
    left = len(difference.findings) - len(difference.findings[:most])
    if left:
        yield f"ほか {left:,} 件。すべては --out か --json で。"


def finding_lines(finding: FindingChange) -> Iterator[str]:
    """A finding with its reason, then its records."""
    viewer, contract = (part or "（なし）" for part in finding.key)
    yield f"{CHANGES[finding.change]}: {viewer} {contract}: {finding.reason.sentence}"
    for record in finding.records:
        yield f"  {record_line(record)}"


def record_line(record: RecordChange) -> str:
    """One record with its reason."""
    look = record.unit.look
    verdicts = "・".join({"then": "当時", "now": "いま"}[which] for which in record.verdicts)
    at = look.at.astimezone(JST)
    return (
        f"{CHANGES[record.change]}（{verdicts}）: {at:%Y-%m-%d %H:%M:%S} {look.user_id} {look.customer} "
        f"{record.unit.came_from or '?'}>{look.screen}: {record.reason.sentence}"
    )


def files(difference: Difference) -> list[str]:
    """Source files that differ, a sentence each."""
    told = []
    for name in difference.files:
        one, other = (side.inputs.files.get(name) for side in (difference.before, difference.after))
        if one is not None and other is not None:
            told.append(f"{name} が変わった（{_rows(one)} → {_rows(other)}）。")
        elif one is not None:
            told.append(f"{name} がなくなった（{_rows(one)}）。")
        elif other is not None:
            told.append(f"{name} が加わった（{_rows(other)}）。")
    return told


def figures_changed(difference: Difference) -> list[str]:
    """Figures that differ, step by step and in all."""
    told = []
    for pair in difference.steps:
        if pair.before is None or pair.after is None:
            continue
        (step, one), (_, other) = pair.before, pair.after
        moved = [f"{_WORDS[name]} {one[name]:,} → {other[name]:,}" for name in _FIGURES if one[name] != other[name]]
        if moved:
            told.append(f"{one['no']} 段目「{step.name}」: {'、'.join(moved)}。")
    for word, place in (("閲覧者", 0), ("契約", 1)):
        for which in BOTH:
            gained, lost = difference.gone(place, which)
            if gained or lost:
                record = {"then": "当時の記録", "now": "いまの記録"}[which]
                told.append(f"{word}（{record}による）: 増 {len(gained):,}、減 {len(lost):,}。")
    return told


def _part(title: str, told: Sequence[str]) -> Iterator[str]:
    yield f"{title}:"
    yield from (f"  {text}" for text in told or ("変わらない。",))


def _rows(file: InputFile) -> str:
    return "行のない形" if file.rows is None else f"{file.rows:,} 行"


def _side(outcome: Outcome) -> dict[str, Any]:
    summary, inputs = outcome.summary, outcome.inputs
    return {
        "folder": str(outcome.folder),
        "document": inputs.number,
        "title": inputs.title,
        "period": summary["period"],
        "survey_sha256": inputs.sha256,
        "source_sha256": summary["source_sha256"],
        **{name: summary[name] for name in ("viewers", "contracts", "now", "rejects")},
    }


def _file(name: str, before: Outcome, after: Outcome) -> dict[str, Any]:
    one, other = (side.inputs.files.get(name) for side in (before, after))
    return {
        "file": name,
        "change": "gained" if one is None else "lost" if other is None else "changed",
        "rows": [one.rows if one else None, other.rows if other else None],
        "sha256": [one.sha256 if one else None, other.sha256 if other else None],
    }


def _step(step: tuple[Step, Mapping[str, Any]] | None) -> dict[str, Any] | None:
    return None if step is None else dict(step[1])


def _heads(difference: Difference, place: int) -> dict[str, Any]:
    heads: dict[str, Any] = {}
    for which in BOTH:
        gained, lost = difference.gone(place, which)
        heads[which] = {"gained": gained, "lost": lost}
    return heads


def _finding(change: FindingChange) -> dict[str, Any]:
    viewer, contract = change.key
    return {
        "change": change.change,
        "viewer": viewer,
        "contract": contract,
        "a": _told_finding(change.before),
        "b": _told_finding(change.after),
        "reason": str(change.reason.kind),
        "sentence": change.reason.sentence,
        "records": [_record(record) for record in change.records],
    }


def _told_finding(finding: Finding | None) -> dict[str, Any] | None:
    if finding is None:
        return None
    return {
        "first_at": _instant(finding.first_at),
        "last_at": _instant(finding.last_at),
        "views": finding.views,
        "path": finding.path,
        "verdict_then": finding.verdict_then,
        "verdict_now": finding.verdict_now,
    }


def _record(record: RecordChange) -> dict[str, Any]:
    look = record.unit.look
    return {
        "change": record.change,
        "verdicts": list(record.verdicts),
        "at": _instant(look.at),
        "user_id": look.user_id,
        "session_id": look.session_id,
        "came_from": record.unit.came_from,
        "screen": look.screen,
        "customer": look.customer,
        "reason": str(record.reason.kind),
        "sentence": record.reason.sentence,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
