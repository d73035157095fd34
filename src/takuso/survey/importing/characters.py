"""Bytes to text, strictly: a byte that is no character is refused, never replaced."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from takuso.kernel import cp932
from takuso.survey.importing.mapping import Charset
from takuso.survey.importing.rejects import NotTaken

_EUC: Final = re.compile(
    rb"(?P<ascii>[\x00-\x7f]+)|\x8e(?P<half>[\xa1-\xdf])|\x8f[\xa1-\xfe]{2}|(?P<two>[\xa1-\xfe]{2})"
)
_NAMES: Final = {"utf-8": "UTF-8", "cp932": "CP932（Shift_JIS）", "euc-jp": "EUC-JP"}


def decode(raw: bytes, charset: Charset) -> str:
    """The text. Raises NotTaken."""
    try:
        if raw.isascii():
            return raw.decode("ascii")
        return _DECODERS[charset](raw)
    except ValueError:
        raise NotTaken(f"{_NAMES[charset]} の文字ではないバイトがあります。") from None


def from_euc(raw: bytes) -> str:
    """EUC-JP with the characters that Windows has (Ⅱ, ①, 髙), as CP51932 and eucJP-ms have them. Raises ValueError.

    Rows and cells are those of CP932, so its table is used; characters of three bytes (JIS X 0212) are read by
    Python's codec. Source: https://www.w3.org/TR/encoding/#euc-jp-decoder
    """
    parts: list[str] = []
    at = 0
    while at < len(raw):
        found = _EUC.match(raw, at)
        if found is None:
            raise ValueError(at)
        whole = found[0]
        if found["two"]:
            parts.append(cp932.decode(_shifted(whole[0] - 0xA0, whole[1] - 0xA0)))
        elif found["half"]:
            parts.append(found["half"].decode("cp932"))
        else:
            parts.append(whole.decode("euc_jp"))
        at = found.end()
    return "".join(parts)


def _shifted(row: int, cell: int) -> bytes:
    """Row and cell of JIS X 0208 (from 1) in the place that CP932 gives them."""
    lead = (row - 1) // 2 + (0x81 if row <= 62 else 0xC1)
    if row % 2 == 0:
        return bytes((lead, cell + 0x9E))
    return bytes((lead, cell + (0x3F if cell <= 63 else 0x40)))


_DECODERS: Final[Mapping[Charset, Callable[[bytes], str]]] = {
    "utf-8": lambda raw: raw.decode("utf-8"),
    "cp932": cp932.decode,
    "euc-jp": from_euc,
}
