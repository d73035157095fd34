"""Older answers: before another answer takes its place, the one that stands there is kept beside it as `NAME.1`, …"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from takuso.survey.figures import EVIDENCE, FINDINGS, INPUTS, SUMMARY
from takuso.survey.result import CouldNotWrite

_TELLING: Final = (SUMMARY, FINDINGS, INPUTS, EVIDENCE)
"""The files that make an answer what it is; reports are drawn from these."""


def keep_former(out: Path, named: Mapping[str, bytes]) -> Path | None:
    """Copy the answer that stands at `out` to the next free `out.N`, unless it says the same as the new one.

    The copy appears whole or not at all, and whoever is killed afterwards has lost nothing. Returns where it is, as
    a path without links, None if there was nothing to keep. Raises CouldNotWrite.
    """
    here = out.resolve()
    try:
        if not (here / SUMMARY).is_file() or _same(here, named):
            return None
        return _made(here)
    except OSError as error:
        raise CouldNotWrite(
            f"前の結果を {out} の隣に残せません（{error.strerror}）。新しい結果も書いていません。\n"
            "対処: 空きを作るか、書けるフォルダーを --out に指定して、もう一度実行する。"
        ) from error


def versions(out: Path) -> list[Path]:
    """The older answers beside a folder, the oldest first. Raises OSError."""
    return [child for _, child in _numbered(out.resolve()) if child.is_dir()]


def _numbered(here: Path) -> list[tuple[int, Path]]:
    """Whatever has the name of a version, by number: also files and links, whose names are taken."""
    name = re.compile(re.escape(here.name) + r"\.([0-9]+)")
    found = ((name.fullmatch(child.name), child) for child in here.parent.iterdir())
    return sorted((int(match[1]), child) for match, child in found if match)


def _made(here: Path) -> Path:
    making = here.parent / f".{here.name}.takuso-{os.getpid()}-kept"
    former = versions(here)
    if former and _alike(former[-1], here):
        return former[-1]
    try:
        shutil.rmtree(making, ignore_errors=True)
        shutil.copytree(here, making)
        number = max((number for number, _ in _numbered(here)), default=0) + 1
        kept = here.with_name(f"{here.name}.{number}")
        making.rename(kept)
        return kept
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _same(here: Path, named: Mapping[str, bytes]) -> bool:
    return all(
        _timeless(name, (here / name).read_bytes()) == _timeless(name, named[name])
        for name in _TELLING
        if (here / name).is_file()
    )


def _alike(one: Path, other: Path) -> bool:
    """True if a copy is of this very answer: a run was killed after it had made it."""
    names = {child.name for child in other.iterdir()}
    return {child.name for child in one.iterdir()} == names and all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in names
    )


def _timeless(name: str, content: bytes) -> bytes:
    """Without `seconds`, the one figure that no rerun repeats."""
    if name != SUMMARY:
        return content
    try:
        document = json.loads(content)
        return json.dumps({**document, "seconds": 0}).encode()
    except (ValueError, TypeError):
        return content
