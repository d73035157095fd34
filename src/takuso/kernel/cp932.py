"""CP932 (Windows-31J): there and back without a lost character, and never a `?` in place of one.

What `encode` writes reads back as the same text. Characters with two codes (NEC row 13, NEC selected and IBM
extensions) are read from each and written as Windows writes them: 髙 as 0xFBFC, not 0xEEE0. 外字 (0xF040 to
0xF9FC) pass as private characters U+E000 to U+E757; what they look like only their owner knows.
Source: Microsoft Knowledge Base Q170559 (0x879C is written as 0x81BE, 0xED40 as 0xFA5C), in
http://www.unicode.org/mail-arch/unicode-ml/Archives-Old/UML013/0014.html
"""

import re
from dataclasses import dataclass
from typing import Final

from takuso.kernel.malformed import Malformed

SUBSTITUTES: Final = {
    "\u301c": "\uff5e",  # wave dash
    "\u2212": "\uff0d",  # minus sign
    "\u2014": "\u2015",  # em dash
    "\u2016": "\u2225",  # double vertical line
    "\u00a2": "\uffe0",  # cent sign
    "\u00a3": "\uffe1",  # pound sign
    "\u00ac": "\uffe2",  # not sign
    "\u00a5": "\uffe5",  # yen sign; 0x5C would read back as a backslash
    "\u203e": "\uffe3",  # overline
    "\u00a6": "\uffe4",  # broken bar
    "\u00a0": " ",  # no-break space
}
"""Characters of JIS's mapping (and of other systems) to the ones that stand for the same sign in CP932."""

# Python's codec passes these on, though CP932 has no character there.
_NO_CHARACTER = "\x80\uf8f0\uf8f1\uf8f2\uf8f3"
_HOW = "別の文字に直すか、UTF-8(BOM付き)で出力してください。"


class CannotDecode(Malformed):
    """Bytes that are not CP932. `offset` counts bytes from 0, `line` and `column` (in bytes) from 1."""

    def __init__(self, field: str, rule: str, advice: str, offset: int = 0, line: int = 0, column: int = 0) -> None:
        super().__init__(field, rule, advice)
        self.offset, self.line, self.column = offset, line, column


class CannotEncode(Malformed):
    """A text with characters that CP932 does not hold; `found` lists them all, in order."""

    def __init__(self, field: str, rule: str, advice: str, found: "tuple[Unencodable, ...]" = ()) -> None:
        super().__init__(field, rule, advice)
        self.found = found


@dataclass(frozen=True, slots=True, kw_only=True)
class Unencodable:
    """One character that CP932 does not hold: index from 0, line and column from 1, and what can stand in."""

    index: int
    line: int
    column: int
    character: str
    substitute: str | None


def _twice_coded() -> dict[str, bytes]:
    """Characters of the NEC selected extensions (0xED, 0xEE) with the IBM code that Windows writes."""
    ibm = [bytes((lead, trail)) for lead in (0xFA, 0xFB, 0xFC) for trail in range(0x40, 0xFD) if trail != 0x7F]
    pairs = {code.decode("cp932", errors="ignore"): code for code in ibm}
    return {sign: code for sign, code in pairs.items() if sign and sign.encode("cp932")[0] in (0xED, 0xEE)}


_WINDOWS_CODES = _twice_coded()
_TWICE_CODED = re.compile(f"([{''.join(_WINDOWS_CODES)}])")
_REFUSED = re.compile(f"[{''.join(SUBSTITUTES)}{_NO_CHARACTER}]")
_UNASSIGNED = re.compile(f"[{_NO_CHARACTER}]")


def encode(text: str) -> bytes:
    """The text in CP932, such that `decode` gives it back; raises CannotEncode, which lists the rest.

    Characters of SUBSTITUTES do not fit as they are: call `substitute` first where their twin will do.
    """
    try:
        if not _REFUSED.search(text):
            parts = _TWICE_CODED.split(text)
            return b"".join(_WINDOWS_CODES.get(part) or part.encode("cp932") for part in parts)
    except UnicodeEncodeError:
        pass
    found = find_unencodable(text)
    first = found[0]
    twin = f"「{first.substitute}」に置き換えるか、" if first.substitute else ""
    raise CannotEncode(
        "CP932の出力",
        f"{first.line}行目{first.column}文字目の「{_shown(first.character)}」(U+{ord(first.character):04X})は"
        f"CP932で表せません(表せない文字は全部で{len(found)}個)。",
        twin + _HOW,
        found,
    )


def decode(raw: bytes) -> str:
    """The text of CP932 bytes; raises CannotDecode with the place of the first byte that is none."""
    try:
        text, misfit = raw.decode("cp932"), None
    except UnicodeDecodeError as error:
        text, misfit = raw[: error.start].decode("cp932"), (error.start, error.end)
    unassigned = _UNASSIGNED.search(text)
    if unassigned:
        offset = sum(map(_width, text[: unassigned.start()]))
        misfit = (offset, offset + 1)
    if misfit:
        raise _cannot_decode(raw, *misfit)
    return text


def substitute(text: str) -> str:
    """The text with the characters of SUBSTITUTES replaced by their CP932 twins; the rest stays."""
    return text.translate(_SUBSTITUTED)


def find_unencodable(text: str) -> tuple[Unencodable, ...]:
    """Every character that CP932 does not hold, in order, to be listed before a file is written."""
    found: list[Unencodable] = []
    line, line_start = 1, 0
    for index, character in enumerate(text):
        if not _holds(character):
            found.append(
                Unencodable(
                    index=index,
                    line=line,
                    column=index - line_start + 1,
                    character=character,
                    substitute=SUBSTITUTES.get(character),
                )
            )
        if character == "\n":
            line, line_start = line + 1, index + 1
    return tuple(found)


_SUBSTITUTED = str.maketrans(SUBSTITUTES)


def _holds(character: str) -> bool:
    if character in SUBSTITUTES or character in _NO_CHARACTER:
        return False
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _width(character: str) -> int:
    return 1 if character.isascii() or "\uff61" <= character <= "\uff9f" or character in _NO_CHARACTER else 2


def _cannot_decode(raw: bytes, start: int, end: int) -> CannotDecode:
    line = raw.count(b"\n", 0, start) + 1
    column = start - (raw.rfind(b"\n", 0, start) + 1) + 1
    return CannotDecode(
        "CP932の入力",
        f"{line}行目{column}バイト目(先頭から{start + 1}バイト目)の 0x{raw[start:end].hex().upper()} は"
        "CP932の文字ではありません。",
        "ファイルの文字コードと、その行が途中で切れていないかを確認してください。",
        start,
        line,
        column,
    )


def _shown(character: str) -> str:
    return character if character.isprintable() else "表示できない文字"
