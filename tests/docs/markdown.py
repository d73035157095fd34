"""Reading the pages of the repository: links, anchors, fenced blocks."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"
READMES = (ROOT / "README.md", ROOT / "README.en.md")
PAGES = (*READMES, *sorted(DOCS.rglob("*.md")))
_FENCE = re.compile(r"^ {0,3}```(.*?)\n(.*?)^ {0,3}```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what stands behind the fence, and its lines."""

    info: str
    text: str


def name(page: Path) -> str:
    """Of a page, from the root of the repository."""
    return str(page.relative_to(ROOT))


def read(page: Path) -> str:
    """The page's text."""
    return page.read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """Fenced blocks, those in lists without their indent."""
    return [Block(info=found[1].strip(), text=_level(found[2])) for found in _FENCE.finditer(text)]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^ {0,3}```.*?^ {0,3}```", "", text, flags=re.MULTILINE | re.DOTALL)


def inline(text: str) -> list[str]:
    """What stands in `…` outside of fenced blocks."""
    return [found.replace("\\|", "|") for found in _INLINE.findall(prose(text))]


def links(text: str) -> list[str]:
    """Targets of links and pictures outside of fenced blocks and `…`."""
    return _LINK.findall(_INLINE.sub("", prose(text)).replace("![", "["))


def anchors(text: str) -> set[str]:
    """The fragments by which headings are reached, as GitHub makes them."""
    heads = re.findall(r"^#{1,6} (.+)$", prose(text), re.MULTILINE)
    return {slug(head) for head in heads}


def slug(head: str) -> str:
    """A heading's fragment: lower case, no punctuation, hyphens for spaces."""
    kept = (sign for sign in head.strip().lower() if sign in " -_" or unicodedata.category(sign)[0] in "LNM")
    return "".join(kept).replace(" ", "-")


def shell_lines(text: str) -> Iterator[str]:
    """Commands of the shell blocks, continued lines joined, without prompt."""
    for block in blocks(text):
        if block.info.split(" ")[0] in ("sh", "console", "bash"):
            for line in block.text.replace("\\\n", " ").splitlines():
                if line.strip():
                    yield line.strip().removeprefix("$ ")


def _level(text: str) -> str:
    lines = text.splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines)
