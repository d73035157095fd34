"""CSV as bytes: what the fast way gives is what the exact way gives, and every line is accounted for."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import example, given, settings

from takuso.survey.importing.csv_text import exact, fast, parse, records
from takuso.survey.importing.lines import Block, blocks, line_ends
from takuso.survey.importing.parsed import Layout, Parsed

# 表, ソ and 能 end with 0x5C, ポ with 0x7C: a backslash and a bar to who reads single bytes.
PIECES = st.sampled_from(["a", "b", ",", ",", '"', '"', '""', "\n", "\r\n", "\r", "表", "ソ", "ポ", "|", "\\", " "])
REGULAR = st.sampled_from(["a,b,c", '"a","b","c"', '"a,b","c","d"', '"a""b",c,""', '"a\nb",c,d', ",,", "表,ソ,ポ"])
LINES = st.lists(st.tuples(st.one_of(REGULAR, REGULAR, st.lists(PIECES).map("".join)), st.sampled_from(["\n", "\r\n"])))
TEXTS = LINES.map(lambda lines: "".join(text + end for text, end in lines).encode("cp932"))
THREE = Layout(charset="cp932", names=("x", "y", "z"), taken=(0, 1, 2), repeating=frozenset({1}))


def told(found: Parsed) -> tuple[object, ...]:
    """Everything, to be compared."""
    columns = [[bytes(value) for value in found.columns[place].to_pylist()] for place in (0, 1, 2)]
    return columns, found.lines.tolist(), found.spans.tolist(), found.blank


def block(raw: bytes) -> Block:
    """All of it, from line 5 on."""
    return Block(raw=raw, line=5, lines=len(line_ends(np.frombuffer(raw, dtype=np.uint8))))


@settings(max_examples=600, deadline=None)
@given(TEXTS)
@example(b'"a,"b,c,"d"\n')
@example(b'"a"b,c,d\n')
@example(b'"\n"a","b","c"\n')
@example(b'a,b,c\n\n\n"d\n\ne",f,g\r\n')
def test_the_fast_way_gives_what_the_exact_way_gives(raw: bytes) -> None:
    found = fast(block(raw), THREE) if raw else None
    if found is not None:
        slow = exact(block(raw), THREE)
        assert (slow.rejects, told(found)) == ((), told(slow))


def test_regular_text_goes_the_fast_way() -> None:
    for raw in (
        b"a,b,c\n" * 10,
        b'"a","b","c"\r\n' * 10,
        b'"a""b","","c\nd"\n' * 10,
        "表,ソ,ポ\n".encode("cp932"),
        b"a,b,c\n\n",
    ):
        assert fast(block(raw), THREE) is not None


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.integers(1, 40))
def test_blocks_hold_every_byte_and_line_in_order(raw: bytes, size: int) -> None:
    class Stream:
        at = 0

        def read(self, asked: int) -> bytes:
            self.at += asked
            return raw[self.at - asked : self.at]

    found = list(blocks(Stream(), '"', 1, size))
    assert b"".join(part.raw for part in found) == raw
    expected = 1
    for part in found:
        assert part.line == expected
        expected += part.lines
    assert expected - 1 == len(raw.splitlines())


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_every_line_is_a_record_a_reject_or_blank(raw: bytes) -> None:
    found = list(parse(block(raw), THREE)) if raw else []
    rejected = sum(reject.lines for part in found for reject in part.rejects)
    taken = sum(int(part.spans.sum()) + part.blank for part in found)
    assert taken + rejected == len(raw.splitlines())


def test_a_quote_that_is_not_closed_costs_one_line() -> None:
    raw = b'a,b,c\n"d,"e,f\ng,h,i\n"j,k,l\nm,"n",o\n'
    (found,) = parse(block(raw), THREE)
    assert [value.decode() for value in found.columns[0].to_pylist()] == ["a", "g", "m"]
    assert [(reject.line, reject.lines) for reject in found.rejects] == [(6, 1), (8, 1)]


def test_a_bar_between_fields_is_no_half_of_a_character() -> None:
    layout = Layout(charset="cp932", delimiter="|", names=("x", "y", "z"), taken=(0, 1, 2))
    (found,) = parse(block("ポ|表|ソ\n".encode("cp932")), layout)
    assert [found.columns[place].to_pylist() for place in (0, 1, 2)] == [
        ["ポ".encode()],
        ["表".encode()],
        ["ソ".encode()],
    ]


def test_records_of_one_by_one() -> None:
    found = list(records(b'a,"b""c\r\nd",\re,f"g"\n', ",", '"'))
    assert [record.fields for record in found] == [[b"a", b'b"c\r\nd', b""], [b"e", b'f"g"']]
