"""The walk by API: every retailer's system asks for every customer and application, with a token of its person.

What it is told is judged like the screen that tells a person the same; besides, what is hidden must answer like what is
absent, byte for byte, and nothing must answer to a cookie.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from takuso.barrier.credentials.clients import ApiClients
from takuso.barrier.screen import ScreenKind
from takuso.barrier.signin import SignIns
from takuso.proof.applications import ABSENT as NO_NUMBER
from takuso.proof.applications import applications, shows
from takuso.proof.canary import ABSENT, spin_of
from takuso.proof.desk import Desk, Seen, Site, Step
from takuso.proof.judge import Wrong, expects, fixed
from takuso.proof.people import Walker
from takuso.proof.signs import EVERYBODY
from takuso.proof.ways import door_of

CUSTOMER: Final = "<customer>"
NUMBER: Final = "<number>"
_SEARCH: Final = "/api/v1/search"
_FILING: Final = "/api/v1/applications/"
_ANSWERED: Final = "RT30"
"""The screen of whoever answers relays."""
_COOKIE: Final = "*cookie"
_TERMINAL: Final = "127.0.0.1"


def ask_by_machine(desk: Desk, kinds: Mapping[str, str]) -> Iterator[Seen]:
    """Every address of the API for every kind of customer and every number; then each with the cookie alone."""
    walker = desk.walker
    if walker is None or walker.duty.is_network:
        return
    clients = ApiClients(SignIns(desk.site.pools))
    made = clients.issue(walker.code)
    token = clients.sign_in(made.code, made.secret, terminal=_TERMINAL)
    bearer = (("HTTP_AUTHORIZATION", f"Bearer {token}"), ("HTTP_COOKIE", ""))
    for path in desk.site.program.machine:
        for kind, step in _steps(path, kinds, bearer, walker):
            yield desk.take(step, kind)
        yield desk.take(Step(where=f"{path} {_COOKIE}", method="GET", address=path))
        yield desk.take(Step(where=f"{path} {_COOKIE}", method="POST", address=path, json="{}"))


_Headers = tuple[tuple[str, str], ...]


def _steps(path: str, kinds: Mapping[str, str], headers: _Headers, walker: Walker) -> Iterator[tuple[str, Step]]:
    if NUMBER in path:
        yield from (("", step) for step in _numbered(path, headers, walker))
    elif CUSTOMER in path:
        for kind, code in kinds.items():
            yield kind, Step(where=path, method="GET", address=path.replace(CUSTOMER, code), headers=headers)
    elif path == _SEARCH:
        for kind in kinds:
            yield kind, _post(path, headers, how="number", term=spin_of(kind))
        for how, term in EVERYBODY.items():
            yield "", _post(path, headers, how=how, term=term)
    elif path.startswith(_FILING):
        # Nothing is filed by a walk: what is sent lacks all that it needs.
        yield "", _post(path, (*headers, ("HTTP_IDEMPOTENCY_KEY", "walk")))
    else:
        yield "", Step(where=path, method="GET", address=path, headers=headers)


def _numbered(path: str, headers: _Headers, walker: Walker) -> Iterator[Step]:
    """An application by its number; of relays to be answered those that are not this company's to answer."""
    asked = applications()
    if path.endswith(NUMBER):
        for number in (*(one.number for one in asked), NO_NUMBER):
            yield Step(where=path, method="GET", address=path.replace(NUMBER, number), headers=headers)
    else:
        for number in (*(one.number for one in asked if one.copy_of(walker) is None), NO_NUMBER):
            yield _post(path.replace(NUMBER, number), headers, answer="agree")


def _post(path: str, headers: tuple[tuple[str, str], ...], **fields: str) -> Step:
    where = door_of(path)
    return Step(where=where, method="POST", address=path, headers=headers, json=json.dumps(fields, ensure_ascii=False))


def cells(site: Site, walkers: Iterable[Walker], kinds: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """(person, kind, address) of all that must be asked by API."""
    for walker in walkers:
        for path in () if walker.duty.is_network else site.program.machine:
            for kind in kinds if CUSTOMER in path else ("",):
                yield walker.code, kind, path


def machine_faults(seen: Iterable[Seen], site: Site) -> Iterator[Wrong]:
    """Hidden otherwise than absent, shown though hidden, hidden though shown, and what answers without a token."""
    by_api = [one for one in seen if one.step.address.startswith("/api/v1/")]
    none = {(one.person, one.step.where): _neutral(one) for one in by_api if _absent(one)}
    for one in by_api:
        if _COOKIE in one.step.where:
            if one.answer.status not in (401, 405):
                yield one.where, f"クッキーだけで状態 {one.answer.status} を答えました"
        elif one.walker is not None and one.step.where in site.program.machine and _names(one.step.where):
            yield from _judged(one, one.walker, site, none.get((one.person, one.step.where), ""))


def _names(path: str) -> bool:
    return CUSTOMER in path or NUMBER in path


def _judged(one: Seen, walker: Walker, site: Site, absent: str) -> Iterator[Wrong]:
    hidden = _absent(one) or not _shows(one, walker, site)
    if one.answer.status == 403 and not _opens(one, walker, site):
        return
    if hidden and one.answer.status != 404:
        yield one.where, f"見えないものに状態 {one.answer.status} で答えました"
    elif not hidden and one.answer.status != 200:
        yield one.where, f"見せてよいものに状態 {one.answer.status} で答えました"
    elif hidden and _neutral(one) != absent:
        yield one.where, "見えないものが、ないものと違う答えになります"


def _opens(one: Seen, walker: Walker, site: Site) -> bool:
    screen = site.program.machine[one.step.where] if _shown_by(one) else _ANSWERED
    return site.program.pages[screen].screen.opens_for(walker.duty)


def _shown_by(one: Seen) -> bool:
    """True for what shows something; an answer to a relay only changes."""
    return one.step.method == "GET"


def _shows(one: Seen, walker: Walker, site: Site) -> bool:
    screen = site.program.pages[site.program.machine[one.step.where]].screen
    if screen.kind is ScreenKind.CUSTOMER:
        return expects(site.canaries, walker, screen, one.kind)
    made = next((it for it in site.applications if it.number in one.step.address), None)
    return made is not None and _shown_by(one) and shows(walker, made, site.canaries)


def _absent(one: Seen) -> bool:
    return one.kind == ABSENT if CUSTOMER in one.step.where else NO_NUMBER in one.step.address


def _neutral(one: Seen) -> str:
    return fixed(one, one.step.address.split("/")[4] if NUMBER in one.step.where else "")
