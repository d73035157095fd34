"""A marker is found in whatever dress it leaves."""

import gzip
import io
import json
import zipfile
import zlib
from html import escape
from urllib.parse import quote

import pytest

from takuso.barrier.matrix import DataClass
from takuso.proof.canary import Mark
from takuso.proof.scan import Scanner, leaked

NAME, KANA, PHONE, SPIN, USAGE = (
    "柊椿楓榛樒槐欅",
    "シルシアカサタナハイキ",
    "70123456789",
    "0671234567890123456700",
    "412345678",
)
MARKS = {text: (Mark(kind=text, point=1, letter=DataClass.PARTY),) for text in (NAME, KANA, PHONE, SPIN, USAGE)}


def test_a_line_that_was_looked_through_before_is_found_again() -> None:
    scanner = Scanner(MARKS)
    for before in ("", "<p>1</p>\n", "<p>2</p>\n"):
        assert {text for text, _ in scanner.leaked(f"{before}  <td>{NAME}</td>\n".encode())} == {NAME}
    assert set(scanner.leaked(b"<p>1</p>\n")) == set()


def _found(body: bytes) -> set[str]:
    return {text for text, _ in leaked(body, MARKS)}


def _zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{text}</t>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<td>{NAME}</td>".encode(), NAME),
        (f"名義{NAME}様".encode(), NAME),
        (NAME.encode("cp932"), NAME),
        (quote(NAME).encode(), NAME),
        (json.dumps({"name": NAME}).encode(), NAME),
        ("".join(f"&#x{ord(c):x};" for c in NAME).encode(), NAME),
        (escape(f'"{NAME}"').encode(), NAME),
        (gzip.compress(NAME.encode(), mtime=0), NAME),
        (_zipped(NAME), NAME),
        (b"%PDF-1.7\nstream\n" + zlib.compress(NAME.encode()) + b"\nendstream", NAME),
        (KANA.encode(), KANA),
        ("ｼﾙｼｱｶｻﾀﾅﾊｲｷ".encode(), KANA),
        ("しるしあかさたなはいき".encode(), KANA),
        (b"tel:701-2345-6789", PHONE),
        ("７０１２３４５６７８９".encode(), PHONE),
        (b"x=170123456789", PHONE),
        (b"06-7123-4567-8901-2345-6700", SPIN),
        (b"412,345,678.0", USAGE),
        (b"412345678", USAGE),
        (b"<p>\n<b>x</b>701234\n56789\n</p>", PHONE),
        (b"x\n  <td>70123456789</td>\n", PHONE),
    ],
)
def test_found(body: bytes, text: str) -> None:
    assert _found(body) == {text}


@pytest.mark.parametrize(
    "body", [b"", b"1412345678", b"41234567", "柊椿楓榛樒槐".encode(), b"PK\x03\x04broken", b"\x1f\x8bbroken"]
)
def test_not_found(body: bytes) -> None:
    assert _found(body) == set()
