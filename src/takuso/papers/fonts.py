"""The Japanese font of PDF papers: a file that is installed with the program, the same on every machine.

A font of the machine would make other bytes there, and a machine without one would print empty boxes (豆腐).
"""

import struct
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

FAMILY: Final = "Noto Sans CJK JP"
PACKAGE: Final = "noto_cjk_sans_jp_regular"
"""Of the package noto-cjk-sans-jp-regular, SIL Open Font License 1.1; its version is fixed in uv.lock with its hash."""
FILE: Final = "NotoSansCJKjp-Regular.otf"
_WIDE_CMAP: Final = 12


class NoFont(Exception):
    """The font is not installed."""


def japanese_font() -> Path:
    """The font file. Raises NoFont."""
    found = find_spec(PACKAGE)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / FILE).is_file():
            return Path(place) / FILE
    raise NoFont(
        f"PDF に使う日本語フォント（{FILE}）がありません。\n"
        "対処: make run か make test で入れ直す（パッケージ noto-cjk-sans-jp-regular）。"
        "PDF なしでよければ --paper html --paper xlsx を付ける。"
    )


def printable(text: str) -> str:
    """The text with each character that the font cannot show as its code, `[U+E000]`. Raises NoFont."""
    known = _characters(japanese_font())
    return "".join(one if one in "\n\t" or ord(one) in known else f"[U+{ord(one):04X}]" for one in text)


@cache
def _characters(font: Path) -> frozenset[int]:
    """Code points of the font, from its widest character map (OpenType `cmap`, format 12)."""
    content = font.read_bytes()
    (tables,) = struct.unpack_from(">4xH", content)
    records = (struct.unpack_from(">4s4xII", content, 12 + 16 * number) for number in range(tables))
    (start,) = (offset for tag, offset, _ in records if tag == b"cmap")
    return frozenset(code for first, last in _groups(content, start) for code in range(first, last + 1))


def _groups(content: bytes, cmap: int) -> Iterator[tuple[int, int]]:
    (maps,) = struct.unpack_from(">2xH", content, cmap)
    for number in range(maps):
        (offset,) = struct.unpack_from(">4xI", content, cmap + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", content, cmap + offset)
        if form == _WIDE_CMAP:
            (groups,) = struct.unpack_from(">12xI", content, cmap + offset)
            for group in range(groups):
                first, last, _ = struct.unpack_from(">III", content, cmap + offset + 16 + 12 * group)
                yield first, last
