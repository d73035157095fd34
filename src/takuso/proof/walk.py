"""Check `walk`: every person × door × way × kind of customer over HTTP, and every byte that leaves scanned.

First every door is entered directly; the pages say what ways there are. Then every way is gone for every person and
kind: by the link or form that the page has, or, where the page has none, by an address made up after its pattern.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import psycopg

from takuso.barrier.screen import Screen, ScreenKind
from takuso.doors.register import DoorKind
from takuso.proof.attempts import attempts, door_attempts, list_attempts, sign_in_attempts
from takuso.proof.canary import ABSENT, KINDS, Mark, code_of, spin_of
from takuso.proof.desk import Desk, Seen, Site, Step
from takuso.proof.judge import (
    Wrong,
    answers,
    came_back,
    cookies,
    expects,
    guessed,
    headers,
    leaks,
    purposes,
    searched,
    shown,
)
from takuso.proof.machines import ask_by_machine, machine_faults
from takuso.proof.people import WALKERS, Walker
from takuso.proof.scan import Scanner
from takuso.proof.side_by_side import side_by_side, taken_apart
from takuso.proof.signs import EVERYBODY
from takuso.proof.walk_cases import NONE, ONE, application_faults, open_cases, unseen
from takuso.proof.ways import Way, all_ways, door_of, page_of, way_faults

_SEARCH: Final = "KS10"
_FALSE_ORIGINS: Final = frozenset({"*referer", "*foreign-ticket", "*invented-ticket"})
STRANGERS: Final = ("foreign", "own")
"""Kinds that attempts are made for where the kind makes no difference to the attempt."""
# Not ready, or no answer from the company's provider: both say so, and are no failure of the office.
_MAY_BE_AWAY: Final = frozenset({"/readyz", "/login/company", "/account/company/begin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Everything that was asked and answered, and the ways that the pages have. `whole`: it was not stopped."""

    site: Site
    walkers: tuple[Walker, ...]
    seen: tuple[Seen, ...]
    ways: frozenset[Way]
    whole: bool
    _scanner: Scanner = field(repr=False)
    _found: dict[int, set[tuple[str, Mark]]] = field(repr=False)

    def shown(self, one: Seen) -> set[tuple[str, Mark]]:
        """The markers in an answer (judge.shown), each answer scanned once."""
        if id(one) not in self._found:
            self._found[id(one)] = shown(one, self._scanner)
        return self._found[id(one)]

    @property
    def cells(self) -> frozenset[tuple[str, str, str]]:
        """Person, kind, door or way or attempt: what was asked."""
        return frozenset((one.person, one.kind, one.step.where) for one in self.seen)


Stop = Callable[[Walk, Walk], bool]
"""Whether a walk has gone far enough, by what the last turn saw and all that was seen so far."""


def screens_of(site: Site) -> dict[str, Screen]:
    """Every screen of the office by its code."""
    return {code: page.screen for code, page in site.program.pages.items()}


def customer_screens(site: Site) -> tuple[str, ...]:
    """Codes of the screens that are opened for a customer."""
    return tuple(c for c, screen in screens_of(site).items() if screen.kind is ScreenKind.CUSTOMER)


def kinds_of(kinds: Iterable[str] = KINDS) -> dict[str, str]:
    """Kind to customer code: one of each kind, and a code that nobody has. In a world without a kind nobody has its."""
    return {kind: code_of(kind) for kind in (*kinds, ABSENT)}


def walk(
    site: Site,
    walkers: Sequence[Walker] = WALKERS,
    *,
    among: Iterable[str] = KINDS,
    thorough: bool = True,
    brief: bool = False,
    stop: Stop | None = None,
) -> Walk:
    """Walk all of it. `thorough`: with the attempts; without, doors and ways alone (the two-run test).

    `brief`: methods and addresses that the register does not have are tried by the first walker and by nobody.
    `stop` is asked after each person's turn in each part, with what the turn saw and with all that was seen so far,
    and ends the walk by True.
    """
    going = _Going(site, walkers, kinds_of(among), rude=walkers[:1] if brief else walkers)
    parts = [going.enter, going.ask, going.follow]
    if thorough:
        parts = [going.enter, going.arrive, going.ask, going.follow, going.attempt, going.unsigned]
    before = 0
    for _ in chain.from_iterable(part() for part in parts):
        if stop and stop(going.done(whole=False, since=before), going.done(whole=False)):
            return going.done(whole=False)
        before = len(going.seen)
    return going.done(whole=True)


def turn_found(turn: Walk, so_far: Walk) -> bool:
    """Whether an answer of this turn is not as it must be. A `stop` for a walk."""
    return bool(_answer_faults(turn)) or any(purposes(so_far.seen, screens_of(so_far.site)))


class _Going:
    """A walk on its way: a desk for each walker, one list of everything seen, the page of every door entered."""

    def __init__(self, site: Site, walkers: Sequence[Walker], kinds: Mapping[str, str], rude: Sequence[Walker]) -> None:
        self._site, self._walkers, self._kinds, self._rude = site, walkers, kinds, rude
        self.seen: list[Seen] = []
        self._scanner, self._found = Scanner(site.canaries.marks), dict[int, set[tuple[str, Mark]]]()
        self._desks = {walker.code: Desk(site, walker, self.seen) for walker in walkers}
        self._entered: dict[tuple[str, str, str], Seen] = {}
        self._ways: dict[int, frozenset[Way]] = {}

    def _ways_of(self, pages: Sequence[Seen]) -> frozenset[Way]:
        """The ways of these pages, all of them kept in `seen`; each page is read once."""
        for one in pages:
            if id(one) not in self._ways:
                self._ways[id(one)] = all_ways([one])
        return frozenset(chain.from_iterable(self._ways[id(one)] for one in pages))

    def done(self, *, whole: bool, since: int = 0) -> Walk:
        """What has been walked so far; `since`: without the first so many answers."""
        ways = self._ways_of(self.seen) if whole else frozenset[Way]()
        return Walk(
            site=self._site,
            walkers=tuple(self._walkers),
            seen=tuple(self.seen[since:]),
            ways=ways,
            whole=whole,
            _scanner=self._scanner,
            _found=self._found,
        )

    def enter(self) -> Iterator[None]:
        """Every door directly."""
        for desk in self._desks.values():
            for one in _enter(desk, self._kinds):
                self._entered[(one.person, one.kind, door_of(one.step.address))] = one
            for one in open_cases(desk):
                former = self._entered.get(place := (one.person, "", door_of(one.step.address)))
                if former is None or len(former.answer.body) < len(one.answer.body):
                    self._entered[place] = one
            yield

    def ask(self) -> Iterator[None]:
        """The same by API."""
        for desk in self._desks.values():
            for _ in ask_by_machine(desk, self._kinds):
                pass
            yield

    def follow(self) -> Iterator[None]:
        """Every way the pages have; then those of the pages that only a way leads to."""
        walked: frozenset[Way] = frozenset()
        pages = list(self._entered.values())
        while fresh := self._ways_of(pages) - walked:
            for desk in self._desks.values():
                pages += _follow(desk, self._kinds, fresh, self._entered)
                yield
            walked |= fresh

    def attempt(self) -> Iterator[None]:
        """What the pages do not offer."""
        receipts = {one.receipt: one.person for one in self._entered.values() if one.receipt}
        for desk in self._desks.values():
            foreign = next((r for r, person in receipts.items() if desk.walker and person != desk.walker.code), "")
            mine = next((r for r, person in receipts.items() if desk.walker and person == desk.walker.code), "")
            for kind, customer in self._kinds.items():
                for code in customer_screens(self._site):
                    for step in attempts(code, customer, self._kinds, foreign, mine, thorough=kind in STRANGERS):
                        desk.take(step, kind)
            for kind, step in list_attempts(self._site.canaries, foreign):
                desk.take(step, kind)
            for step in door_attempts(self._site.program, declared=desk.walker not in self._rude):
                desk.take(step)
            yield

    def arrive(self) -> Iterator[None]:
        """The ways to a sign-in, and two persons side by side: from a browser of its own, and without a sign-in."""
        desk = Desk(self._site, None, self.seen)
        for step in sign_in_attempts():
            desk.take(step)
        for kind, step in side_by_side(customer_screens(self._site), self._kinds):
            taken = desk.take(step, kind)
            self.seen[-1:] = taken_apart(taken)
        yield

    def unsigned(self) -> Iterator[None]:
        """Everything else without a sign-in."""
        desk = Desk(self._site, None, self.seen)
        for kind, customer in self._kinds.items():
            for code in customer_screens(self._site):
                desk.take(Step(where=code, method="GET", address=f"/screens/{code}?customer={customer}"), kind)
        for step in door_attempts(self._site.program):
            desk.take(step)
        yield


def _enter(desk: Desk, kinds: Mapping[str, str]) -> Iterator[Seen]:
    """Each door directly: first as it is, then, for whoever must state a purpose, with one."""
    for code, screen in screens_of(desk.site).items():
        if screen.kind is ScreenKind.CUSTOMER:
            for kind, customer in kinds.items():
                yield _opened(desk, code, kind, customer)
        else:
            yield _opened(desk, code, "", "")
        if code == _SEARCH:
            for kind in kinds:
                yield desk.take(_search("number", spin_of(kind)), kind)
            for how, term in EVERYBODY.items():
                desk.take(_search(how, term, where=f"{_SEARCH} *{how} *everybody"))
        desk.take(Step(where=code, method="GET", address=f"/screens/{code}"))


def _search(how: str, term: str, where: str = _SEARCH) -> Step:
    fields = (("how", how), ("term", term))
    return Step(where=where, method="POST", address=f"/screens/{_SEARCH}", fields=fields, form=True)


def _opened(desk: Desk, code: str, kind: str, customer: str) -> Seen:
    address = f"/screens/{code}?customer={customer}" if customer else f"/screens/{code}"
    first = desk.take(Step(where=code, method="GET", address=address), kind)
    if first.answer.status != 303 or not first.answer.header("Location").startswith("/purpose"):
        return first
    desk.take(Step(where="/purpose", method="GET", address=first.answer.header("Location")), kind, customer)
    desk.state(customer, kind, address)
    return desk.take(Step(where=code, method="GET", address=address), kind)


def _follow(
    desk: Desk, kinds: Mapping[str, str], ways: Iterable[Way], entered: Mapping[tuple[str, str, str], Seen]
) -> list[Seen]:
    """Every way between screens, for every kind; ways that name no customer once."""
    taken = []
    customers = frozenset(customer_screens(desk.site))
    screens = screens_of(desk.site)
    for way in sorted(ways):
        if way.how != "link" or way.target not in screens or way.origin not in screens:
            continue
        for kind, customer in kinds.items() if way.target in customers else [("", "")]:
            named = (kind or "own") if way.origin in {*customers, _SEARCH} else ""
            page = entered.get((desk.walker.code if desk.walker else "", named, way.origin))
            address = _address(page, way, customer if way.target in customers else "")
            taken.append(desk.take(Step(where=way.where, method="GET", address=address), kind))
    return taken


def _address(page: Seen | None, way: Way, customer: str) -> str:
    """The page's own link to the target for this customer; else one after its pattern, from the page's ticket."""
    links = page_of(page.answer.text).links if page else []
    for href in links:
        if door_of(href) == way.target and (not customer or f"customer={customer}" in href):
            return href
    receipt = page.receipt if page else None
    query = [f"customer={customer}"] * bool(customer) + [f"number={NONE}"] * (way.target in ONE)
    query += [f"from={receipt}"] * bool(receipt)
    return f"/screens/{way.target}" + ("?" + "&".join(query) if query else "")


def walk_faults(done: Walk) -> list[Wrong]:
    """(where, what) of everything that an answer must not be, and of what is missing in a whole walk."""
    wrong = [*_answer_faults(done), *purposes(done.seen, screens_of(done.site))]
    if done.whole:
        wrong += _missing(done, screens_of(done.site))
        wrong += unseen(done.seen, done.walkers, done.site)
        wrong += way_faults(done.ways, done.site.program)
    return wrong


def _answer_faults(done: Walk) -> list[Wrong]:
    site, screens = done.site, screens_of(done.site)
    told = screens | {door: screens[code] for door, code in site.program.machine.items()}
    wrong: list[Wrong] = []
    for one in done.seen:
        wrong += leaks(one, done.shown(one), site.canaries, told, site.applications)
        wrong += headers(one)
        wrong += cookies(one)
        wrong += searched(one, site.canaries)
        wrong += _status(one, site)
    wrong += answers(_plain(done.seen), site.canaries, screens)
    wrong += application_faults(done.seen, site)
    wrong += machine_faults(done.seen, site)
    return [*wrong, *guessed(done.seen), *came_back(done.seen), *_origins(done)]


def _origins(done: Walk) -> Iterator[Wrong]:
    """Where a person came from is said by a ticket of the same sign-in, and by nothing else."""
    claimed = {
        one.receipt: one for one in done.seen if one.receipt and _FALSE_ORIGINS.intersection(one.step.where.split())
    }
    if not claimed:
        return
    with psycopg.connect(done.site.twin.admin_url) as connection:
        rows = connection.execute(
            "SELECT receipt FROM log.ticket WHERE receipt = ANY(%s) AND coalesce(came_from, came_screen) IS NOT NULL",
            [list(claimed)],
        ).fetchall()
    yield from ((claimed[receipt].where, "来た画面を、本人の閲覧票でないものから記録しました") for (receipt,) in rows)


def _plain(seen: Iterable[Seen]) -> list[Seen]:
    return [one for one in seen if "*" not in one.step.where and one.kind and "customer=" in one.step.address]


def _status(one: Seen, site: Site) -> Iterator[Wrong]:
    status, door = one.answer.status, door_of(one.step.address)
    methods = {d.name: d.methods for d in site.program.doors if d.kind is DoorKind.ADDRESS}
    name = f"/screens/{door}" if f"/screens/{door}" in methods else door
    if status >= 500 and not (name in _MAY_BE_AWAY and status == 503):
        yield one.where, f"状態 {status} で答えました"
    if (
        "*method" in one.step.where
        and one.step.method not in methods.get(name, ())
        and status not in (400, 403, 404, 405)
    ):
        yield one.where, f"登録簿にないメソッド {one.step.method} に {status} で答えました"
    if "*method" in one.step.where and one.step.method in methods.get(name, ()) and status == 405:
        yield one.where, f"登録簿にあるメソッド {one.step.method} を断りました"
    if "*suffix" in one.step.where and status not in (303, 400, 401, 404):
        yield one.where, f"似たアドレス {one.step.address.partition('?')[0]} に {status} で答えました"
    if (
        one.walker is None
        and door in site.program.pages
        and "*host" not in one.step.where
        and status != 303
        and one.step.method in methods.get(name, ())
    ):
        yield one.where, f"サインインなしに {status} で答えました"
    if "*foreign-host" in one.step.where and status not in (400, 403, 404):
        yield one.where, f"ほかの機械・サイトからの要求に {status} で答えました"


def _missing(done: Walk, screens: Mapping[str, Screen]) -> Iterator[Wrong]:
    """Where the rule shows something, some marker must have been seen: a wall that hides all proves nothing."""
    site = done.site
    found = {(one.person, one.kind, door_of(one.step.address)) for one in done.seen if done.shown(one)}
    for walker in done.walkers:
        for code in customer_screens(site):
            for kind in site.canaries.customers:
                if expects(site.canaries, walker, screens[code], kind) and (walker.code, kind, code) not in found:
                    yield f"{walker.code} × {kind} × {code}", "見えるはずの情報がどこにも現れません"
