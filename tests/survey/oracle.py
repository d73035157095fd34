"""The survey's semantics once more, slowly, in plain Python over lists. It shares no code with the product."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tests.survey.lay import JAPAN, Place, Post, Record, Supply


class Outcome(NamedTuple):
    """Per step (rows in, rows out, viewers, contracts); then and now (viewers, contracts); findings."""

    steps: list[tuple[int, int, int, int]]
    then: tuple[int, int]
    now: tuple[int, int]
    findings: dict[tuple[str, str], tuple[datetime, datetime, int, str, bool, bool]]


def survey(place: Place, steps: Sequence[Mapping[str, Any]], first: date, end: date) -> Outcome:
    """All figures of a survey over a source."""
    return _Oracle(place, steps, first, end).outcome()


class _Oracle:
    def __init__(self, place: Place, steps: Sequence[Mapping[str, Any]], first: date, end: date) -> None:
        self.place, self.steps = place, steps
        self.period = [n for n, record in enumerate(place.records) if first <= _day(record) < end]

    def outcome(self) -> Outcome:
        then, figures = self.narrow("then")
        now, _ = self.narrow("now")
        return Outcome(figures, self.heads(then, "then"), self.heads(now, "now"), self.findings(then, now))

    def narrow(self, which: str) -> tuple[set[int], list[tuple[int, int, int, int]]]:
        left, figures = set(self.period), []
        for number, step in enumerate(self.steps):
            before = len(left)
            if step["kind"] == "include":
                left = left | self.included(left, number, which)
            else:
                left = {n for n in left if self.meets(step, n, which)}
            figures.append((before, len(left), *self.heads(left, which)))
        return left, figures

    def included(self, left: set[int], number: int, which: str) -> set[int]:
        taken = set()
        for n in self.period:
            if n in left or not self.chosen(self.steps[number], n):
                continue
            here = self.place.records[n]
            if not any(
                (k.session_id, k.customer) == (here.session_id, here.customer) and k.at < here.at
                for k in (self.place.records[m] for m in left)
            ):
                continue
            tests = [s for s in self.steps[:number] if s["kind"] in ("viewer_affiliation", "customer_held_by_other")]
            if all(self.meets(test, n, which) for test in tests):
                taken.add(n)
        return taken

    def meets(self, step: Mapping[str, Any], n: int, which: str) -> bool:
        record = self.place.records[n]
        match step["kind"]:
            case "screens":
                return record.screen in step["screens"]
            case "reached_from":
                wanted = "screens" not in step or record.screen in step["screens"]
                return wanted and self.before(n) in step["from"]
            case "viewer_affiliation":
                return any(self.belongs(step, post) for post in self.posts(record))
            case "customer_held_by_other":
                held = self.holder(n, which)
                return held is not None and held.retailer != self.code(step["organisation"])
            case "exclude":
                return not self.chosen(step, n)
        return True

    def chosen(self, step: Mapping[str, Any], n: int) -> bool:
        screen = self.place.records[n].screen
        return screen in step["screens"] if "screens" in step else screen not in step["except"]

    def belongs(self, step: Mapping[str, Any], post: Post) -> bool:
        code = self.code(step["organisation"])
        if post.contractor_of is None:
            return post.org == code
        return bool(step.get("contractors", False)) and code in (post.org, post.contractor_of)

    def code(self, named: str) -> str:
        meta = self.place.meta or {"affiliate": "AOI", "network": "TD"}
        return str(meta[named]) if named in ("affiliate", "network") else named

    def posts(self, record: Record) -> list[Post]:
        day = _day(record)
        return [
            p
            for p in self.place.people
            if p.user_id == record.user_id
            and (p.since is None or p.since <= day)
            and (p.until is None or day < p.until)
        ]

    def person(self, n: int) -> str | None:
        persons = {post.person_id for post in self.posts(self.place.records[n])}
        assert len(persons) <= 1
        return next(iter(persons), None)

    def holder(self, n: int, which: str) -> Supply | None:
        record = self.place.records[n]
        found = []
        for s in self.place.supply:
            start = datetime(s.since.year, s.since.month, s.since.day, tzinfo=JAPAN)
            end = None if s.until is None else datetime(s.until.year, s.until.month, s.until.day, tzinfo=JAPAN)
            if s.customer != record.customer or record.at < start or (end is not None and record.at >= end):
                continue
            if which == "now":
                known = s.known_to is None
            else:
                known = (s.known_from is None or s.known_from <= record.at) and (
                    s.known_to is None or record.at < s.known_to
                )
            if known:
                found.append(s)
        assert len(found) <= 1
        return found[0] if found else None

    def before(self, n: int) -> str | None:
        record = self.place.records[n]
        if record.came_from is not None:
            return record.came_from
        session = [m for m, r in enumerate(self.place.records) if r.session_id == record.session_id]
        session.sort(key=lambda m: _order(self.place.records[m]))
        at = session.index(n)
        return None if at == 0 else self.place.records[session[at - 1]].screen

    def contract(self, n: int, which: str) -> str | None:
        held = self.holder(n, which)
        return None if held is None else f"{held.customer}|{held.retailer}|{held.since.isoformat()}"

    def heads(self, left: set[int], which: str) -> tuple[int, int]:
        persons = {self.person(n) for n in left} - {None}
        contracts = {self.contract(n, which) for n in left} - {None}
        return len(persons), len(contracts)

    def findings(
        self, then: set[int], now: set[int]
    ) -> dict[tuple[str, str], tuple[datetime, datetime, int, str, bool, bool]]:
        pairs: dict[tuple[str, str], dict[str, set[int]]] = {}
        for which, left in (("then", then), ("now", now)):
            for n in left:
                key = (self.person(n) or "", self.contract(n, which) or "")
                pairs.setdefault(key, {"then": set(), "now": set()})[which].add(n)
        found = {}
        for key, sets in pairs.items():
            views = sets["then"] | sets["now"]
            times = [self.place.records[n].at for n in views]
            found[key] = (min(times), max(times), len(views), self.path(views), bool(sets["then"]), bool(sets["now"]))
        return found

    def path(self, views: set[int]) -> str:
        parts = {f"{self.before(n) or '?'}>{self.place.records[n].screen}" for n in views}
        visits = {(self.place.records[n].session_id, self.place.records[n].customer) for n in views}
        notes: dict[str, int] = {}
        for n in self.period:
            record = self.place.records[n]
            noted = any(s["kind"] == "annotate" and self.chosen(s, n) for s in self.steps)
            if noted and (record.session_id, record.customer) in visits:
                notes[record.screen] = notes.get(record.screen, 0) + 1
        return "; ".join([*sorted(parts), *(f"+{screen}:{notes[screen]}" for screen in sorted(notes))])


def _day(record: Record) -> date:
    return (record.at + timedelta(hours=9)).date()


def _order(record: Record) -> tuple[Any, ...]:
    return (
        record.at,
        record.screen,
        record.customer,
        record.action,
        record.terminal,
        record.user_id,
        record.came_from is not None,
        record.came_from or "",
    )
