"""AD30 規則の変更と承認: changes of the table and appointments that need a second person, proposed and decided.

An approved change of the table is a record with its proof, made over the table with all approvals before it. It comes
into force with the next deployment, from its day on; the page says of each how it stands.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.barrier.approvals import Misfit, table
from takuso.barrier.changes import Proved, RuleChange, UnsoundChange, applied, changed_rows, proved, turned
from takuso.barrier.gate import Declined, Sight
from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, DataClass, Duty, Relation, Rule, Verdict, View
from takuso.barrier.office_queries import PROPOSALS, RULES, ProposalLine, RuleLine
from takuso.barrier.words import RELATION_NAMES
from takuso.doors.web.administration.forms import DONE, change, day, drawn, framed, problem, show, typed
from takuso.doors.web.filters import slash
from takuso.doors.web.frame import Problem
from takuso.doors.web.keys import screen_url
from takuso.doors.web.language import _
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page
from takuso.doors.web.redirects import see_other

VIEW_NAMES: Final = {View.CURRENT: "現在", View.PAST: "過去契約"}
VERDICT_NAMES: Final = {Verdict.SHOW: "見せる", Verdict.DENY: "見せない"}
STATES: Final = {None: "承認待ち", "approved": "承認", "refused": "却下", "withdrawn": "取下げ"}
_FIELDS: Final = ("key", "duty", "relation", "view", "class", "verdict", "article", "note", "on", "reason")
_PROPOSE: Final = "SELECT wall.propose_rule(%(proof)s, %(day)s, %(receipt)s, %(content)s, %(reason)s)"
_DECIDE: Final = (
    "SELECT wall.decide_proposal(%(proof)s, %(day)s, %(receipt)s, %(id)s, %(verdict)s, %(comment)s, %(hash)s,"
    " %(place)s, %(base)s)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a change was proved to be: `place` and `base` say over which table (see approvals.Approval)."""

    result: Proved
    place: int
    base: int


def proposals(request: HttpRequest, page: Page) -> HttpResponse:
    """GET: every proposal, or `proposal` with its diff, effect and proof. POST: as `do` says."""
    match request.POST.get("do", "") if request.method == "POST" else "":
        case "add" | "end" as do:
            return _propose(request, page, do)
        case "approved" | "refused" | "withdrawn" as verdict:
            return _decide(request, page, verdict)
        case _:
            return _page(request, page)


def _page(request: HttpRequest, page: Page, problems: tuple[Problem, ...] = ()) -> HttpResponse:
    asked = (request.POST if request.method == "POST" else request.GET).get("proposal", "")

    def draw(sight: Sight) -> bytes:
        lines = sight.rows(PROPOSALS)
        rules = tuple(map(_rule, sight.rows(RULES)))
        chosen = next((line for line in lines if str(line.id) == asked), None)
        changed = chosen and chosen.kind == "rule" and chosen.loaded is None
        extra: dict[str, Any] = {
            "lines": lines,
            "rules": [rule for rule in rules if rule.until is None],
            "chosen": chosen,
            "preview": _preview(chosen, rules, lines) if chosen and changed else None,
            "standing": {line.id: _standing(line, sight.today) for line in lines},
            "may_propose": sight.viewer.duty is Duty.ADMIN,
            "may_approve": sight.viewer.duty is Duty.COMPLIANCE,
            "values": typed(request, _FIELDS),
            "comment": request.POST.get("comment", "")[:200],
            "names": _NAMES,
            "done": _(DONE[request.GET["done"]]) if request.GET.get("done") in DONE else "",
        }
        return drawn(request, "proposals.html", framed(sight, page, (), problems), extra)

    return show(
        request,
        page,
        action="rule.read",
        queries=(PROPOSALS, RULES),
        parameters={},
        draw=draw,
        failed=bool(problems),
    )


_NAMES: Final[dict[str, Any]] = {
    "duty": DUTY_NAMES,
    "relation": {one: RELATION_NAMES[one] for one in (Relation.ANY, Relation.OWN, Relation.PAST)},
    "view": VIEW_NAMES,
    "class": {one: CLASS_NAMES[one] for one in DataClass},
    "verdict": VERDICT_NAMES,
    "state": STATES,
    "every_relation": RELATION_NAMES,
}


def _rule(line: RuleLine) -> Rule:
    return Rule(
        duty=Duty(line.duty),
        relation=Relation(line.relation),
        view=View(line.view),
        data_class=DataClass(line.data_class),
        verdict=Verdict(line.verdict),
        article=line.article,
        note=line.note,
        since=line.since,
        until=line.until,
    )


def _standing(line: ProposalLine, today: date) -> str:
    """Of an approved change of the rules: since when it is in force, or what it waits for; of others nothing."""
    if line.kind != "rule" or line.verdict != "approved":
        return ""
    on = date.fromisoformat(line.content["on"])
    if line.place is None:
        return _("記録だけの承認で、効き目はありません。要るなら新しく申請してください。")
    if line.loaded is None or line.loaded_on is None:
        if on <= today:
            return _("適用日 {on} を過ぎても効いていません。takuso store migrate を待っています。").format(on=slash(on))
        return _("takuso store migrate を待っています。読み込めば {on} から効きます。").format(on=slash(on))
    if on > today:
        return _("読み込み済みです。{on} から効きます。").format(on=slash(on))
    return _("{since} から効いています。").format(since=slash(max(on, line.loaded_on)))


def _before(line: ProposalLine, rules: Sequence[Rule], lines: Sequence[ProposalLine]) -> tuple[Rule, ...]:
    """The table that the change is made to: as enforced, with what was approved earlier and waits. Raises Misfit."""
    waiting = [one for one in lines if one.place is not None and one.loaded is None]
    earlier = [one for one in waiting if line.place is None or (one.place or 0) < line.place]
    earlier.sort(key=lambda one: one.place or 0)
    return table(rules, [(one.id, RuleChange.from_content(one.content)) for one in earlier])


def _why(error: UnsoundChange) -> str:
    """Why the change cannot be made, in the reader's language."""
    if not isinstance(error, Misfit):
        return _(str(error))
    return _("承認した規則の変更(申請 {number})が表に合いません。").format(number=error.number) + _(error.why)


def _preview(line: ProposalLine, rules: Sequence[Rule], lines: Sequence[ProposalLine]) -> dict[str, Any]:
    """Diff, effect and proof of the change against the table as it will be before it."""
    try:
        asked = RuleChange.from_content(line.content)
        rules = _before(line, rules, lines)
        after = applied(rules, asked)
    except UnsoundChange as error:
        return {"unsound": _why(error)}
    cells = turned(rules, after, asked.on)
    return {
        "unsound": "",
        "on": asked.on,
        "rows": list(changed_rows(rules, after)),
        "cells": cells,
        "opened": sum(cell.shows for cell in cells),
        "closed": sum(not cell.shows for cell in cells),
        "proved": proved(after, asked.on),
    }


def _propose(request: HttpRequest, page: Page, do: str) -> HttpResponse:
    values = typed(request, _FIELDS)
    try:
        on = day(values["on"])
        if on is None:
            raise Declined("on", {})
        asked = _change(do, values, on)
        done = change(
            request,
            page,
            action="rule.propose",
            statement=_PROPOSE,
            parameters={"content": json.dumps(asked.content(), ensure_ascii=False), "reason": values["reason"]},
        )
    except UnsoundChange as error:
        return _page(request, page, (Problem(field=error.field, text=_(str(error))),))
    except Declined as error:
        return _page(request, page, (problem(error),))
    except ValueError:
        return _page(request, page, (problem(Declined("on", {})),))
    return see_other(f"{screen_url(page.screen.code)}?{urlencode({'done': done})}")


def _change(do: str, values: dict[str, str], on: date) -> RuleChange:
    """The typed change. A row that ends is named by its key alone; whether it stands is the wall's to say."""
    if do == "end":
        names = ("duty", "relation", "view", "class", "verdict", "since")
        parts = dict(zip(names, values["key"].split("/"), strict=False))
        try:
            return RuleChange.from_content({**parts, "do": "end", "on": on.isoformat(), "article": "", "note": ""})
        except UnsoundChange:
            raise Declined("no-row", {}) from None
    for name, known, why in (("duty", Duty, "duty"), ("class", DataClass, "class")):
        if values[name] not in {str(one.value) for one in known}:
            raise Declined(why, {})
    if not values["article"].startswith("電気事業法"):
        raise Declined("article", {})
    return RuleChange.from_content({**values, "do": "add", "on": on.isoformat()})


def _read(
    request: HttpRequest, page: Page, number: str
) -> tuple[Sequence[RuleLine], Sequence[ProposalLine], ProposalLine | None]:
    """The table as it is enforced, every proposal and one of them, for the proof; under a ticket of its own."""
    rules: list[RuleLine] = []
    lines: list[ProposalLine] = []

    def draw(sight: Sight) -> bytes:
        rules.extend(sight.rows(RULES))
        lines.extend(sight.rows(PROPOSALS))
        return b""

    office(request).gate.read_office(
        visit(request, page.screen.code), action="rule.read", queries=(PROPOSALS, RULES), parameters={}, render=draw
    )
    return rules, lines, next((line for line in lines if str(line.id) == number), None)


def _decide(request: HttpRequest, page: Page, verdict: str) -> HttpResponse:
    """The proof of the changed table is run here, in the moment of the approval, and its hash goes into the record. A
    change without one is declined by the wall, after it has asked who decides."""
    number = request.POST.get("proposal", "")
    result, unsound = None, ""
    try:
        if not number.isdigit() or len(number) > 18:
            raise Declined("decided", {})
        try:
            result = _proof(request, page, number) if verdict == "approved" else None
        except UnsoundChange as error:
            unsound = _why(error)
        parameters = {
            "id": int(number),
            "verdict": verdict,
            "comment": request.POST.get("comment", "").strip(),
            "hash": result.result.digest if result and not result.result.faults else None,
            "place": result.place if result else None,
            "base": result.base if result else None,
        }
        action = "rule.propose" if verdict == "withdrawn" else "rule.approve"
        done = change(request, page, action=action, statement=_DECIDE, parameters=parameters)
    except Declined as error:
        if unsound and error.why == "unproved":
            return _page(request, page, (Problem(field="proposals-title", text=unsound),))
        return _page(request, page, (problem(error),))
    return see_other(f"{screen_url(page.screen.code)}?{urlencode({'proposal': number, 'done': done})}")


def _proof(request: HttpRequest, page: Page, number: str) -> Proof | None:
    rows, lines, line = _read(request, page, number)
    if line is None or line.kind != "rule":
        return None
    asked = RuleChange.from_content(line.content)
    result = proved(applied(_before(line, tuple(map(_rule, rows)), lines), asked), asked.on)
    place = max((one.place or 0 for one in lines), default=0) + 1
    return Proof(result=result, place=place, base=max((row.version for row in rows), default=0))
