"""A survey source that somebody sent as one file (.zip or .tar), unpacked so that it can do no harm.

Only what a source is made of is taken: meta.json, people.parquet, supply.parquet and log/day=YYYY-MM-DD/NAME.parquet,
at the top or below one folder. Sizes are counted on what comes out and never taken from what the archive says.
"""

import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

_OURS: Final = re.compile(
    r"meta\.json|people\.parquet|supply\.parquet|log/day=[0-9]{4}-[0-9]{2}-[0-9]{2}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\.parquet",
    re.ASCII,
)
_FOLDER: Final = re.compile(r"[^/\\\x00:]{1,100}")
_CHUNK: Final = 1 << 20
_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = b"PK\x06\x07"
_A_NAME: Final = 512
_SHAPE: Final = (
    "meta.json、people.parquet、supply.parquet、log/day=YYYY-MM-DD/*.parquet だけを入れる"
    "（全体を 1 つのフォルダーに入れてもよい）。"
)


class BadArchive(Exception):
    """The file is not a source that may be unpacked: what is wrong and what to do, in Japanese."""

    def __init__(self, rule: str, advice: str) -> None:
        super().__init__(f"{rule}\n対処: {advice}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that may come out: bytes of all files together, and files."""

    bytes: int = 1 << 30
    files: int = 2000


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of the archive, not opened yet: how it is named, and how to read it."""

    name: str
    plain: bool
    folder: bool
    index: int


def unpack(archive: IO[bytes], into: Path, limits: Limits) -> None:
    """Unpack into a folder that is empty. Raises BadArchive, OSError; what was written by then stays there."""
    archive.seek(0)
    if archive.read(4).startswith(b"PK"):
        _unzip(archive, into, limits)
    else:
        _untar(archive, into, limits)


def _unzip(archive: IO[bytes], into: Path, limits: Limits) -> None:
    _small_directory(archive, limits)
    try:
        with zipfile.ZipFile(archive) as opened:
            infos = opened.infolist()
            if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
                raise zipfile.BadZipFile("stored or deflated only")
            entries = [_zipped(no, info) for no, info in enumerate(infos)]
            room = limits.bytes
            for entry, target in _targets(entries, into, limits):
                with opened.open(infos[entry.index]) as stream:
                    room = _copy(stream, target, room, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _broken("zip", error) from error


def _zipped(no: int, info: zipfile.ZipInfo) -> _Entry:
    mode = info.external_attr >> 16
    # Without a mode (made on Windows) an entry is a file or a folder by its name.
    plain = mode == 0 or stat.S_IFMT(mode) in (0, stat.S_IFREG, stat.S_IFDIR)
    return _Entry(info.orig_filename, plain and not info.flag_bits & 0x1, info.is_dir(), no)


def _small_directory(archive: IO[bytes], limits: Limits) -> None:
    """Refuse a list of files that would fill the memory, before it is read: the record at the end says its size."""
    end = archive.seek(0, 2)
    archive.seek(max(0, end - _END.size - 20))
    tail = archive.read()
    record = tail[-_END.size :]
    if len(record) < _END.size or not record.startswith(b"PK\x05\x06"):
        raise BadArchive("zip として読めないか、注釈の付いた zip です。", "注釈を付けずに作り直す。")
    _, _, _, _, count, size, _, _ = _END.unpack(record)
    if count > limits.files or size > limits.files * _A_NAME or tail.startswith(_LOCATOR):
        raise _too_many(limits)


def _untar(archive: IO[bytes], into: Path, limits: Limits) -> None:
    archive.seek(0)
    try:
        with closing(tarfile.open(fileobj=archive, mode="r:")) as opened:
            room, members = limits.bytes, []
            for member in opened:
                members.append(member)
                if len(members) > limits.files:
                    raise _too_many(limits)
            entries = [_tarred(no, member) for no, member in enumerate(members)]
            for entry, target in _targets(entries, into, limits):
                stream = opened.extractfile(members[entry.index])
                if stream is None:
                    raise _special(entry.name)
                with stream:
                    room = _copy(stream, target, room, limits)
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise _broken("tar", error) from error


def _tarred(no: int, member: tarfile.TarInfo) -> _Entry:
    sparse = getattr(member, "sparse", None) is not None
    plain = not sparse and member.type in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE)
    return _Entry(member.name, plain, member.isdir(), no)


def _targets(entries: Iterable[_Entry], into: Path, limits: Limits) -> Iterator[tuple[_Entry, Path]]:
    """Where each file goes; everything is looked at before the first is written."""
    found = list(entries)
    if len(found) > limits.files:
        raise _too_many(limits)
    for entry in found:
        if not entry.plain:
            raise _special(entry.name)
    files = [entry for entry in found if not entry.folder]
    top = _top([entry.name for entry in files])
    inside = [(entry, _inside(entry.name, top)) for entry in files]
    if len({name for _, name in inside}) != len(inside):
        raise BadArchive("同じ名前のファイルが 2 つあります。", _SHAPE)
    if "meta.json" not in {name for _, name in inside}:
        raise BadArchive("meta.json がありません。", _SHAPE)
    return ((entry, into / PurePosixPath(name)) for entry, name in inside)


def _top(names: list[str]) -> str:
    """The one folder that everything is in, with its slash; nothing if there is none."""
    tops = {name.removeprefix("./").partition("/")[0] for name in names}
    if len(tops) != 1 or not all("/" in name.removeprefix("./") for name in names):
        return ""
    top = tops.pop()
    return f"{top}/" if _FOLDER.fullmatch(top) and top not in (".", "..") else ""


def _inside(name: str, top: str) -> str:
    """The name below the source's folder; only what a source is made of has one."""
    bare = name.removeprefix("./").removeprefix(top)
    if not _OURS.fullmatch(bare):
        raise BadArchive(f"受け取れない名前のファイルがあります（{_told(name)}）。", _SHAPE)
    return bare


def _copy(stream: IO[bytes], target: Path, room: int, limits: Limits) -> int:
    """Write one file and return the room that is left; raises BadArchive as soon as there is none."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as out:
        while chunk := stream.read(_CHUNK):
            room -= len(chunk)
            if room < 0:
                raise BadArchive(
                    f"展開すると {limits.bytes // 10**6:,} MB を超えます。",
                    "期間を分けるか、管理者に頼んで sources フォルダーに置く。",
                )
            out.write(chunk)
    return room


def _told(name: str) -> str:
    """A name from an archive, made fit to be shown."""
    shown = "".join(c if c.isprintable() else "?" for c in name)
    return shown if len(shown) <= 80 else shown[:79] + "…"


def _special(name: str) -> BadArchive:
    return BadArchive(
        f"リンク・暗号化されたファイル・特殊なファイルは受け取れません（{_told(name)}）。",
        "ふつうのファイルだけにする。",
    )


def _too_many(limits: Limits) -> BadArchive:
    return BadArchive(f"ファイルが {limits.files:,} 個を超えるか、目録が大きすぎます。", _SHAPE)


def _broken(kind: str, error: Exception) -> BadArchive:
    return BadArchive(
        f"{kind} として読めません（{_told(str(error))}）。",
        "zip か、圧縮しない tar（parquet はもう圧縮してある）にする。",
    )
