"""Check `completeness`: what was rendered is what was logged, both ways, for every page of the walk.

Of every page that carries a receipt, the log must have the outcome with the SHA-256 of exactly these bytes, and of
every outcome in the log the walk must have got the bytes. What the bytes show of whom must stand in the outcome, and
what stands there must be in the bytes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from takuso.barrier.matrix import DataClass
from takuso.barrier.screen import ScreenKind
from takuso.proof.desk import Seen
from takuso.proof.judge import Wrong
from takuso.proof.walk import Walk
from takuso.proof.ways import door_of

# A page that shows of a class only what is no marker: an equipment's voltage and state, a place's customer code.
COARSE: Final = {
    "KF00": frozenset({DataClass.PLACE}),
    "KF10": frozenset({DataClass.EQUIPMENT}),
    "CI10": frozenset({DataClass.EQUIPMENT}),
    "KS10": frozenset({DataClass.EQUIPMENT}),
}
# Addresses whose pages are rendered as those of a screen.
UNDER: Final = {"/surveys/send": "AL20", "/surveys/summary": "AL20"}
# Statuses of pages that the gate released: what was typed wrongly, and what is not there, is told on a page too.
_RENDERED: Final = frozenset({200, 400, 404})
_LOGGED: Final = """
SELECT t.receipt, p.code, t.screen, t.decision, t.kind, o.digest, o.classes, o.points, o.rows,
       ARRAY(SELECT s.point FROM log.subject s
              WHERE s.day = t.day AND s.receipt = t.receipt AND s.granted <> '{}' ORDER BY 1),
       ARRAY(SELECT DISTINCT c FROM log.subject s, unnest(s.granted) c WHERE s.day = t.day AND s.receipt = t.receipt)
  FROM log.ticket t
  JOIN wall.person p ON p.id = t.person
  LEFT JOIN log.outcome o ON o.day = t.day AND o.receipt = t.receipt"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One ticket of the twin's log, with its outcome if it has one."""

    receipt: str
    person: str
    screen: str
    decision: str
    kind: str
    digest: bytes | None
    classes: frozenset[DataClass]
    points: frozenset[int]
    rows: int | None
    granted_points: frozenset[int]
    granted_classes: frozenset[DataClass]


def logged(admin_url: str) -> dict[str, Logged]:
    """The whole log of a twin by receipt, as a superuser."""
    with psycopg.connect(admin_url) as connection:
        rows = connection.execute(_LOGGED).fetchall()
    return {row[0]: _record(row) for row in rows}


def _record(row: tuple[Any, ...]) -> Logged:
    receipt, person, screen, decision, kind, digest, classes, points, count, granted_points, granted = row
    return Logged(
        receipt=receipt,
        person=person,
        screen=screen,
        decision=decision,
        kind=kind,
        digest=bytes(digest) if digest is not None else None,
        classes=frozenset(map(DataClass, classes or ())),
        points=frozenset(points or ()),
        rows=count,
        granted_points=frozenset(granted_points),
        granted_classes=frozenset(map(DataClass, granted)),
    )


def completeness_faults(done: Walk) -> tuple[list[Wrong], int]:
    """(where, what) of every page without its record, record without its page, and of every difference."""
    records = logged(done.site.twin.admin_url)
    pages = {one.receipt: one for one in done.seen if one.receipt and one.answer.status in _RENDERED}
    wrong: list[Wrong] = []
    for receipt, page in pages.items():
        wrong += _page(page, records.get(receipt or ""), done)
    wrong += _unseen(records, pages)
    for one in done.seen:
        if one.receipt is None and _carries_facts(one, done):
            wrong.append((one.where, "受付番号のないページにお客さま情報があります"))
    return wrong, len(pages) + len(records)


def _carries_facts(one: Seen, done: Walk) -> bool:
    return one.answer.status == 200 and bool(done.shown(one))


def _page(page: Seen, record: Logged | None, done: Walk) -> Iterator[Wrong]:
    if record is None:
        yield page.where, "閲覧記録がありません"
        return
    if record.person != page.person:
        yield page.where, f"記録は {record.person} のものです"
    door = door_of(page.step.address)
    if record.screen != (UNDER | dict(done.site.program.machine)).get(door, door):
        yield page.where, f"記録の画面は {record.screen} です"
    if record.digest is None:
        yield page.where, "結果が記録されていません"
    elif record.digest != page.digest:
        yield page.where, "記録された指紋が、送られたバイト列のものではありません"
    else:
        yield from _contents(page, record, done)


def _contents(page: Seen, record: Logged, done: Walk) -> Iterator[Wrong]:
    seen_points = {mark.point for _, mark in done.shown(page)}
    seen_classes = _classes(page, done)
    for letter in sorted(seen_classes - record.classes):
        yield page.where, f"区分 {letter} を表示しましたが、記録にありません"
    # What the walker typed may come back, and is not counted as shown.
    told = {mark.letter for text, whose in done.site.canaries.marks.items() if text in page.told for mark in whose}
    for letter in sorted(record.classes - seen_classes - told - COARSE.get(record.screen, frozenset())):
        yield page.where, f"区分 {letter} の記録がありますが、ページにありません"
    if seen_points - record.points:
        yield page.where, "表示した供給地点が記録にありません"
    if record.points - seen_points - _by_code(page, done):
        yield page.where, "記録にある供給地点がページにありません"
    if not record.points <= record.granted_points or not record.classes <= record.granted_classes:
        yield page.where, "閲覧票が許していない供給地点か区分を記録しています"


def _classes(page: Seen, done: Walk) -> set[DataClass]:
    """Classes of what stands on the page. On a screen of applications the number of a point is the application's."""
    shown = done.shown(page)
    door, machine = door_of(page.step.address), done.site.program.machine
    shape = done.site.program.pages.get(machine.get(door, door))
    if shape is None or shape.screen.kind is not ScreenKind.CASES:
        return {mark.letter for _, mark in shown}
    numbers = {number for customer in done.site.canaries.customers.values() for number in customer.numbers}
    return {DataClass.PENDING if text in numbers else mark.letter for text, mark in shown}


def _by_code(page: Seen, done: Walk) -> set[int]:
    """Points of the customers that a list names by their code alone."""
    door = door_of(page.step.address)
    if done.site.program.machine.get(door, door) not in ("KF00", "KS10"):
        return set()
    text, customers = page.answer.text, done.site.canaries.customers.values()
    listed = [one for one in customers if f">{one.code}<" in text or f'"{one.code}"' in text]
    return {point for customer in listed for point in customer.points}


def _unseen(records: Mapping[str, Logged], pages: Mapping[str, Seen]) -> Iterator[Wrong]:
    for receipt, record in records.items():
        where = f"{record.person} × {record.screen} × {record.decision}"
        page = pages.get(receipt)
        # What was filed has an outcome of its own, and no page.
        filed = record.kind == "filing" and not record.classes and record.rows == 1
        if record.digest is not None and page is None and not filed:
            yield where, "結果の記録がありますが、そのページはだれにも送られていません"
        if record.digest is None and record.decision in ("shown", "hidden") and record.kind in ("look", "search"):
            yield where, "閲覧票に結果がありません（表示したものと数えます）"
        if record.digest is not None and record.decision not in ("shown", "hidden"):
            yield where, "断った閲覧に結果があります"
