"""cold.json: which closed days lie in a store, where, and by which hash. Written by `takuso log cold` alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from takuso.kernel.periods import DatePeriod
from takuso.survey.closing.files import write_text
from takuso.survey.closing.run import CLOSED, COLD, read_list

_SHOWN: Final = 10


class ColdDays(Exception):
    """A survey asks for days whose files are not in the folder; Japanese, says which and how to get them back.

    `lost`: those of them that cold.json does not tell of.
    """

    def __init__(self, folder: Path, days: tuple[date, ...], lost: tuple[date, ...] = ()) -> None:
        kept = tuple(day for day in days if day not in lost)
        what, cures = [], []
        if kept:
            what.append(f"置き場に移した冷たい日があります: {_shown(kept)}。")
            cures.append(
                f"takuso log cold --fetch --from {kept[0]} --to {kept[-1] + timedelta(days=1)} で取り寄せるか、"
                "TAKUSO_COLD_FETCH=yes を設定してください。"
            )
        if lost:
            what.append(f"{CLOSED} にあるのにファイルが手元になく、{COLD} にもない日があります: {_shown(lost)}。")
            cures.append(
                f"置き場に移した日なら、{COLD} を控え（バックアップ）から戻してください。置き場のオブジェクトの名前は"
                " day=日付/その日のハッシュ/ で始まるので、そこにあるかどうかが分かります。"
                "移していない日なら、takuso log close --check で調べてください。"
            )
        super().__init__(
            f"調査の期間に、{'また、'.join(what)}数に入れずに調査することはしません。\n対処: {''.join(cures)}"
        )
        self.folder = folder
        self.days = days


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One file in the store: its path below the folder, bytes, SHA-256, and the ETag it was read back under."""

    path: str
    size: int
    sha256: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdDay:
    """A day whose files were read back whole from the store: the day's hash, where, when, and the files.

    `former`: copies of it as it was closed before it was closed again; they are only there to be removed with it.
    """

    day: date
    digest: str
    endpoint: str
    bucket: str
    prefix: str
    at: str
    files: tuple[Kept, ...]
    former: "tuple[ColdDay, ...]" = ()

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.size for file in self.files)


class BrokenManifest(Exception):
    """cold.json cannot be read; Japanese, says what to do."""


def read_manifest(folder: Path) -> dict[date, ColdDay]:
    """Every day of cold.json; nothing where there is none. Raises BrokenManifest."""
    try:
        found = json.loads((folder / COLD).read_text(encoding="utf-8"))
        return {date.fromisoformat(day): _day(date.fromisoformat(day), entry) for day, entry in found["days"].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise BrokenManifest(
            f"{folder / COLD} を読めません。置き場に移した日が分からないので、先へ進みません。\n"
            "対処: 控えから戻してください。置き場のオブジェクトの名前には、日とその日のハッシュがあります。"
        ) from None


def write_manifest(folder: Path, days: Mapping[date, ColdDay]) -> None:
    """Write cold.json, whole or not at all. Raises OSError."""
    entries = {str(day): _entry(one) for day, one in sorted(days.items())}
    write_text(folder, COLD, json.dumps({"days": entries}, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def cold_days(folder: Path) -> tuple[date, ...]:
    """Days that a survey of the folder cannot see whole, in order. Raises BrokenManifest."""
    return _cold_days(folder, read_manifest(folder))


def _cold_days(folder: Path, found: Mapping[date, ColdDay]) -> tuple[date, ...]:
    """Of the days of both lists: cold.json may be lost, or be an older one."""
    listed = read_list(folder)
    closed = {day for name in listed if (day := _as_day(name)) is not None}
    return tuple(day for day in sorted(closed | found.keys()) if _is_cold(folder, found.get(day), listed.get(str(day))))


def _as_day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _is_cold(folder: Path, one: ColdDay | None, entry: Any) -> bool:
    """True if a file of the day is missing, as it was copied or as it was closed (again since)."""
    paths = {file.path for file in one.files} if one is not None else set()
    if isinstance(entry, dict):
        paths |= {str(file.get("path")) for file in entry.get("files", ()) if isinstance(file, dict)}
    return not all(_lies_below(path) and (folder / path).is_file() for path in paths)


def _shown(days: tuple[date, ...]) -> str:
    return "、".join(map(str, days[:_SHOWN])) + (f" など {len(days)} 日" if len(days) > _SHOWN else "")


def _lies_below(path: str) -> bool:
    """Nobody learns from a list that was sent which files there are elsewhere on the machine."""
    return not path.startswith("/") and ".." not in path.split("/")


def must_be_warm(folder: Path, period: DatePeriod) -> tuple[date, ...]:
    """Raise ColdDays if the period has a cold day; the cold days before it, of which a session may come.

    Raises BrokenManifest.
    """
    found = read_manifest(folder)
    cold = _cold_days(folder, found)
    within = tuple(day for day in cold if period.contains(day))
    if within:
        raise ColdDays(folder, within, tuple(day for day in within if day not in found))
    return tuple(day for day in cold if period.start is not None and day < period.start)


def _day(day: date, entry: Mapping[str, Any]) -> ColdDay:
    names = ("digest", "endpoint", "bucket", "prefix", "at")
    files = tuple(
        Kept(path=str(path), size=int(file["size"]), sha256=str(file["sha256"]), etag=str(file["etag"]))
        for path, file in sorted(entry["files"].items())
    )
    former = tuple(_day(day, one) for one in entry.get("former", ()))
    return ColdDay(day=day, files=files, former=former, **{name: str(entry[name]) for name in names})


def _entry(one: ColdDay) -> dict[str, Any]:
    files = {file.path: {"size": file.size, "sha256": file.sha256, "etag": file.etag} for file in one.files}
    former = {"former": [_entry(other) for other in one.former]} if one.former else {}
    return former | {
        "digest": one.digest,
        "endpoint": one.endpoint,
        "bucket": one.bucket,
        "prefix": one.prefix,
        "at": one.at,
        "files": files,
    }
