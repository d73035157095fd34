"""The drill: one fault at a time is planted in a demo home and taken back again.

What is planted stands in a record in the home, written before anything is changed, so that a drill that was cut off
half-way can be healed. The proof never reads the record.
"""

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import takuso
from takuso.proof.faults import changes, code_leaks, code_promises, contents, database, second_person
from takuso.proof.faults.copies import patched, remove_copy, write_copy
from takuso.proof.faults.fault import CodeFault, DatabaseFault, Fault
from takuso.store import settings
from takuso.store.errors import StoreError
from takuso.store.home import CorruptHome, Home, write_private

FAULTS: Final[tuple[Fault, ...]] = (
    *database.FAULTS,
    *second_person.FAULTS,
    *contents.FAULTS,
    *code_leaks.FAULTS,
    *code_promises.FAULTS,
)


class AlreadyPlanted(StoreError):
    """Somebody else planted a fault in the same moment."""


class NoAdministrator(StoreError):
    """A fault of the database cannot be planted or healed without a superuser."""

    def __init__(self) -> None:
        super().__init__(
            "データベースの欠陥には管理者の接続先が必要です。\n"
            "対処: --admin-url postgresql://postgres@ホスト/postgres を付けてください。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    fault: str
    chosen: str | None = None


class Drill:
    """The faults of this program, planted and healed one at a time."""

    def __init__(self, faults: Sequence[Fault] = FAULTS) -> None:
        self._faults = {fault.name: fault for fault in faults}

    def faults(self) -> Sequence[Fault]:
        """All that can be planted, those of the database first."""
        return tuple(self._faults.values())

    def planted(self, home: Home) -> str | None:
        """Name of the fault that is planted, wholly or half. Raises CorruptHome for a record nobody can read."""
        record = _read(home)
        return record.fault if record else None

    def plant(self, home: Home, name: str, admin_url: str | None) -> None:
        """Plant one fault. Raises AlreadyPlanted, NoAdministrator, and what keeps the fault from being planted."""
        fault = self._faults[name]
        with _alone(home):
            if _read(home) is not None or home.patched.exists():
                raise AlreadyPlanted("ほかの欠陥が植えられています。\n対処: takuso drill heal を実行してください。")
            if isinstance(fault, DatabaseFault):
                self._into_database(home, fault, admin_url)
            else:
                self._into_copy(home, fault)

    def heal(self, home: Home, admin_url: str | None, redeploy: Callable[[], object]) -> str | None:
        """Undo whatever is planted, then have the wall deployed anew; returns the fault's name, None if there was none.

        Can be repeated until it succeeds. Raises NoAdministrator, CorruptHome, and the errors of the store.
        """
        with _alone(home):
            record = _read(home)
            fault = self._faults.get(record.fault) if record else None
            if record is not None and fault is None:
                raise _unreadable(home)
            if record is not None and isinstance(fault, DatabaseFault):
                if admin_url is None:
                    raise NoAdministrator
                changes.undo(home, admin_url, fault, record.chosen)
            remove_copy(home.patched)
            redeploy()
            _place(home).unlink(missing_ok=True)
            return record.fault if record else None

    def _into_database(self, home: Home, fault: DatabaseFault, admin_url: str | None) -> None:
        if admin_url is None:
            raise NoAdministrator

        def remember(chosen: str | None) -> None:
            _write(home, _Record(fault=fault.name, chosen=chosen))

        try:
            changes.plant(home, admin_url, fault, remember)
        except changes.FaultMisfit:
            # Found before anything was changed.
            _place(home).unlink(missing_ok=True)
            raise

    def _into_copy(self, home: Home, fault: CodeFault) -> None:
        package = Path(takuso.__file__).parent
        texts = patched(package, fault.swaps)
        _write(home, _Record(fault=fault.name))
        write_copy(package, texts, home.patched)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    _place(home).parent.mkdir(mode=0o700, exist_ok=True)
    with (_place(home).parent / "lock").open("a", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyPlanted(
                "別の takuso drill が動いています。\n対処: それが終わるのを待って、もう一度実行してください。"
            ) from None
        yield


def _place(home: Home) -> Path:
    return home.path / settings.DRILL.name / "planted.json"


def _write(home: Home, record: _Record) -> None:
    write_private(_place(home), json.dumps({"fault": record.fault, "chosen": record.chosen}) + "\n")


def _read(home: Home) -> _Record | None:
    try:
        value = json.loads(_place(home).read_text(encoding="utf-8"))
        return _Record(fault=str(value["fault"]), chosen=value["chosen"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(home) from error


def _unreadable(home: Home) -> CorruptHome:
    return CorruptHome(
        f"訓練の控え（{_place(home)}）を読めません。",
        "どの欠陥が植えられているか分かりません。takuso demo --rebuild でこのデモを作り直してください。",
    )
