"""A source that was sent as one file: what is unpacked, and everything that is not."""

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from takuso.survey.source import open_source
from takuso.survey.unpack import BadArchive, Limits, unpack
from tests.survey.test_result import PLACE

LIMITS = Limits(bytes=5_000_000, files=50)
GOOD = {"meta.json": b"{}", "people.parquet": b"p", "log/day=2022-12-06/part-0.parquet": b"l"}


def zipped(files: Mapping[str, bytes], more: tuple[zipfile.ZipInfo, bytes] | None = None) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if more:
            archive.writestr(*more)
    return out


def tarred(files: Mapping[str, bytes], more: tarfile.TarInfo | None = None) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if more:
            archive.addfile(more)
    return out


def into(tmp_path: Path) -> Path:
    folder = tmp_path / "inside" / "source"
    folder.mkdir(parents=True)
    return folder


def everything(tmp_path: Path) -> list[str]:
    return sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir())


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize("top", ["", "week/"])
def test_a_source_comes_out_as_it_was(make: object, top: str, tmp_path: Path) -> None:
    written = PLACE.write(tmp_path / "written")
    files = {
        top + path.relative_to(written).as_posix(): path.read_bytes() for path in written.rglob("*") if path.is_file()
    }
    out = into(tmp_path)
    unpack(make(files), out, LIMITS)  # type: ignore[operator]
    assert {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()} == {
        p.relative_to(written): p.read_bytes() for p in written.rglob("*") if p.is_file()
    }
    assert open_source(out).days == {
        day: tuple(out / f.relative_to(written) for f in files) for day, files in open_source(written).days.items()
    }


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize(
    "name",
    [
        "../evil.parquet",
        "../../meta.json",
        "/etc/cron.d/x",
        "log/../../evil.parquet",
        "log/day=2022-12-06/../../../evil.parquet",
        "log\\day=2022-12-06\\x.parquet",
        "..\\evil.parquet",
        "C:/meta.json",
        "log/day=2022-12-06/.hidden.parquet",
        "log/day=2022-12-06/x.py",
        ".takuso/kept",
        "log/day=2022-12-06/x\n.parquet",
        "ｍeta.json",
    ],
)
def test_a_name_that_is_not_of_a_source_writes_nothing(make: object, name: str, tmp_path: Path) -> None:
    out = into(tmp_path)
    with pytest.raises(BadArchive, match="受け取れない名前"):
        unpack(make({**GOOD, name: b"x"}), out, LIMITS)  # type: ignore[operator]
    assert everything(tmp_path) == []


def test_links_and_devices_write_nothing(tmp_path: Path) -> None:
    out = into(tmp_path)
    link = zipfile.ZipInfo("people.parquet")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(BadArchive, match="リンク"):
        unpack(zipped({"meta.json": b"{}"}, (link, b"/etc/passwd")), out, LIMITS)
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE):
        member = tarfile.TarInfo("people.parquet")
        member.type, member.linkname = kind, "/etc/passwd"
        with pytest.raises(BadArchive):
            unpack(tarred({"meta.json": b"{}"}, member), out, LIMITS)
    assert everything(tmp_path) == []


def test_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    out = into(tmp_path)
    bomb = zipped({**GOOD, "supply.parquet": b"\0" * 20_000_000})
    assert bomb.getbuffer().nbytes < 50_000
    with pytest.raises(BadArchive, match="5 MB を超えます"):
        unpack(bomb, out, LIMITS)
    assert sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) <= LIMITS.bytes


def test_sizes_that_an_archive_claims_are_not_believed(tmp_path: Path) -> None:
    """The entry says one byte; what comes out is refused, and is never more than the limit."""
    content = b"\0" * 9_000_000
    lied = zipped({"meta.json": content}).getvalue().replace(struct.pack("<L", len(content)), struct.pack("<L", 1))
    out = into(tmp_path)
    with pytest.raises(BadArchive):
        unpack(io.BytesIO(lied), out, LIMITS)
    assert sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) <= LIMITS.bytes


@pytest.mark.parametrize("make", [zipped, tarred])
def test_many_files_write_nothing(make: object, tmp_path: Path) -> None:
    out = into(tmp_path)
    many = {f"log/day=2022-12-06/part-{number}.parquet": b"" for number in range(60)}
    with pytest.raises(BadArchive, match="50 個を超える"):
        unpack(make({**GOOD, **many}), out, LIMITS)  # type: ignore[operator]
    assert everything(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"PK\x03\x04" + b"\0" * 100,
        b"hello",
        b"\x1f\x8b" + b"\0" * 600,
        zipped(GOOD).getvalue()[:-30],
        zipped(GOOD).getvalue() + b"note",
        tarred(GOOD).getvalue()[:700],
    ],
)
def test_what_is_no_archive_is_told_so(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="対処: "):
        unpack(io.BytesIO(content), into(tmp_path), LIMITS)


def test_two_files_of_one_name_and_no_meta_are_refused(tmp_path: Path) -> None:
    twice = tarred(GOOD, tarfile.TarInfo("meta.json"))
    with pytest.raises(BadArchive, match="同じ名前"):
        unpack(twice, into(tmp_path), LIMITS)
    with pytest.raises(BadArchive, match=r"meta\.json がありません"):
        unpack(zipped({"people.parquet": b"p"}), tmp_path, LIMITS)
