"""Pieces of a page."""

from collections.abc import Iterable, Sequence
from typing import Final

MADE: Final = "このページは、プログラム自身の登録簿から作られます（`make docs`）。手では直しません。"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars and line ends in cells are escaped."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def page(title: str, *parts: str) -> str:
    """Title, parts with an empty line between them, one line end."""
    return "\n\n".join([f"# {title}", MADE, *(part.strip("\n") for part in parts if part)]) + "\n"


def code(text: str) -> str:
    """As code, nothing for nothing."""
    return f"`{text}`" if text else ""


def listed(texts: Iterable[str]) -> str:
    """In one cell."""
    return "、".join(texts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>").strip()
