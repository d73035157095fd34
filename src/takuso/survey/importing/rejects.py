"""Lines that were not taken over: where, by which rule, and the shape of the value, never the value itself."""

import csv
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

_HEADINGS: Final = ("表", "ファイル", "行", "行数", "列", "規則", "値の形")
_MODE: Final = 0o600
_LONGEST: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A record that breaks a rule: its first line (from 1) and how many it has; column "" is the whole record."""

    line: int
    lines: int = 1
    column: str = ""
    rule: str
    shape: str = ""


class NotTaken(ValueError):
    """A value that breaks a rule."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def shape(text: str) -> str:
    """The shape of a text: digits as 9, Latin letters as A, kana as ア, kanji as 漢, each with its count."""
    parts = []
    for sign, run in groupby(map(_kind, text)):
        count = len(list(run))
        parts.append(sign if count == 1 else f"{sign}×{count}")
    return " ".join(parts[:_LONGEST]) + (" …" if len(parts) > _LONGEST else "")


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "9"
    name = unicodedata.name(sign, "")
    for word, kind in (("CJK", "漢"), ("KATAKANA", "ア"), ("HIRAGANA", "ア"), ("LATIN", "A")):
        if word in name:
            return kind
    return "字" if sign.isalpha() else ("空" if sign.isspace() else sign)


class AlreadyThere(Exception):
    """The place of what is to be written is taken."""


class RejectFile:
    """A CSV of rejects (UTF-8 with BOM), readable by its owner alone; made when the first one comes."""

    def __init__(self, path: Path) -> None:
        """Rejects of an earlier import go. Raises AlreadyThere for any other file."""
        start = b"\xef\xbb\xbf" + _line(_HEADINGS)
        if path.exists():
            with path.open("rb") as found:
                if found.read(len(start)) != start:
                    raise AlreadyThere(f"{path} はもうあります。\n対処: 別のファイルを --rejects に指定する。")
            path.unlink()
        self.path = path
        self.written = 0
        self._stream: int | None = None

    def add(self, table: str, file: str, rejects: Iterable[Reject]) -> None:
        """Append."""
        for reject in rejects:
            if self._stream is None:
                self._stream = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
                os.fchmod(self._stream, _MODE)
                os.write(self._stream, b"\xef\xbb\xbf" + _line(_HEADINGS))
            row = (table, file, reject.line, reject.lines, reject.column, reject.rule, reject.shape)
            _all(self._stream, _line(row))
            self.written += 1

    def close(self) -> None:
        """No more come."""
        if self._stream is not None:
            os.fsync(self._stream)
            os.close(self._stream)
            self._stream = None


def _all(stream: int, content: bytes) -> None:
    while content:
        content = content[os.write(stream, content) :]


def _line(row: Iterable[object]) -> bytes:
    class _Kept:
        text = ""

        def write(self, text: str) -> None:
            self.text += text

    kept = _Kept()
    csv.writer(kept).writerow(row)
    return kept.text.encode()
