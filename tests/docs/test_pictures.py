"""Every picture that a page uses is there, every one that is there is used, and someone knows how to remake it."""

import struct

from tools.pictures import LARGEST, PICTURES, SIZE

from tests.docs.markdown import DOCS, PAGES, links, read

FOLDER = DOCS / "pictures"


def _used() -> set[str]:
    found = {(page.parent / link).resolve() for page in PAGES for link in links(read(page)) if link.endswith(".png")}
    return {file.name for file in found if file.parent == FOLDER}


def test_pictures_are_used_and_there() -> None:
    there = {file.name for file in FOLDER.iterdir()}
    assert there == _used() == {f"{picture.name}.png" for picture in PICTURES}


def test_pictures_are_small_and_of_the_size_of_a_screen() -> None:
    for file in FOLDER.glob("*.png"):
        raw = file.read_bytes()
        assert len(raw) <= LARGEST, file.name
        assert raw[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", raw[16:24]) == (SIZE["width"], SIZE["height"]), file.name
