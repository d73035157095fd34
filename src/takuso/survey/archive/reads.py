"""Which files of a source a form is made from, and whether they are still the same."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from takuso.survey.archive.form import SIDE_BY_SIDE, Manifest, Read, sha256_of
from takuso.survey.source import Source


def read_source(source: Source, known: Mapping[str, Read]) -> dict[str, Read]:
    """Every file of log, people and supply with its hash; what has size and time as `known` is not hashed again.

    Raises OSError.
    """
    files = _files(source)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        reads = list(pool.map(lambda file: _read(file, known.get(source.place(file))), files))
    return {source.place(file): read for file, read in zip(files, reads, strict=True)}


def _read(file: Path, former: Read | None) -> Read:
    status = file.stat()
    if former is not None and (former.bytes, former.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return former
    return Read(sha256=sha256_of(file), bytes=status.st_size, mtime_ns=status.st_mtime_ns)


def changes(source: Source, manifest: Manifest) -> list[str]:
    """Files that are not those the form was made from: another content, new, or gone. Raises OSError."""
    now = {name: read.sha256 for name, read in read_source(source, manifest.source).items()}
    return differing(now, manifest)


def differing(now: Mapping[str, str], manifest: Manifest) -> list[str]:
    """The names whose hashes are others than those in the manifest."""
    made = {name: read.sha256 for name, read in manifest.source.items()}
    return sorted(name for name in now.keys() | made.keys() if now.get(name) != made.get(name))


def _files(source: Source) -> list[Path]:
    return [source.people, source.supply, *(file for files in source.days.values() for file in files)]
