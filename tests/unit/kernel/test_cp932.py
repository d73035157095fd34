"""CP932: names survive the round trip, and what does not fit is named by line and column."""

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.cp932 import (
    SUBSTITUTES,
    CannotDecode,
    CannotEncode,
    Unencodable,
    decode,
    encode,
    find_unencodable,
    substitute,
)


def _read(code: bytes) -> str:
    try:
        return decode(code)
    except CannotDecode:
        return ""


LEADS = [*range(0x81, 0xA0), *range(0xE0, 0xFD)]
CODES = [bytes((one,)) for one in range(256)] + [bytes((lead, t)) for lead in LEADS for t in range(256)]
READ = {code: text for code in CODES if len(text := _read(code)) == 1}
"""Every code of one character, by trying all: what CP932 holds is what can be read from it."""

ENCODABLE = sorted(set(READ.values()))
HELD = frozenset(ENCODABLE)


def test_every_encodable_character_comes_back_in_one_of_its_codes() -> None:
    for code, character in READ.items():
        assert decode(encode(character)) == character
        assert len(encode(character)) == len(code)


def test_the_code_page_has_398_second_codes_as_published() -> None:
    assert len(READ) - len(ENCODABLE) == 398
    assert len([code for code in READ if len(code) == 1]) == 128 + 63


def test_everything_else_in_the_basic_plane_is_a_misfit() -> None:
    plane = "".join(map(chr, range(0x10000)))
    fits = set(plane) - {misfit.character for misfit in find_unencodable(plane)}
    assert fits == set(ENCODABLE)


@given(st.text(alphabet=st.sampled_from(ENCODABLE)))
def test_every_encodable_text_comes_back(text: str) -> None:
    assert decode(encode(text)) == text


@given(st.text())
def test_a_text_comes_back_or_every_misfit_is_listed(text: str) -> None:
    found = find_unencodable(text)
    assert [misfit.character for misfit in found] == [c for c in text if c not in HELD]
    assert all(text[misfit.index] == misfit.character for misfit in found)
    if found:
        with pytest.raises(CannotEncode) as refused:
            encode(text)
        assert refused.value.found == found
    else:
        assert decode(encode(text)) == text


@given(st.binary())
def test_bytes_become_the_same_text_again_or_are_refused(raw: bytes) -> None:
    refused: CannotDecode | None = None
    try:
        text = decode(raw)
    except CannotDecode as error:
        refused = error
    if refused:
        before = raw[: refused.offset]
        assert len(encode(decode(before))) == len(before)
        assert refused.line == before.count(b"\n") + 1
        return
    assert decode(encode(text)) == text
    assert len(encode(text)) == len(raw)


@pytest.mark.parametrize("name", ["髙橋", "山﨑", "①号棟", "Ⅱ", "㈱葵", "栁澤", "濵田", "德永", "ﾀﾛｳ", "～－∥￥"])
def test_names_come_back(name: str) -> None:
    assert decode(encode(name)) == name


@pytest.mark.parametrize(
    ("codes", "written", "text"),
    [
        (["EEE0", "FBFC"], "FBFC", "髙"),
        (["ED95", "FAB1"], "FAB1", "﨑"),
        (["ED40", "FA5C"], "FA5C", "纊"),
        (["EEEF", "FA40"], "FA40", "ⅰ"),
        (["8754", "FA4A"], "8754", "Ⅰ"),
        (["81BE", "879C"], "81BE", "∪"),
        (["81CA", "EEF9", "FA54"], "81CA", "￢"),
        (["81E6", "879A", "FA5B"], "81E6", "∵"),
        (["EEFA", "FA55"], "FA55", "￤"),
        (["878A", "FA58"], "878A", "㈱"),
    ],
)
def test_two_codes_are_read_and_the_one_of_windows_is_written(codes: list[str], written: str, text: str) -> None:
    assert [decode(bytes.fromhex(code)) for code in codes] == [text] * len(codes)
    assert encode(text) == bytes.fromhex(written)
    assert encode(f"葵{text}{text}a") == "葵".encode("cp932") + bytes.fromhex(written) * 2 + b"a"


@pytest.mark.parametrize(("typed", "twin"), SUBSTITUTES.items())
def test_twins_are_refused_until_they_are_substituted(typed: str, twin: str) -> None:
    with pytest.raises(CannotEncode) as refused:
        encode(f"1{typed}2")
    assert refused.value.found == (Unencodable(index=1, line=1, column=2, character=typed, substitute=twin),)
    assert f"「{twin}」に置き換えるか" in refused.value.advice
    assert substitute(f"1{typed}2") == f"1{twin}2"
    assert decode(encode(substitute(typed))) == twin


def test_substitution_leaves_everything_else() -> None:
    assert substitute("髙𠮷～?") == "髙𠮷～?"


def test_the_place_of_a_misfit_is_named() -> None:
    text = "氏名,住所\n葵 太郎,大阪\n𠮷田,鷗町\n"
    with pytest.raises(CannotEncode) as refused:
        encode(text)
    error = refused.value
    assert [(m.line, m.column, m.character) for m in error.found] == [(3, 1, "𠮷"), (3, 4, "鷗")]
    assert "3行目1文字目の「𠮷」(U+20BB7)" in error.rule
    assert "全部で2個" in error.rule
    assert "UTF-8" in error.advice


@pytest.mark.parametrize("character", ["\ud800", "\x80", "\uf8f0", "\u200b"])
def test_a_misfit_that_cannot_be_shown_is_named_by_its_code(character: str) -> None:
    with pytest.raises(CannotEncode, match=re.escape(f"「表示できない文字」(U+{ord(character):04X})")) as refused:
        encode(character)
    assert str(refused.value).encode()


@pytest.mark.parametrize(
    ("raw", "offset", "line", "column", "shown"),
    [
        (b"\x80", 0, 1, 1, "0x80"),
        (b"\xa0", 0, 1, 1, "0xA0"),
        (b"\xff", 0, 1, 1, "0xFF"),
        (b"ab\n\x82\xa0\xb1\xfd", 6, 2, 4, "0xFD"),
        (b"ab\r\n\x82\xa0\x82", 6, 2, 3, "0x82"),
        (b"\x85\x40", 0, 1, 1, "0x85"),
        (b"\xfd\xe0", 0, 1, 1, "0xFD"),
        ("葵送".encode()[:4], 3, 1, 4, "0xE9"),
    ],
)
def test_bytes_that_are_no_cp932_are_named(raw: bytes, offset: int, line: int, column: int, shown: str) -> None:
    with pytest.raises(CannotDecode) as refused:
        decode(raw)
    error = refused.value
    assert (error.offset, error.line, error.column) == (offset, line, column)
    assert f"{line}行目{column}バイト目(先頭から{offset + 1}バイト目)の {shown}" in error.rule


def test_trail_bytes_that_look_unassigned_are_read() -> None:
    assert decode(b"\x83\x80\x83\xa0\x81\x5c") == "ムΒ―"


def test_private_characters_pass() -> None:
    assert decode(b"\xf0\x40\xf9\xfc") == "\ue000\ue757"
    assert encode("\ue000\ue757") == b"\xf0\x40\xf9\xfc"


def test_refusals_survive_between_processes() -> None:
    with pytest.raises(CannotEncode) as refused:
        encode("𠮷")
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)  # noqa: S301
