"""What stands under `.takuso/` of a source: files named by what they were made from, and a manifest written last.

A file is never changed once it has its name. The manifest names every file of the form with its SHA-256, every file
of the source that the form was made from, and ends in a root hash over all of it.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from takuso.survey.source import FAST_FORM

VERSION: Final = f"2 duckdb-{duckdb.__version__.split('.')[0]}"
"""Version of the form; another one is rebuilt."""
MANIFEST: Final = "manifest.json"
PROGRESS: Final = "progress.json"
LOCK: Final = "lock"
SIDE_BY_SIDE: Final = 2
"""So many days or files are worked on at a time, each in a thread of its own."""
_CHUNK: Final = 1 << 22


class NoForm(Exception):
    """There is no form, or it cannot be used: the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of the form: path under `.takuso/`, SHA-256, size in bytes. `key` is a hash of what it was made from."""

    file: str
    sha256: str
    bytes: int
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A file of the source as it was read; size and time only save hashing what has not been touched."""

    sha256: str
    bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day: its records by screen; `raw` is a hash of its files, `lineage` of those and of all days before.

    `sessions` holds the last screen of each session of the day.
    """

    rows: Part
    sessions: Part
    raw: str
    lineage: str
    records: int
    screens: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole form.

    `supply`, `known` and `offsets` are the as-of index, `longest` is the most supply rows that one point has in it;
    `known_points` counts the codes of points.
    """

    source: Mapping[str, Read] = field(default_factory=dict)
    words: Part | None = None
    customers: tuple[Part, ...] = ()
    known_points: int = 0
    supply: Part | None = None
    known: Part | None = None
    offsets: Part | None = None
    longest: int = 0
    days: Mapping[date, Day] = field(default_factory=dict)

    def parts(self) -> Iterator[Part]:
        """Every file of the form."""
        yield from (part for part in (self.words, self.supply, self.known, self.offsets) if part is not None)
        yield from self.customers
        for day in self.days.values():
            yield from (day.rows, day.sessions)

    def root(self) -> str:
        """SHA-256 over everything but the times of files."""
        return hashlib.sha256(json.dumps(self._document(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def _document(self) -> dict[str, Any]:
        document = asdict(self) | {"days": {str(day): asdict(entry) for day, entry in self.days.items()}}
        document["source"] = {name: [read.sha256, read.bytes] for name, read in self.source.items()}
        return {"form": VERSION} | document

    def text(self) -> str:
        """The manifest as a file."""
        times = {name: read.mtime_ns for name, read in self.source.items()}
        document = self._document() | {"root": self.root(), "times": times}
        return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def place(source: Path) -> Path:
    """Where the form of a source stands."""
    return source / FAST_FORM


def read_manifest(folder: Path, name: str = MANIFEST) -> Manifest:
    """The manifest of a form. Raises NoForm."""
    file = folder / name
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoForm("") from None
    except (OSError, ValueError) as error:
        raise NoForm(f"{FAST_FORM}/{name}: 読めません（{error}）。") from None
    try:
        if document["form"] != VERSION:
            raise NoForm(f"{FAST_FORM}/{name}: 形の版が違います（{document['form']}、今は {VERSION}）。")
        manifest = _manifest(document)
        if manifest.root() != document["root"]:
            raise NoForm(f"{FAST_FORM}/{name}: 書き換えられています（root が合いません）。")
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NoForm(f"{FAST_FORM}/{name}: 項目が足りないか、形が違います。") from None
    return manifest


def _manifest(document: Mapping[str, Any]) -> Manifest:
    days = {}
    for day, entry in sorted(document["days"].items()):
        parts = {name: Part(**entry[name]) for name in ("rows", "sessions")}
        days[date.fromisoformat(day)] = Day(**{**entry, **parts})
    return Manifest(
        source={
            name: Read(sha256=sha256, bytes=size, mtime_ns=document["times"][name])
            for name, (sha256, size) in document["source"].items()
        },
        customers=tuple(Part(**part) for part in document["customers"]),
        **{
            name: Part(**document[name]) if document[name] else None for name in ("words", "supply", "known", "offsets")
        },
        known_points=document["known_points"],
        longest=document["longest"],
        days=days,
    )


def sha256_of(file: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    whole = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            whole.update(chunk)
    return whole.hexdigest()


def key_of(*made_from: Any) -> str:
    """A hash of what something is made from."""
    return hashlib.sha256(json.dumps(made_from, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def settle(folder: Path, draft: Path, name: str, key: str = "") -> Part:
    """Give a finished file its name, so that it is there whole or not at all. Raises OSError."""
    with draft.open("rb+") as stream:
        os.fsync(stream.fileno())
    part = Part(file=name, sha256=sha256_of(draft), bytes=draft.stat().st_size, key=key)
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.replace(target)
    _sync(target.parent)
    return part


def write_text(folder: Path, name: str, text: str) -> None:
    """Replace a file at once. Raises OSError."""
    draft = folder / f"{name}.draft"
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(folder / name)
    _sync(folder)


def _sync(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(here)
    finally:
        os.close(here)


def damaged(folder: Path, part: Part) -> bool:
    """True if a file of the form is not there, or not as it was written."""
    file = folder / part.file
    try:
        return file.stat().st_size != part.bytes or sha256_of(file) != part.sha256
    except OSError:
        return True


def all_damaged(folder: Path, parts: Iterable[Part]) -> list[str]:
    """The files of the form that are not there, or not as they were written."""
    named = list(parts)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        found = list(pool.map(lambda part: damaged(folder, part), named))
    return [part.file for part, harmed in zip(named, found, strict=True) if harmed]
