"""`takuso log archive`: from a source to its fast form, day by day, whole or not at all.

A builder holds a lock. It keeps what is still right, tells after each day how far it has come (progress.json), so
that a killed one is taken up where it stood, and replaces the manifest last; until then the former form stays.
"""

import errno
import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from takuso.survey.archive import days, supply
from takuso.survey.archive import form as f
from takuso.survey.archive.engine import Engine, builders_engine
from takuso.survey.archive.people import People, read_people
from takuso.survey.archive.reads import differing, read_source
from takuso.survey.archive.words import NONE, Codes, Words, grow
from takuso.survey.checks import check_people, check_supply, first_unreadable
from takuso.survey.footers import check_log, check_tables
from takuso.survey.source import FAST_FORM, Source, open_source

Said = Callable[[str], None]
_PEOPLE: Final = "people.parquet"
_SUPPLY: Final = "supply.parquet"
BATCH: Final = 10_000_000
"""So many records are in memory at a time, unless a single day has more."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Busy(Exception):
    """Another builder is at work on this source."""


class CouldNotArchive(Exception):
    """The form could not be written; the former one still stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a builder did: days made anew and kept, all in days and records, bytes of the form."""

    manifest: f.Manifest
    built: tuple[date, ...]
    kept: int
    seconds: float

    def document(self, folder: Path) -> dict[str, Any]:
        """For `--json`."""
        return {
            "source": str(folder),
            "form": f.VERSION,
            "days": len(self.manifest.days),
            "records": sum(day.records for day in self.manifest.days.values()),
            "built": [str(day) for day in self.built],
            "kept": self.kept,
            "bytes": sum(part.bytes for part in self.manifest.parts()),
            "root": self.manifest.root(),
            "seconds": round(self.seconds, 3),
        }


def archive(folder: Path, said: Said) -> Built:
    """Write or mend the form. Raises NoSuchSource, SourceFault, Busy, CouldNotArchive."""
    source = open_source(folder)
    began = time.perf_counter()
    here = f.place(folder)
    try:
        with _lock(here):
            builder = _Builder(source, here, said)
            built = builder.build()
            return Built(manifest=builder.manifest, built=built, kept=builder.kept, seconds=time.perf_counter() - began)
    except (duckdb.Error, pa.ArrowException) as error:
        raise _why(source, error) from error
    except OSError as error:
        if error.errno is None:
            # So pyarrow says that it cannot read on.
            raise _why(source, error) from error
        cure = "空きを作って" if error.errno in _FULL else "書ける場所か確かめて"
        raise CouldNotArchive(_message(folder, error.strerror or str(error), cure)) from error


def _why(source: Source, error: Exception) -> Exception:
    why = str(error).splitlines()[0] if str(error) else type(error).__name__
    cure = "空きメモリーと空き容量を確かめて"
    return first_unreadable(source) or CouldNotArchive(_message(source.folder, why, cure))


def _message(folder: Path, why: str, cure: str) -> str:
    where = folder / FAST_FORM
    return f"速い形を {where} に書けません（{why}）。前の形は元のままです。\n対処: {cure}、もう一度実行する。"


@contextmanager
def _lock(here: Path) -> Iterator[None]:
    here.mkdir(exist_ok=True)
    with (here / f.LOCK).open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                f"{here.parent} の速い形は、いまほかの takuso log archive が作っています。\n"
                "対処: それが終わってから、もう一度実行する。"
            ) from None
        yield


class _Builder:
    """One run, under the lock. `manifest` is what is right so far."""

    def __init__(self, source: Source, here: Path, said: Said) -> None:
        self._source, self._here, self._said = source, here, said
        self._draft = here / "draft"
        self.kept = 0
        # Every byte is hashed: a size and a time would let an old hash stand for new bytes.
        self._reads = read_source(source, {})
        self.manifest = replace(_sound(here, said), source=self._reads)
        self._words = _words(here, self.manifest)

    def build(self) -> tuple[date, ...]:
        """Make what is missing or stale; the days that were made."""
        _clear(self._draft)
        try:
            with builders_engine() as engine:
                people = read_people(engine.connection, self._source)
                self._check(engine)
                wanted = self._wanted(people)
                self._index(engine)
                self._sessions(engine, wanted)
                done = 0
                for some in self._batches(wanted):
                    for number, day in enumerate(some, start=done + 1):
                        self._said(f"{day} を速い形にしています（{number}/{len(wanted)}）")
                    self._days(engine, some, people)
                    done += len(some)
            self._words.organisations = people.organisations()
            self._finish()
        finally:
            _clear(self._draft, leave=False)
        return tuple(wanted)

    def _check(self, engine: Engine) -> None:
        """All that a survey would check, once for these files."""
        self._said("記録と台帳を検査しています")
        files = [file for day in self._source.days.values() for file in day]
        check_log(self._source, files)
        check_tables(self._source)
        check_people(engine.connection, self._source)
        if self.manifest.supply is None or self.manifest.supply.key != self._reads[_SUPPLY].sha256:
            check_supply(engine.connection, self._source)

    def _wanted(self, people: People) -> list[date]:
        """Days that are missing or stale; days of the manifest that are not to be kept are dropped from it."""
        kept: dict[date, f.Day] = {}
        wanted: list[date] = []
        lineage = ""
        self._keys: dict[date, tuple[str, str, str]] = {}
        for day, files in self._source.days.items():
            if not files:
                continue
            raw = f.key_of([[self._source.place(file), self._reads[self._source.place(file)].sha256] for file in files])
            lineage = f.key_of(lineage, str(day), raw)
            self._keys[day] = (raw, lineage, f.key_of(f.VERSION, lineage, people.key(days.number(day))))
            entry = self.manifest.days.get(day)
            if entry is not None and entry.rows.key == self._keys[day][2]:
                kept[day] = entry
            else:
                wanted.append(day)
        self.kept = len(kept)
        self._former_sessions = {entry.raw: entry.sessions for entry in self.manifest.days.values()}
        self.manifest = replace(self.manifest, days=kept)
        return wanted

    def _index(self, engine: Engine) -> None:
        """The as-of index, if supply.parquet is another one."""
        key = self._reads[_SUPPLY].sha256
        if self.manifest.supply is not None and self.manifest.supply.key == key:
            return
        self._said("供給者の履歴の索引を作っています")
        more = supply.write_customers(engine, self._files(), self.manifest.known_points, self._draft / "customers")
        self._new_customers(more)
        ((retailers),) = engine.ask("archive_holders", self._files())
        self._words.holders = [retailer for (retailer,) in retailers]
        codes = grow(self._words.retailers, self._words.holders)
        longest = supply.write_index(engine, self._files(), codes, self.manifest.known_points, self._draft)
        self._must_be_as_hashed([self._source.supply])
        rows, known, offsets = (
            f.settle(self._here, self._draft / name, f"supply/{key[:16]}.{name}", key) for name in supply.FILES
        )
        self.manifest = replace(self.manifest, supply=rows, known=known, offsets=offsets, longest=longest)
        self._keep_progress()

    def _new_customers(self, more: int) -> None:
        """Take in the draft of so many points that had no code; the first file is there even if it is empty."""
        if not more and self.manifest.customers:
            return
        known, draft = self.manifest.known_points, self._draft / "customers"
        part = f.settle(self._here, draft, f"customers/{known:010d}-{f.sha256_of(draft)[:16]}.parquet")
        self.manifest = replace(self.manifest, customers=(*self.manifest.customers, part), known_points=known + more)

    def _sessions(self, engine: Engine, wanted: list[date]) -> None:
        """The last screens of the sessions of each day, and which sessions go on over days."""
        self._session_parts: dict[date, f.Part] = {day: entry.sessions for day, entry in self.manifest.days.items()}
        asked = [day for day in wanted if self._keys[day][0] not in self._former_sessions]
        if asked:
            self._said(f"{asked[0]} から {asked[-1]} までのセッションを読んでいます")
        with ThreadPoolExecutor(f.SIDE_BY_SIDE) as pool:
            made = dict(zip(asked, pool.map(self._write_sessions, asked), strict=True))
        for day in wanted:
            raw = self._keys[day][0]
            if day in made:
                part = f.settle(self._here, made[day], f"sessions/{day}.{raw[:16]}.parquet", raw)
            else:
                part = self._former_sessions[raw]
            self._session_parts[day] = part
        if wanted:
            upto = [self._path(part) for day, part in self._session_parts.items() if day <= max(wanted)]
            given = {"sessions": upto, "wanted": [self._path(self._session_parts[day]) for day in wanted]}
            engine.ask("archive_links", given)

    def _write_sessions(self, day: date) -> Path:
        draft = self._draft / f"sessions-{day}"
        days.write_sessions(day, self._source.days[day], draft)
        return draft

    def _batches(self, wanted: list[date]) -> Iterator[list[date]]:
        """Days that are in memory together."""
        some: list[date] = []
        room = BATCH
        for day in wanted:
            records = check_log(self._source, self._source.days[day]).records
            if some and records > room:
                yield some
                some, room = [], BATCH
            some.append(day)
            room -= records
        if some:
            yield some

    def _days(self, engine: Engine, some: list[date], people: People) -> None:
        """Code some days, in order, and write them side by side."""
        with ThreadPoolExecutor(f.SIDE_BY_SIDE) as pool:
            loaded = list(pool.map(lambda day: days.load(day, self._source.days[day]), some))
            coded = [
                days.coding(day, people, self._words, points, days.links(engine, day.day))
                for day, points in zip(loaded, self._points(engine, loaded), strict=True)
            ]
            drafts = [self._draft / f"day-{day}" for day in some]
            for day, draft, screens in zip(some, drafts, pool.map(self._write_day, loaded, coded, drafts), strict=True):
                self._take_day(day, draft, screens)

    def _points(self, engine: Engine, loaded: Sequence[days.Loaded]) -> list[Codes]:
        """The code of each point of each day."""
        # Joined before they are coded: of days without a record no chunk would be left.
        named = pa.chunked_array([day.customer.texts for day in loaded]).combine_chunks().dictionary_encode()
        first, draft = self.manifest.known_points, self._draft / "customers"
        codes = supply.points(engine, named.dictionary, self._files(), first, draft)
        self._new_customers(max(int(codes.max(initial=NONE)) + 1 - first, 0))
        places = named.indices.to_numpy()
        return np.split(codes.take(places), np.cumsum([len(day.customer.texts) for day in loaded])[:-1])

    def _write_day(self, loaded: days.Loaded, coded: days.Coding, draft: Path) -> Mapping[str, int]:
        screens = days.write_day(loaded, coded, draft)
        self._must_be_as_hashed(loaded.files)
        return screens

    def _take_day(self, day: date, draft: Path, screens: Mapping[str, int]) -> None:
        raw, lineage, key = self._keys[day]
        entry = f.Day(
            rows=f.settle(self._here, draft, f"days/{day}.{key[:16]}.parquet", key),
            sessions=self._session_parts[day],
            raw=raw,
            lineage=lineage,
            records=sum(screens.values()),
            screens=screens,
        )
        self.manifest = replace(self.manifest, days=dict(sorted({**self.manifest.days, day: entry}.items())))
        self._keep_progress()

    def _keep_progress(self) -> None:
        self._keep_words()
        f.write_text(self._here, f.PROGRESS, self.manifest.text())

    def _keep_words(self) -> None:
        text = self._words.text()
        key = f.key_of(text)
        if self.manifest.words is not None and self.manifest.words.key == key:
            return
        draft = self._draft / "words"
        draft.write_text(text, encoding="utf-8")
        self.manifest = replace(self.manifest, words=f.settle(self._here, draft, f"words/{key[:16]}.json", key))

    def _finish(self) -> None:
        """Look whether the source is still the same, put the manifest in place, sweep out what nothing names."""
        self._keep_words()
        now = {name: read.sha256 for name, read in read_source(self._source, {}).items()}
        changed = differing(now, self.manifest)
        if changed:
            raise _changed(self._source.folder / changed[0])
        f.write_text(self._here, f.MANIFEST, self.manifest.text())
        (self._here / f.PROGRESS).unlink(missing_ok=True)
        _sweep(self._here, self.manifest)

    def _must_be_as_hashed(self, files: Iterable[Path]) -> None:
        """What was just made from these files is taken only if they still have the hashes it is kept under."""
        for file in files:
            if f.sha256_of(file) != self._reads[self._source.place(file)].sha256:
                raise _changed(file)

    def _files(self) -> dict[str, Any]:
        return {
            "customers": [self._path(part) for part in self.manifest.customers],
            "supply": str(self._source.supply),
        }

    def _path(self, part: f.Part) -> str:
        return str(self._here / part.file)


def _changed(file: Path) -> CouldNotArchive:
    return CouldNotArchive(
        f"{file} が、作っているあいだに変わりました。前の形は元のままです。\n"
        "対処: 書き込みが終わってから、もう一度実行する。"
    )


def _sound(here: Path, said: Said) -> f.Manifest:
    """The parts of progress and manifest that are on the disk as written; those that are not are made again."""
    for name in (f.PROGRESS, f.MANIFEST):
        try:
            found = f.read_manifest(here, name)
        except f.NoForm as reason:
            if str(reason):
                said(f"{reason} 作り直します。")
            continue
        bad = set(f.all_damaged(here, found.parts()))
        for file in sorted(bad):
            said(f"{FAST_FORM}/{file}: 欠けているか、書いたときと違います。作り直します。")
        if found.words is None or any(part.file in bad for part in (found.words, *found.customers)):
            # Without its dictionaries nothing of a form can be read.
            continue
        if any(part is None or part.file in bad for part in (found.supply, found.known, found.offsets)):
            found = replace(found, supply=None, known=None, offsets=None)
        whole = {d: day for d, day in found.days.items() if not {day.rows.file, day.sessions.file} & bad}
        return replace(found, days=whole)
    return f.Manifest()


def _words(here: Path, manifest: f.Manifest) -> Words:
    return Words() if manifest.words is None else Words.read(here / manifest.words.file)


def _sweep(here: Path, manifest: f.Manifest) -> None:
    named = {part.file for part in manifest.parts()}
    for folder in ("days", "sessions", "customers", "supply", "words"):
        for file in (here / folder).glob("*"):
            if file.relative_to(here).as_posix() not in named:
                file.unlink()


def _clear(folder: Path, *, leave: bool = True) -> None:
    if folder.exists():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    if leave:
        folder.mkdir()
