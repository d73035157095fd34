"""Pieces of the fast form that small sources do not reach: counting many codes, sorting a day, ranks of texts."""

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
from hypothesis import given

from takuso.survey.archive.counting import Distinct
from takuso.survey.archive.days import SCHEMA, _sorted
from takuso.survey.archive.order import ordered
from takuso.survey.archive.raw import Texts
from takuso.survey.archive.words import NONE


@given(st.lists(st.lists(st.integers(NONE, 999), max_size=90), max_size=8))
def test_codes_met_in_pieces_are_counted_once(pieces: list[list[int]]) -> None:
    """Some pieces are too short for marks, some long enough; together they come to both."""
    counter = Distinct(1000)
    for piece in pieces:
        counter.add(np.array(piece, dtype=np.int32))
    assert counter.count() == len({code for piece in pieces for code in piece} - {NONE})


@given(st.integers(1, 40), st.lists(st.sampled_from([1, 3, 1 << 20, 1 << 45, 1 << 61]), min_size=1), st.data())
def test_the_order_is_by_each_column_in_turn_also_where_they_do_not_fit_one_number(
    count: int, reaches: list[int], data: st.DataObject
) -> None:
    columns = []
    for reach in reaches:
        values = st.integers(0, 2).map(lambda n, reach=reach: (n - 1) * reach)  # type: ignore[misc]
        columns.append(np.array(data.draw(st.lists(values, min_size=count, max_size=count)), dtype=np.int64))
    assert ordered(columns).tolist() == np.lexsort(columns[::-1]).tolist()


@given(st.lists(st.tuples(*(st.integers(0, 2) for _ in SCHEMA.names))))
def test_a_day_is_sorted_by_every_column(rows: list[tuple[int, ...]]) -> None:
    columns = {name: np.array([row[n] for row in rows], dtype=np.int64) for n, name in enumerate(SCHEMA.names)}
    made = _sorted(columns)
    assert list(zip(*(made[name].tolist() for name in SCHEMA.names), strict=True)) == sorted(rows)


@given(st.lists(st.one_of(st.none(), st.text(st.sampled_from("a口Ⅱ\U00020bb7～"), max_size=3)), max_size=20))
def test_ranks_are_in_the_order_of_the_bytes(column: list[str | None]) -> None:
    coded = pa.array(column, pa.string()).dictionary_encode()
    found = Texts(codes=coded.indices.fill_null(NONE).to_numpy(zero_copy_only=False), texts=coded.dictionary).ranked()
    ordered = sorted({text for text in column if text is not None}, key=str.encode)
    assert found.texts.to_pylist() == ordered
    assert found.codes.tolist() == [NONE if text is None else ordered.index(text) for text in column]
