"""Check `two-run`: change everything about every customer that is foreign to a company, and nothing that its people
get may change.

Two twins with the same customers of the company, and foreign ones that differ in every value and in their number.
The same requests on both: bytes equal but for receipts, tokens and the time of day; statements to the database of
the same kinds in the same number.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

import psycopg

from takuso.proof.canary import KINDS, World
from takuso.proof.desk import Seen, site
from takuso.proof.judge import Wrong, fixed
from takuso.proof.people import RETAILERS, WALKERS, Walker
from takuso.proof.program import Program
from takuso.proof.walk import Stop, Walk, walk
from takuso.store.home import Home

# More than a page of a list holds: a search that finds them turns its page at another place.
_MORE: Final = 60
_WRITES: Final = """
SELECT t.screen, t.kind, p.code, count(*), count(o.receipt), sum((SELECT count(*) FROM log.payload y
         WHERE y.day = t.day AND y.receipt = t.receipt))
  FROM log.ticket t JOIN wall.person p ON p.id = t.person
  LEFT JOIN log.outcome o ON o.day = t.day AND o.receipt = t.receipt
 GROUP BY t.screen, t.kind, p.code"""


def walkers_of(organisation: int) -> tuple[Walker, ...]:
    """The people who act in a retailer's name."""
    return tuple(walker for walker in WALKERS if walker.organisation == organisation)


def two_run_faults(
    home: Home,
    admin_url: str,
    program: Program,
    viewpoints: Sequence[int] = RETAILERS,
    among: Iterable[str] = KINDS,
    *,
    stop: bool = False,
) -> tuple[list[Wrong], int]:
    """(where, what) of every answer that differs between the two worlds, and how many were compared.

    `stop` ends the second walk, and all, with the turn of a person in which something differs.
    """
    wrong: list[Wrong] = []
    asked = 0
    left = frozenset(KINDS) - frozenset(among)
    for viewpoint in viewpoints:
        done, one = _run(home, admin_url, program, World(variant=1, viewpoint=viewpoint, without=left), among)
        first = done.seen
        changed = World(variant=2, viewpoint=viewpoint, more=_MORE, without=left | _without(viewpoint))
        done, other = _run(home, admin_url, program, changed, among, partial(_differs, first) if stop else None)
        second = done.seen
        if not done.whole:
            return _compare(first[: len(second)], second), len(second)
        wrong += _compare(first, second)
        wrong += [
            (f"会社{viewpoint}", f"閲覧記録の書き込みが違います: {key}")
            for key in sorted(one.items() ^ other.items(), key=str)
        ]
        asked += len(first)
    return wrong, asked


def _differs(first: Sequence[Seen], turn: Walk, so_far: Walk) -> bool:
    """Whether something of this turn was not so in the first world. A `stop` for the walk of the second."""
    end = len(so_far.seen)
    return bool(_compare(first[end - len(turn.seen) : end], turn.seen))


def _without(viewpoint: int) -> frozenset[str]:
    """One kind of foreign customer that does not exist at all in the second world: hidden equals absent."""
    kinds = {2: "foreign-third", 3: "foreign-third", 4: "foreign"}
    return frozenset({kinds[viewpoint]})


def _run(
    home: Home, admin_url: str, program: Program, world: World, among: Iterable[str], stop: Stop | None = None
) -> tuple[Walk, dict[Any, Any]]:
    with site(home, admin_url, program, world) as made:
        done = walk(made, walkers_of(world.viewpoint or 0), among=among, thorough=False, stop=stop)
        with psycopg.connect(made.twin.admin_url) as connection:
            rows = connection.execute(_WRITES).fetchall()
    return done, {row[:3]: row[3:] for row in rows}


def _compare(first: Sequence[Seen], second: Sequence[Seen]) -> list[Wrong]:
    if len(first) != len(second):
        return [("歩いた道", f"{len(first)} 回と {len(second)} 回: ページの行き先が違います")]
    wrong: list[Wrong] = []
    for one, other in zip(first, second, strict=True):
        mine, theirs = fixed(one), fixed(other)
        if one.step.where != other.step.where or mine != theirs:
            wrong.append((one.where, f"他社のお客さまを変えると答えが変わります（{_line(mine, theirs)}）"))
        kinds, others = Counter(one.statements), Counter(other.statements)
        if kinds != others:
            wrong.append(
                (one.where, f"他社のお客さまを変えると、データベースへの文が変わります（{_odd(kinds, others)}）")
            )
    return wrong


def _line(mine: str, theirs: str) -> str:
    pairs = enumerate(zip(mine.splitlines(), theirs.splitlines(), strict=False), start=1)
    return next((f"{no} 行目" for no, (one, other) in pairs if one != other), "長さ")


def _odd(kinds: Counter[str], others: Counter[str]) -> str:
    return next(iter((kinds - others) + (others - kinds)), "")[:60]
