"""遷移の図: from which screen the found records were reached, with counts. The table beside it has the same numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from takuso.survey.figures import Finding
from takuso.survey.source import Meta

UNKNOWN: Final = "分からない"
CAPTION: Final = (
    "左の画面から右の画面を開いた閲覧（当時の記録による）。線の太さは記録の数（対数）。"
    "破線は添えた画面で、数は閲覧者と契約の組。どちらも多いものから 12 まで描き、残りは「ほか」の行にまとめる。"
    "遷移の数は、すべて次の表にある。"
)
MOST: Final = 12
"""So many transitions, and so many noted screens, are drawn; the rest of each is one line."""
_WIDTH: Final = 960
_BOX: Final = 300
_HEIGHT: Final = 44
_ROW: Final = 76
_TOP: Final = 16
_LINE: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """Found records, as known then, that were reached in one way. `origin` is empty if nothing tells."""

    origin: str
    screen: str
    records: int
    viewers: int
    contracts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A screen that was noted beside findings: in how many pairs of viewer and contract."""

    screen: str
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Every transition, the one with most records first, and every noted screen, the one of most pairs first."""

    transitions: Sequence[Transition]
    noted: Sequence[Noted]


def ways(evidence: pa.Table, findings: Iterable[Finding]) -> Ways:
    """Count the found records of evidence.parquet by their transition."""
    found = evidence.filter(evidence["then_in"])
    keys = found.select(["came_from", "screen", "records", "person"]).append_column("contract", _contracts(found))
    counted = keys.group_by(["came_from", "screen"]).aggregate(
        [("records", "sum"), ("person", "count_distinct"), ("contract", "count_distinct")]
    )
    transitions = [
        Transition(
            origin=row["came_from"] or "",
            screen=row["screen"],
            records=row["records_sum"],
            viewers=row["person_count_distinct"],
            contracts=row["contract_count_distinct"],
        )
        for row in counted.to_pylist()
    ]
    notes = Counter(screen for finding in findings if finding.verdict_then for screen in finding.noted)
    return Ways(
        transitions=sorted(transitions, key=lambda one: (-one.records, one.origin, one.screen)),
        noted=[Noted(screen=screen, pairs=pairs) for screen, pairs in sorted(notes.items(), key=_most)],
    )


def _most(note: tuple[str, int]) -> tuple[int, str]:
    screen, pairs = note
    return -pairs, screen


def _contracts(found: pa.Table) -> pa.ChunkedArray:
    """Supply periods; null where there is no holder, which counts as no contract."""
    days = pc.cast(found["then_from"], pa.string())
    return pc.binary_join_element_wise(found["customer"], found["then_retailer"], days, "|")


def picture(found: Ways, meta: Meta, title: str) -> str:
    """An SVG: a row for each transition, the arrow the thicker the more records (logarithmic)."""
    shown, noted = found.transitions[:MOST], found.noted[:MOST]
    rest = _rest(found)
    rows = max(1, len(shown) + len(noted))
    height = _TOP + _ROW * rows + _LINE * len(rest)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="ways-title ways-text"',
        'class="funnel">',
        f'<title id="ways-title">{escape(title)}</title>',
        f'<desc id="ways-text">{escape(words(found, meta))}</desc>',
    ]
    if not shown:
        parts.append(f'<text x="0" y="{_TOP + 24}">条件に当たる閲覧はなかった。</text>')
    for number, one in enumerate(shown):
        parts += _row(number, _name(one.origin, meta), _name(one.screen, meta), _counts(one), thickness=_thick(one))
    for number, note in enumerate(noted, start=len(shown)):
        counted = f"同じセッション・同じお客さま　{note.pairs:,} 組"
        parts += _row(number, "当たった閲覧", _name(note.screen, meta), counted, thickness=0)
    for number, line in enumerate(rest):
        parts.append(f'<text x="1" y="{_TOP + _ROW * rows + _LINE * number}">{escape(line)}</text>')
    return "\n".join([*parts, "</svg>"])


def words(found: Ways, meta: Meta) -> str:
    """The picture for whoever cannot see it."""
    shown, noted = found.transitions[:MOST], found.noted[:MOST]
    told = [f"{_name(one.origin, meta)} から {_name(one.screen, meta)} {_counts(one)}" for one in shown]
    told += [f"添えた画面 {_name(one.screen, meta)} {one.pairs:,} 組" for one in noted]
    return "、".join([*told, *_rest(found)]) or "条件に当たる閲覧はなかった。"


def _rest(found: Ways) -> list[str]:
    """What is not drawn, a line for each kind."""
    lines = []
    left = found.transitions[MOST:]
    if left:
        lines.append(f"ほか {len(left):,} 通り（{sum(one.records for one in left):,} 記録）")
    if len(found.noted) > MOST:
        lines.append(f"添えた画面 ほか {len(found.noted) - MOST:,} 画面")
    return lines


def _counts(one: Transition) -> str:
    return f"{one.records:,} 記録・{one.viewers:,} 人・{one.contracts:,} 契約"


def _thick(one: Transition) -> int:
    return 2 + round(2 * log10(one.records))


def _row(number: int, origin: str, screen: str, counted: str, *, thickness: int) -> list[str]:
    """Two boxes and an arrow; without thickness the arrow is dashed."""
    y = _TOP + _ROW * number
    middle, right = y + _HEIGHT // 2, _WIDTH - _BOX
    look = f'class="way" stroke-width="{thickness}"' if thickness else 'class="noted"'
    return [
        f'<rect x="1" y="{y}" width="{_BOX - 2}" height="{_HEIGHT}" class="box"/>',
        f'<text x="{_BOX // 2}" y="{middle + 5}" class="middle">{escape(_short(origin))}</text>',
        f'<line x1="{_BOX}" y1="{middle}" x2="{right - 14}" y2="{middle}" {look}/>',
        f'<polygon points="{right - 16},{middle - 9} {right},{middle} {right - 16},{middle + 9}" class="tip"/>',
        f'<text x="{_WIDTH // 2}" y="{middle - 13}" class="middle small">{escape(counted)}</text>',
        f'<rect x="{right + 1}" y="{y}" width="{_BOX - 2}" height="{_HEIGHT}" class="box"/>',
        f'<text x="{right + _BOX // 2}" y="{middle + 5}" class="middle">{escape(_short(screen))}</text>',
    ]


def _name(screen: str, meta: Meta) -> str:
    return meta.screen(screen) if screen else UNKNOWN


def _short(text: str) -> str:
    longest = 20
    return text if len(text) <= longest else text[: longest - 1] + "…"
