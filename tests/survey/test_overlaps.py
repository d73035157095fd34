"""The quick search for periods that share days finds all that a slow one finds, and no others for distinct points."""

import itertools

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from takuso.survey import overlaps

PERIODS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(-9, 9), st.one_of(st.integers(-9, 9), st.just(2**31 - 1))), max_size=40
)


@given(PERIODS, st.integers(2, 9))
def test_pairs_that_share_days(periods: list[tuple[int, int, int]], piece: int) -> None:
    expected = {
        (one, other)
        for one, other in itertools.combinations(range(len(periods)), 2)
        if periods[one][0] == periods[other][0]
        and max(periods[one][1], periods[other][1]) < min(periods[one][2], periods[other][2])
    }
    former = overlaps._PIECE
    overlaps._PIECE = piece  # type: ignore[misc]
    try:
        found = overlaps.sharing_days(
            np.array([point << 60 for point, _, _ in periods], dtype=np.uint64),
            np.array([start for _, start, _ in periods], dtype=np.int32),
            np.array([end for _, _, end in periods], dtype=np.int32),
        )
    finally:
        overlaps._PIECE = former  # type: ignore[misc]
    assert sorted((min(pair), max(pair)) for pair in found.tolist()) == sorted(expected)
