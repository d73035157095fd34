"""A survey source: a folder with meta.json, log/day=…/*.parquet, people.parquet and supply.parquet.

Opening reads names and meta.json only; `check_log` and `check_tables` read the Parquet footers.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from takuso.kernel.periods import DatePeriod
from takuso.survey.definition import AFFILIATE, NETWORK

TIMEZONE: Final = "Asia/Tokyo"
HOW_TO: Final = "docs/how-to/survey-your-own-log.md の形に合わせて置く。"
FAST_FORM: Final = ".takuso"
_DAY_FOLDER: Final = re.compile(r"day=(.*)")
_CHUNK: Final = 1 << 22


class SourceFault(Exception):
    """Something in a source that stops the survey: which file, which row if one, the rule, what to do."""

    def __init__(self, place: str, rule: str, advice: str) -> None:
        super().__init__(f"{place}: {rule}\n対処: {advice}")
        self.place = place
        self.rule = rule
        self.advice = advice


class NoSuchSource(Exception):
    """The folder named as the source is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """meta.json: the codes of the network company and its affiliate, and the names of screens.

    `rejects` is the number of lines that whoever wrote the source could not take over.
    """

    network: str
    affiliate: str
    screens: Mapping[str, str]
    rejects: int = 0

    def screen(self, code: str) -> str:
        """A screen as people read it: its name, if there is one, and its code."""
        return f"{self.screens[code]}（{code}）" if code in self.screens else code

    def organisation(self, name: str) -> str:
        """`affiliate` and `network` become codes; a code stays."""
        return {AFFILIATE: self.affiliate, NETWORK: self.network}.get(name, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A folder that has been looked through. `days` has the log files of each day, in order."""

    folder: Path
    meta: Meta
    days: Mapping[date, tuple[Path, ...]]

    @property
    def people(self) -> Path:
        """Persons with dated affiliations."""
        return self.folder / "people.parquet"

    @property
    def supply(self) -> Path:
        """Supplier histories."""
        return self.folder / "supply.parquet"

    def log(self, period: DatePeriod) -> tuple[Path, ...]:
        """The log files of the days of a period."""
        return tuple(file for day, files in self.days.items() if period.contains(day) for file in files)

    def log_before(self, period: DatePeriod) -> tuple[Path, ...]:
        """The log files of all days before the period."""
        start = period.start
        return tuple(file for day, files in self.days.items() if start is not None and day < start for file in files)

    def log_outside(self, period: DatePeriod) -> tuple[Path, ...]:
        """The log files of the days that are not in the period."""
        return tuple(file for day, files in self.days.items() if not period.contains(day) for file in files)

    def gaps(self, period: DatePeriod) -> tuple[date, ...]:
        """Days of the period that have no log file."""
        return tuple(day for day in period.days() if not self.days.get(day))

    def place(self, file: Path) -> str:
        """A file as messages name it."""
        return file.relative_to(self.folder).as_posix()


def open_source(folder: Path) -> Source:
    """Look through the folder. Raises NoSuchSource, SourceFault."""
    if not folder.is_dir():
        raise NoSuchSource(
            f"調査する記録のフォルダー（{folder}）がありません。\n"
            "対処: --source に meta.json のあるフォルダーを指定する。"
        )
    meta = _meta(folder / "meta.json")
    for name, what in (("people.parquet", "利用者と所属の履歴"), ("supply.parquet", "供給者の履歴")):
        if not (folder / name).is_file():
            raise SourceFault(
                name, f"{what}のファイルがありません。", "docs/how-to/survey-your-own-log.md の形で置く。"
            )
    return Source(folder=folder, meta=meta, days=dict(sorted(_days(folder))))


def day_of(file: Path) -> date:
    """The day that the folder of a log file is named for."""
    return date.fromisoformat(file.parent.name.removeprefix("day="))


def _meta(path: Path) -> Meta:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceFault(
            "meta.json", "ファイルがありません。", "network、affiliate、timezone、screens を書いて置く。"
        ) from None
    except (OSError, ValueError) as error:
        raise SourceFault("meta.json", f"JSON として読めません（{error}）。", "UTF-8 の JSON に直す。") from None
    if not isinstance(found, dict):
        raise SourceFault("meta.json", "項目と値の組（{…}）で書きます。", "JSON の形を直す。")
    if found.get("timezone") != TIMEZONE:
        raise SourceFault("meta.json", f'timezone は "{TIMEZONE}" です。', "日と時刻を日本時間の日に合わせて書き出す。")
    network, affiliate = (_code(found, key) for key in ("network", "affiliate"))
    screens = found.get("screens")
    if not isinstance(screens, dict) or not all(isinstance(name, str) for name in screens.values()):
        raise SourceFault("meta.json", "screens は 画面コード: 名前 の組です。", HOW_TO)
    rejects = found.get("rejects", 0)
    if type(rejects) is not int or rejects < 0:
        raise SourceFault("meta.json", "rejects は 0 以上の整数です。", "取り込めなかった行の数を書くか、消す。")
    return Meta(network=network, affiliate=affiliate, screens=screens, rejects=rejects)


def _code(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value:
        raise SourceFault("meta.json", f"{key} は会社のコード（文字）です。", f'"{key}": "コード" を書く。')
    return value


def _days(folder: Path) -> Iterator[tuple[date, tuple[Path, ...]]]:
    log = folder / "log"
    if not log.is_dir():
        raise SourceFault("log", "閲覧記録のフォルダーがありません。", "log/day=YYYY-MM-DD/*.parquet の形で置く。")
    for child in log.iterdir():
        match = _DAY_FOLDER.fullmatch(child.name)
        if match is None or not child.is_dir():
            continue
        try:
            day = date.fromisoformat(match[1])
            if day.isoformat() != match[1]:
                raise ValueError(match[1])
        except ValueError:
            rule = "フォルダーの名前は day=YYYY-MM-DD（実在する日、日本時間）です。"
            raise SourceFault(f"log/{child.name}", rule, "名前を直す。") from None
        yield day, tuple(sorted(file for file in child.glob("*.parquet") if not file.name.startswith(".")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Size, time and inode of every file, to notice a change while the survey runs."""

    files: Mapping[str, tuple[int, int, int]]


def standing(source: Source) -> Standing:
    """How the files stand now."""
    files = {}
    for path in _files(source.folder):
        found = path.stat()
        files[source.place(path)] = (found.st_size, found.st_mtime_ns, found.st_ino)
    return Standing(files=files)


def must_be_unchanged(source: Source, before: Standing) -> None:
    """Raise SourceFault if a file of the source has changed since."""
    now = standing(source).files
    changed = sorted(name for name in now.keys() | before.files.keys() if now.get(name) != before.files.get(name))
    if changed:
        raise SourceFault(changed[0], "調査のあいだに変わりました。", "書き込みが終わってから、もう一度調査する。")


def digest(source: Source) -> str:
    """SHA-256 over `sha256sum` lines of every file of the folder, sorted by path, the fast form left out.

    The same as: find . -type f ! -path './.takuso/*' | sed 's:^./::' | LC_ALL=C sort | xargs sha256sum | sha256sum
    """
    return digest_of(file_hashes(source))


def file_hashes(source: Source) -> dict[str, str]:
    """SHA-256 of every file of the folder by its place, sorted by the bytes of the place, the fast form left out."""
    hashes = {}
    for name, path in sorted((source.place(path).encode(), path) for path in _files(source.folder)):
        part = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                part.update(chunk)
        hashes[name.decode()] = part.hexdigest()
    return hashes


def digest_of(hashes: Mapping[str, str]) -> str:
    """SHA-256 over `sha256sum` lines in the order given."""
    whole = hashlib.sha256()
    for name, part in hashes.items():
        whole.update(part.encode() + b"  " + name.encode() + b"\n")
    return whole.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder, followlinks=True):
        if Path(here) == folder and FAST_FORM in folders:
            folders.remove(FAST_FORM)
        yield from (Path(here) / name for name in names)
