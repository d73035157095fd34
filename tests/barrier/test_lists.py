"""Lists of fifty: every supply point once, page after page, and no page of somebody else's."""

from collections.abc import Callable

import pytest

from takuso.barrier.gate import Gate, RequestConflict, Sight, Visit
from takuso.barrier.signin import Proof
from tests.area import HIKARI, Area


def _page(gate: Gate, proof: Proof, after: str | None, *, screen: str = "KF00") -> tuple[tuple[int, ...], str | None]:
    seen: list[Sight] = []

    def render(sight: Sight) -> bytes:
        seen.append(sight)
        return b"page"

    gate.search(Visit(proof=proof, screen=screen), how="notice", term="", after=after, queries=[], render=render)
    return seen[0].points, seen[0].next_cursor


def test_the_pages_of_a_list(gate: Gate, area: Area, sign_in: Callable[[str], Proof]) -> None:
    added = [area.load("listed", [[(HIKARI, -900, None)]]).points[0] for _ in range(55)]
    proof = sign_in("hikari-clerk")
    points, after = _page(gate, proof, None)
    assert len(points) == 50
    assert after is not None
    assert len(after) == 32
    walked = list(points)
    first = after
    while after is not None:
        points, after = _page(gate, proof, after)
        walked += points
    assert len(walked) == len(set(walked))
    assert set(added) <= set(walked)

    # The receipt of a page goes on for its own sign-in, on its own screen, and for nothing else.
    for other, screen in ((sign_in("hikari-clerk"), "KF00"), (sign_in("aoi-clerk"), "KF00"), (proof, "KS10")):
        with pytest.raises(RequestConflict):
            _page(gate, other, first, screen=screen)
    looked = gate.look(Visit(proof=proof, screen="MN00"), render=lambda _: b"menu").receipt
    for receipt in (looked, "A" * 32):
        with pytest.raises(RequestConflict):
            _page(gate, proof, receipt)
