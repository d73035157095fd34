"""The walk over applications: each screen of one opened for every planted number, and every page scanned for them.

A marker of an application may stand on a screen of applications alone: the sender's for the network company's staff who
read them, a copy's own for its party. What a person may not find answers like a number that nobody has, byte for byte.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from takuso.barrier.screen import ScreenKind
from takuso.proof.applications import ABSENT, Application, applications, shows
from takuso.proof.desk import Desk, Seen, Site, Step
from takuso.proof.judge import Wrong, fixed
from takuso.proof.people import Walker
from takuso.proof.ways import door_of

NONE: Final = ABSENT
"""A number that no application has."""
ONE: Final = ("RT20", "UK20")
"""Screens of one application, by its number."""


def open_cases(desk: Desk) -> Iterator[Seen]:
    """Every application by its number, planted or not, and a number that none has; with a purpose where one is needed.

    The same requests in every world.
    """
    for code in (code for code in ONE if code in desk.site.program.pages):
        for number in (*(one.number for one in applications()), ABSENT):
            step = Step(where=code, method="GET", address=f"/screens/{code}?number={number}")
            first = desk.take(step)
            if first.answer.status == 303 and first.answer.header("Location").startswith("/purpose"):
                desk.take(Step(where="/purpose", method="GET", address=first.answer.header("Location")))
                desk.state("", "", step.address)
                first = desk.take(step)
            yield first


def application_faults(seen: Sequence[Seen], site: Site) -> Iterator[Wrong]:
    """Markers where they must not stand, and numbers that answer otherwise than one that nobody has."""
    owners = {copy.marker: (one, copy.party) for one in site.applications for copy in one.copies}
    if not owners:
        return
    any_marker = re.compile("|".join(map(re.escape, owners)))
    for one in seen:
        for marker in set(any_marker.findall(one.answer.text)):
            if not _may_stand(site, one, *owners[marker], marker):
                yield one.where, "見てはならない申込が現れます"
    yield from _unlike(seen, site)


def unseen(seen: Sequence[Seen], walkers: Sequence[Walker], site: Site) -> Iterator[Wrong]:
    """Where the rule shows an application, its marker must have been seen: a wall that hides all proves nothing."""
    found = {
        (one.person, copy.marker)
        for one in seen
        if "number=" in one.step.address
        for made in site.applications
        for copy in made.copies
        if copy.marker in one.answer.text
    }
    for walker in walkers:
        for made in site.applications:
            copy = made.copy_of(walker)
            marker = made.marker if walker.duty.is_network else copy and copy.marker
            if (
                marker
                and shows(walker, made, site.canaries)
                and _opens(site, walker)
                and (walker.code, marker) not in found
            ):
                yield f"{walker.code} × 申込 {made.procedure}", "見えるはずの申込がどこにも現れません"


def _opens(site: Site, walker: Walker) -> bool:
    screens = (site.program.pages[code].screen for code in ONE if code in site.program.pages)
    return any(screen.opens_for(walker.duty) for screen in screens)


def _may_stand(site: Site, seen: Seen, made: Application, party: int, marker: str) -> bool:
    walker = seen.walker
    place = door_of(seen.step.address)
    door = site.program.pages.get(site.program.machine.get(place, place))
    if walker is None or door is None or door.screen.kind is not ScreenKind.CASES:
        return False
    if not door.screen.opens_for(walker.duty) or not shows(walker, made, site.canaries):
        return False
    if walker.duty.is_network:
        return marker == made.marker
    copy = made.copy_of(walker)
    return copy is not None and (copy.party, copy.marker) == (party, marker)


def _unlike(seen: Sequence[Seen], site: Site) -> Iterator[Wrong]:
    """Retailers' pages of numbers that are nothing to them."""
    by_number = {one.number: one for one in site.applications}
    none: dict[tuple[str, str], str] = {}
    asked = [one for one in seen if one.walker and not one.walker.duty.is_network and "?number=" in one.step.address]
    for one in sorted(asked, key=lambda it: ABSENT not in it.step.address):
        number = one.step.address.partition("number=")[2][:17]
        made = by_number.get(number)
        if one.walker is None or (made and shows(one.walker, made, site.canaries)):
            continue
        page = fixed(one, number)
        if page != none.setdefault((one.person, one.step.where), page):
            yield one.where, "見えない申込の番号が、ない番号と違う答えになります"
