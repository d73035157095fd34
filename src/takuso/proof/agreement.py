"""Check `agreement`: the rule as a pure function, and the database, give the same answer to every question.

Two screens that may ask for every class, one for each view, exist in the twin alone. Every person opens every kind
of customer on both; what the database wrote into the log must be what decide() says, class by class, with the same
relation and the same periods.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg

from takuso.barrier.decide import Decision, decide
from takuso.barrier.gate import Gate, Visit
from takuso.barrier.matrix import PERIOD_CLASSES, DataClass, View
from takuso.barrier.signin import Proof, SignIns
from takuso.kernel.periods import DatePeriod
from takuso.proof.agreement_cases import case_faults
from takuso.proof.canary import ABSENT, Customer
from takuso.proof.desk import Site
from takuso.proof.judge import Wrong
from takuso.proof.people import REFERENCES, WALKERS, Walker
from takuso.proof.walk import kinds_of

SCREENS: Final = {View.CURRENT: "ZZ90", View.PAST: "ZZ91"}
_EVERY: Final = sorted(c.value for c in DataClass)
_SUBJECTS: Final = """
SELECT s.point, s.relation, s.granted, s.period::text,
       (SELECT array_agg(ROW (lower(r), upper(r)) ORDER BY lower(r) NULLS FIRST) FROM unnest(s.period) r)::text
  FROM log.subject s WHERE s.receipt = %s ORDER BY s.no"""


def agreement_faults(site: Site, walkers: Sequence[Walker] = WALKERS, *, stop: bool = False) -> tuple[list[Wrong], int]:
    """(where, what) of every question the two answer differently, and how many were asked.

    `stop` ends it after the first customer and view about whom they differ.
    """
    gate, signins = Gate(site.pools), SignIns(site.pools)
    with psycopg.connect(site.twin.admin_url, autocommit=True) as behind:
        for view, code in SCREENS.items():
            behind.execute(
                "INSERT INTO wall.screen (code, version, name, view, kind, classes)"
                " VALUES (%s, 1, %s, %s, 'customer', %s) ON CONFLICT DO NOTHING",
                [code, "検証", view.value, _EVERY],
            )
        proofs = [(walker, signins.by_demo(walker.code)) for walker in walkers]
        wrong, asked = case_faults(site, behind, gate, proofs)
        for walker, proof in proofs:
            for kind, code in kinds_of().items():
                for view in View:
                    subjects = _opened(gate, behind, proof, walker, view, code)
                    wrong += _compare(site, walker, kind, view, subjects)
                    asked += len(DataClass) * max(1, len(subjects))
                    if stop and wrong:
                        return wrong, asked
    return wrong, asked


def _opened(
    gate: Gate, behind: psycopg.Connection[Any], proof: Proof, walker: Walker, view: View, code: str
) -> list[tuple[Any, ...]]:
    if walker.purpose is not None:
        visit = Visit(proof=proof, screen=SCREENS[view])
        gate.state_purpose(visit, code=walker.purpose, reference=REFERENCES[walker.purpose], scope=code)
    seen = gate.look(Visit(proof=proof, screen=SCREENS[view]), asked=(code,), render=lambda _: b"")
    return behind.execute(_SUBJECTS, [seen.receipt]).fetchall()


def _compare(site: Site, walker: Walker, kind: str, view: View, subjects: list[tuple[Any, ...]]) -> Iterator[Wrong]:
    where = f"{walker.code} × {kind} × {view}"
    customer = site.canaries.customers.get(kind)
    if customer is None or kind == ABSENT:
        if [(row[0], row[1], row[2]) for row in subjects] != [(None, "absent", [])]:
            yield where, "ないお客さまに閲覧票が何かを許しました"
        return
    if [row[0] for row in subjects] != list(customer.points):
        yield where, "閲覧票の供給地点が、お客さまのものと違います"
        return
    for row in subjects:
        yield from _point(where, site, walker, customer, view, row)


def _point(
    where: str, site: Site, walker: Walker, customer: Customer, view: View, row: tuple[Any, ...]
) -> Iterator[Wrong]:
    point, relation, granted, period, _ = row
    history = customer.histories[customer.points.index(point)]
    today, rules = site.canaries.today, site.canaries.rules
    wanted = {c: decide(walker.asker, history, view, c, today, rules) for c in DataClass}
    for letter, decision in wanted.items():
        if decision.show != (letter.value in granted):
            yield f"{where} × {letter}", f"規則は{_word(decision.show)}、データベースは{_word(not decision.show)}"
        if decision.relation.value != relation:
            yield f"{where} × {letter}", f"規則の関係は {decision.relation}、データベースの関係は {relation}"
    shown = [decision for c, decision in wanted.items() if c in PERIOD_CLASSES and decision.show]
    if shown and _ranges(shown[0]) != period:
        yield where, f"見せる期間が違います: 規則 {_ranges(shown[0])}、データベース {period}"
    if not shown and period is not None and set(granted) & {c.value for c in PERIOD_CLASSES}:
        yield where, "規則にない期間をデータベースが見せます"


def _word(show: bool) -> str:
    return "見せる" if show else "見せない"


def _ranges(decision: Decision) -> str:
    """As PostgreSQL writes a datemultirange: joined where they touch."""
    if decision.periods is None:
        return "{(,)}"
    joined: list[DatePeriod] = []
    for period in sorted(decision.periods, key=lambda p: str(p.start or "")):
        if joined and joined[-1].end is not None and joined[-1].end == period.start:
            joined[-1] = DatePeriod(start=joined[-1].start, end=period.end)
        else:
            joined.append(period)
    return "{" + ",".join(f"{'[' if p.start else '('}{p.start or ''},{p.end or ''})" for p in joined) + "}"
