"""What exists, and what was reached: counted from the program on one side and from the twin's own log on the other.

A cell is person × kind × door, or × way between screens. Whatever asks the gate counts as reached only if the log of
the twin has it, with the screen it came from; a door without a ticket counts if it answered.
"""

from collections.abc import Iterator
from typing import Final

import psycopg

from takuso.barrier.screen import ScreenKind
from takuso.doors.register import DoorKind
from takuso.proof.desk import Site
from takuso.proof.judge import Wrong
from takuso.proof.machines import cells as machine_cells
from takuso.proof.report import Coverage
from takuso.proof.walk import Walk, customer_screens, kinds_of

Cell = tuple[str, str, str]
"""Person, kind (empty: no customer), door or `A→B`."""
_SHOWN: Final = 20
_LOGGED: Final = """
SELECT DISTINCT p.code, coalesce(y.typed, ''), t.screen, t.came_screen
  FROM log.ticket t JOIN wall.person p ON p.id = t.person
  LEFT JOIN log.payload y ON y.day = t.day AND y.receipt = t.receipt
 WHERE t.decision <> 'purpose-needed'"""


def existing(done: Walk) -> frozenset[Cell]:
    """Every cell there is: screens and the ways they say they have, by kind; every address and method, without."""
    site = done.site
    kinds = kinds_of(site.canaries.customers)
    customers = frozenset(customer_screens(site))
    cells: set[Cell] = set()
    for walker in done.walkers:
        for code, page in site.program.pages.items():
            for kind in kinds if code in customers else ("",):
                cells.add((walker.code, kind, code))
            for target in page.leads_to:
                for kind in kinds if target in customers else ("",):
                    cells.add((walker.code, kind, f"{code}→{target}"))
        cells |= {(walker.code, "", f"{method} {name}") for name, method in _addresses(site)}
    return frozenset(cells) | frozenset(machine_cells(site, done.walkers, kinds))


def _addresses(site: Site) -> Iterator[tuple[str, str]]:
    for door in site.program.doors:
        if door.kind is DoorKind.ADDRESS and not door.name.startswith(("/login", "/logout", "/demo")):
            yield from ((door.name, method) for method in door.methods)


def reached(done: Walk) -> frozenset[Cell]:
    """The cells that the log or, without a ticket, the answers tell of."""
    site = done.site
    kinds = {code: kind for kind, code in kinds_of().items()}
    with psycopg.connect(site.twin.admin_url) as connection:
        rows = connection.execute(_LOGGED).fetchall()
    cells: set[Cell] = set()
    for person, typed, screen, came in rows:
        for kind in {kinds.get(typed, ""), ""}:
            cells.add((person, kind, screen))
            if came:
                cells.add((person, kind, f"{came}→{screen}"))
    for one in done.seen:
        door = one.step.address.partition("?")[0].replace("/static/takuso.css", "/static/<path:file>")
        method = "POST" if one.step.form else one.step.method
        cells.add((one.person, "", f"{method} {door}"))
        if one.step.where in _forms(site) or (one.step.where in site.program.machine and one.answer.status != 401):
            cells.add((one.person, one.kind, one.step.where))
    return frozenset(cells)


def _forms(site: Site) -> frozenset[str]:
    """Screens, and ways to them, that are a form and open no ticket until it is sent."""
    plain = {c for c, page in site.program.pages.items() if page.screen.kind is ScreenKind.LIST and c == "KS10"}
    ways = {f"{code}→{to}" for code, page in site.program.pages.items() for to in page.leads_to if to in plain}
    return frozenset(plain | ways)


def coverage(done: Walk) -> tuple[list[Wrong], Coverage]:
    """(where, what) of cells that nobody reached, and the figures."""
    exist, got = existing(done), reached(done)
    missing = sorted(exist - got)
    wrong = [(f"{person} × {kind or '-'} × {where}", "歩いていません") for person, kind, where in missing[:_SHOWN]]
    if len(missing) > _SHOWN:
        wrong.append(("網羅", f"ほかに {len(missing) - _SHOWN} マスを歩いていません"))
    figures = Coverage(
        doors=len(done.site.program.doors),
        transitions=len(done.ways),
        persons=len(done.walkers),
        kinds=len(kinds_of(done.site.canaries.customers)),
        cells=len(exist),
        reached=len(exist & got),
    )
    return wrong, figures
