"""Closed days into the store and back: never fewer than one whole copy, whenever it is stopped.

Upward: every file of a day is sent and read back whole; only then the day is in cold.json, and only after that a file
may go from the folder. Downward: a day must have the hash that the log has of it, and each file its own, before it is
in its place. All of it under the lock of the folder, which the closing takes as well.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from takuso.survey.closing.checking import Fault
from takuso.survey.closing.files import Written, in_place, sha256
from takuso.survey.closing.reading import Connection, Ended, ended_days
from takuso.survey.closing.run import Closed, listed_day, read_list
from takuso.survey.cold.manifest import ColdDay, Kept, read_manifest, write_manifest
from takuso.survey.cold.objects import Absent, Objects, Other
from takuso.survey.cold.place import elsewhere, object_name

Progress = Callable[[str, int, int], None]
Wanted = Callable[[date], bool]
_UP, _DOWN = "置き場へ", "置き場から"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of a day: its files and bytes, and whether they were sent, taken from the folder, fetched into it.

    With `faults` nothing was taken away and nothing of the day was put into its place.
    """

    day: date
    files: int = 0
    size: int = 0
    copied: bool = False
    removed: bool = False
    fetched: bool = False
    faults: tuple[Fault, ...] = ()


def move(
    connection: Connection, folder: Path, objects: Objects, wanted: Wanted, show: Progress, *, remove: bool, again: bool
) -> Iterator[Moved]:
    """Copy the closed days that are wanted and not in the store yet; with `remove`, take the files of all wanted ones
    from the folder after their objects were read back. `again`: compare, and mend, what is in the store already.

    Gives each day that something was done with, when it is done. Raises StoreFailed, BrokenManifest, OSError,
    psycopg.Error; the days given before that stay as they were given.
    """
    known, manifest = read_list(folder), read_manifest(folder)
    chosen = [one for one in ended_days(connection) if wanted(one.day) and str(one.day) in known]
    for number, one in enumerate(chosen):
        show(_UP, number, len(chosen))
        moved = _move(folder, objects, one, known, manifest, remove=remove, again=again)
        if moved is not None:
            yield moved
    show(_UP, len(chosen), len(chosen))


def _move(
    folder: Path,
    objects: Objects,
    one: Ended,
    known: dict[str, object],
    manifest: dict[date, ColdDay],
    *,
    remove: bool,
    again: bool,
) -> Moved | None:
    listed = listed_day(one.day, known[str(one.day)])
    if listed is None or listed.digest not in one.digests:
        return _failed(
            one.day,
            f"day={one.day}",
            "書庫の一覧が、閲覧記録に残したハッシュと違います。takuso log close --check で調べてください。",
        )
    former = manifest.get(one.day)
    held = former is not None and former.digest == listed.digest.hex()
    here = [file for file in listed.files if _own(one.day, file.path) and (folder / file.path).exists()]
    if held and not again and not (remove and here):
        return None
    if former is not None and not objects.place.has(former.endpoint, former.bucket):
        return _failed(one.day, f"day={one.day}", elsewhere(objects.place, former.endpoint, former.bucket))
    found = _store(folder, objects, listed, former if held else None, mend=again or not held)
    if isinstance(found, Fault):
        return Moved(day=one.day, faults=(found,))
    if former is not None:
        found = replace(found, former=_former(found, former))
    if found != former:
        manifest[one.day] = found
        write_manifest(folder, manifest)
    if remove:
        for file in here:
            # Not the other file that somebody may have put there.
            if sha256(folder / file.path) != file.sha256:
                return _failed(
                    one.day, file.path, "手元のファイルが、締めた時と内容が違います。調べるまで、手元から消しません。"
                )
        _take_away(folder, one.day, here)
    return Moved(day=one.day, files=len(found.files), size=found.size, copied=not held or again, removed=remove)


def _former(found: ColdDay, before: ColdDay) -> tuple[ColdDay, ...]:
    """Copies of the day that are no longer the day's own: a deletion by the rules removes them too."""
    copies = (*before.former, replace(before, former=()))
    return tuple(one for one in copies if (one.prefix, one.digest) != (found.prefix, found.digest))


def _store(folder: Path, objects: Objects, listed: Closed, former: ColdDay | None, *, mend: bool) -> ColdDay | Fault:
    """Every file of the day in the store, read back whole just now; or the first that is not. `mend`: send it then."""
    day, digest = str(listed.day), listed.digest.hex()
    prefix = former.prefix if former is not None else objects.place.prefix
    kept = []
    for file in listed.files:
        key = object_name(prefix, day, digest, file.path)
        try:
            kept.append(_kept(folder, objects, key, file, former, mend=mend))
        except Absent:
            return Fault(place=file.path, what=f"置き場にありません。{_again(day)}")
        except Other as error:
            return Fault(place=file.path, what=f"{error}{_again(day)}")
        except FileNotFoundError:
            return Fault(
                place=file.path, what="手元に、ファイルがありません。takuso log close --check で調べてください。"
            )
    return ColdDay(
        day=listed.day,
        digest=digest,
        endpoint=objects.place.address,
        bucket=objects.place.bucket,
        prefix=prefix,
        at=former.at if former is not None else datetime.now(UTC).isoformat(timespec="seconds"),
        files=tuple(sorted(kept, key=lambda one: one.path)),
    )


def _kept(folder: Path, objects: Objects, key: str, file: Written, former: ColdDay | None, *, mend: bool) -> Kept:
    place = folder / file.path
    sizes = {one.path: one.size for one in former.files} if former is not None else {}
    # The size that was read back once: that of a file that somebody changed here says nothing of the object.
    size = sizes[file.path] if file.path in sizes else place.stat().st_size
    try:
        etag = objects.read(key, size, file.sha256, _forget)
    except (Absent, Other):
        if not mend or not place.exists():
            raise
        objects.put(key, place, file.sha256)
        etag = objects.read(key, size, file.sha256, _forget)
    return Kept(path=file.path, size=size, sha256=file.sha256, etag=etag)


def fetch(connection: Connection, folder: Path, objects: Objects, wanted: Wanted, show: Progress) -> Iterator[Moved]:
    """Bring the wanted days back that are not whole in the folder. Raises as `move` does."""
    known, manifest = read_list(folder), read_manifest(folder)
    digests = {one.day: one.digests for one in ended_days(connection)}
    missing = {day: _missing(folder, one) for day, one in sorted(manifest.items()) if wanted(day)}
    due = [(manifest[day], files) for day, files in missing.items() if files]
    for number, (one, files) in enumerate(due):
        show(_DOWN, number, len(due))
        fault = _untied(one, digests.get(one.day, ()), listed_day(one.day, known.get(str(one.day))))
        yield Moved(day=one.day, faults=(fault,)) if fault is not None else _fetch(folder, objects, one, files)
    show(_DOWN, len(due), len(due))


def _fetch(folder: Path, objects: Objects, one: ColdDay, files: list[Kept]) -> Moved:
    if not objects.place.has(one.endpoint, one.bucket):
        return _failed(one.day, f"day={one.day}", elsewhere(objects.place, one.endpoint, one.bucket))
    for file in files:
        key = object_name(one.prefix, str(one.day), one.digest, file.path)
        where = f"置き場（{one.endpoint} の {one.bucket}）"
        try:
            with in_place(folder, file.path) as apart, apart.open("wb") as stream:
                objects.read(key, file.size, file.sha256, stream.write)
        except Absent:
            what = f"{where}にありません。版を残す設定なら、置き場で前の版に戻してください。"
            return Moved(day=one.day, faults=(Fault(place=file.path, what=what),))
        except Other as error:
            what = f"{where}のものは、{error}取り寄せません。版を残す設定なら、置き場で前の版に戻してください。"
            return Moved(day=one.day, faults=(Fault(place=file.path, what=what),))
    return Moved(day=one.day, files=len(files), size=sum(file.size for file in files), fetched=True)


def _untied(one: ColdDay, digests: tuple[bytes, ...], listed: Closed | None) -> Fault | None:
    """Why a day of cold.json cannot be trusted; None if its files are those that the log has the hash of."""
    files = tuple(Written(path=file.path, rows=0, sha256=file.sha256) for file in one.files)
    found = Closed(day=one.day, records=0, subjects=0, outcomes=0, views=0, files=files).digest
    if found.hex() != one.digest or found not in digests:
        what = "cold.json のこの日は、閲覧記録に残したどのハッシュとも違います。控えから cold.json を戻してください。"
        return Fault(place=f"day={one.day}", what=what)
    if listed is not None and listed.digest != found:
        what = f"移したあとで締め直された日です。takuso log close --again {one.day} で書き直せます。"
        return Fault(place=f"day={one.day}", what=what)
    return None


def _missing(folder: Path, one: ColdDay) -> list[Kept]:
    return [file for file in one.files if not (folder / file.path).exists()]


def _own(day: date, path: str) -> bool:
    """Whether a file lies in the folders of its day. One that lies with the next day's views stays: that day is read
    with it."""
    return path.startswith((f"records/day={day}/", f"log/day={day}/"))


def _take_away(folder: Path, day: date, files: list[Written]) -> None:
    for file in files:
        (folder / file.path).unlink(missing_ok=True)
    for name in (f"records/day={day}", f"log/day={day}"):
        with suppress(OSError):
            # Not empty: views of the day before lie there too.
            (folder / name).rmdir()


def _failed(day: date, place: str, what: str) -> Moved:
    return Moved(day=day, faults=(Fault(place=place, what=what),))


def _again(day: str) -> str:
    return f"手元にあるうちに takuso log cold --day {day} で送り直してください。"


def _forget(_block: bytes) -> None:
    """Only the hash is wanted."""
