"""Every byte that leaves: is there a marker in it, in whatever dress.

Undone before looking: percent and HTML escapes, JSON's and Python's escapes, widths and kana forms (NFKC, hiragana,
half width), gzip and zip (xlsx), deflated streams of a PDF, grouping of digits.
"""

import gzip
import html
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import unquote_plus

from takuso.proof.canary import Mark, Marks
from takuso.proof.signs import HAN, KANA_SIGN

_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_NARROW: Final = re.compile("[\uff01-\uff9f\u3041-\u3096]")
_GROUPS: Final = (re.compile(r"(?<=\d)[,\s\u3000_-](?=\d)"), re.compile(r"(?<=\d)[,\s\u3000_./-](?=\d)"))
_RUNS: Final = re.compile(r"\d{7,}")
# What every number is at the least, grouped or not: most lines have none and are not searched for any.
_ANY_RUN: Final = re.compile(r"\d(?:[,\s\u3000_./-]?\d){6}")
_WORDS: Final = re.compile(f"[{HAN}]{{7,}}|{KANA_SIGN}[ァ-ヴ]{{8}}")
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_HIRAGANA: Final = {code: code + 0x60 for code in range(0x3041, 0x3097)}
# Where no number goes on: it goes on after one line break, but not into a margin, a tag, or an object.
_LINES: Final = re.compile(r"\n(?=[\s<{])")
_LONG_LINE, _KNOWN = 2_000, 200_000
_LARGEST: Final = 50_000_000
# Shorter numbers stand inside longer ones by chance: they count only as whole runs of digits.
_LONG_NUMBER: Final = 11


class Scanner:
    """Looks for these markers. What most pages have in common, line for line, is looked through once."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._lengths = {len(mark) for mark in marks if len(mark) >= _LONG_NUMBER}
        self._known: dict[str, frozenset[str]] = {}

    def leaked(self, body: bytes) -> Iterator[tuple[str, Mark]]:
        """(marker, whose) for every marker found in these bytes."""
        found = frozenset[str]().union(*(self._line(line) for text in _plain(body) for line in _LINES.split(text)))
        yield from ((text, mark) for text in sorted(found) for mark in self._marks[text])

    def _line(self, line: str) -> frozenset[str]:
        found = self._known.get(line)
        if found is None:
            found = frozenset(self._in(line))
            if len(line) <= _LONG_LINE and len(self._known) < _KNOWN:
                self._known[line] = found
        return found

    def _in(self, line: str) -> Iterator[str]:
        for text in _undressed(line):
            yield from (word for word in _words(text) if word in self._marks)
            yield from (number for number in _numbers(text, self._lengths) if number in self._marks)


def leaked(body: bytes, marks: Marks) -> Iterator[tuple[str, Mark]]:
    """(marker, whose) for every marker found in these bytes."""
    return Scanner(marks).leaked(body)


def _words(text: str) -> Iterator[str]:
    for run in _WORDS.findall(text):
        if run.startswith(KANA_SIGN):
            yield run
        else:
            yield from (run[start : start + 7] for start in range(len(run) - 6))


def _numbers(text: str, lengths: Collection[int]) -> Iterator[str]:
    if not _ANY_RUN.search(text):
        return
    for groups in _GROUPS:
        for run in _RUNS.findall(groups.sub("", text)):
            yield run
            if len(run) > _LONG_NUMBER:
                yield from _inside(run, lengths)
    yield from _RUNS.findall(text)


def _inside(run: str, lengths: Collection[int]) -> Iterator[str]:
    for length in lengths:
        yield from (run[start : start + length] for start in range(len(run) - length + 1))


def _plain(body: bytes) -> Iterator[str]:
    """The bytes as text; what is packed in them likewise."""
    for part in (body, *_unpacked(body)):
        try:
            yield part.decode()
        except UnicodeDecodeError:
            yield part.decode("utf-8", "ignore")
            yield part.decode("cp932", "ignore")


def _undressed(text: str) -> Iterator[str]:
    yield text
    plain = text
    if "\\" in plain:
        plain = _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), plain)
    if "%" in plain:
        plain = unquote_plus(plain)
    if "&#" in plain:
        plain = html.unescape(plain)
    if plain != text:
        yield plain
    if _NARROW.search(plain):
        yield unicodedata.normalize("NFKC", plain).translate(_HIRAGANA)


def _unpacked(body: bytes) -> Iterator[bytes]:
    if body.startswith(b"\x1f\x8b"):
        try:
            yield gzip.decompress(body)[:_LARGEST]
        except (OSError, EOFError, zlib.error):
            return
    elif body.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                for entry in archive.infolist():
                    yield entry.filename.encode() + b"\n" + archive.read(entry)[:_LARGEST]
        except (zipfile.BadZipFile, RuntimeError):
            return
    elif body.startswith(b"%PDF"):
        for stream in _STREAM.findall(body):
            try:
                yield zlib.decompress(stream)
            except zlib.error:
                yield stream
