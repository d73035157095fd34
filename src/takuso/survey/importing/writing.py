"""Writing a source: into a folder beside its place, which takes the place only when everything is there."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from takuso.survey.importing.histories import LINES
from takuso.survey.importing.mapping import LOG
from takuso.survey.importing.rejects import AlreadyThere
from takuso.survey.importing.values import schema
from takuso.survey.layout import layout

_SUFFIX: Final = ".importing"
_LOCK: Final = "lock"
_ENOUGH: Final = 1 << 17
_MANY: Final = 1 << 21
_OPEN_FILES: Final = 200
_DAY: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1)
_JST_AHEAD: Final = 9 * 3_600_000_000
_LOG_SCHEMA: Final = schema(LOG)


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder that takes the place of `out` when all went well, and is gone otherwise. Raises AlreadyThere."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AlreadyThere(f"{out} はもうあります。\n対処: まだないフォルダーか、空のフォルダーを --out に指定する。")
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    _sweep(out)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=_SUFFIX, dir=out.absolute().parent))
    lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
        (folder / _LOCK).unlink()
        folder.chmod(0o777 & ~_umask())
        folder.rename(out)
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sweep(out: Path) -> None:
    """Remove what a killed import to the same place has left behind."""
    for left in out.absolute().parent.glob(f".{out.name}.*{_SUFFIX}"):
        try:
            lock = os.open(left / _LOCK, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue
        finally:
            os.close(lock)


class DayFiles:
    """Log rows into a folder a day (Japan's), in the order in which they come."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._held: dict[int, list[Any]] = {}
        self._sizes: dict[int, int] = {}
        self._writers: dict[int, Any] = {}
        self._parts: dict[int, int] = {}
        self.rows: dict[date, int] = {}
        log.mkdir()

    def add(self, rows: Any) -> None:
        """Rows of any days."""
        if not rows.num_rows:
            return
        micros = rows.column("at").combine_chunks().cast(pa.int64()).to_numpy(zero_copy_only=False)
        days = (micros + _JST_AHEAD) // _DAY
        changes = np.flatnonzero(np.diff(days)) + 1
        if len(changes) > _PER_BATCH:
            order = np.argsort(days, kind="stable")
            rows, days = rows.take(pa.array(order)), days[order]
            changes = np.flatnonzero(np.diff(days)) + 1
        bounds = [0, *changes.tolist(), rows.num_rows]
        for start, end in pairwise(bounds):
            self._hold(int(days[start]), rows.slice(start, end - start))
        if sum(self._sizes.values()) > _MANY:
            for day in list(self._held):
                self._write(day)

    def close(self) -> None:
        """Write what is held."""
        for day in sorted(self._held):
            self._write(day)
        while self._writers:
            self._shut()

    def _hold(self, day: int, rows: Any) -> None:
        self._held.setdefault(day, []).append(rows)
        self._sizes[day] = self._sizes.get(day, 0) + rows.num_rows
        if self._sizes[day] >= _ENOUGH:
            self._write(day)

    def _write(self, day: int) -> None:
        held = pa.concat_tables(self._held.pop(day)).unify_dictionaries().combine_chunks()
        del self._sizes[day]
        when = _EPOCH + timedelta(days=day)
        self.rows[when] = self.rows.get(when, 0) + held.num_rows
        if day not in self._writers:
            if len(self._writers) >= _OPEN_FILES:
                self._shut()
            folder = self._log / f"day={when}"
            folder.mkdir(exist_ok=True)
            part = self._parts[day] = self._parts.get(day, -1) + 1
            self._writers[day] = _writer(folder / f"part-{part}.parquet", _LOG_SCHEMA)
        self._writers[day].write_table(held)

    def _shut(self) -> None:
        day = next(iter(self._writers))
        self._writers.pop(day).close()


_PER_BATCH: Final = 64


def _writer(file: Path, columns: Any) -> Any:
    return pq.ParquetWriter(file, columns, store_schema=False, **layout(columns.names, whole=file.stem == "supply"))


class TableFile:
    """Rows of people or supply into NAME.parquet, and the file and the line of each into NAME.lines."""

    def __init__(self, folder: Path, name: str, columns: Any) -> None:
        self._rows = _writer(folder / f"{name}.parquet", columns)
        self._lines = pq.ParquetWriter(
            folder / f"{name}.lines", LINES, compression="zstd", use_dictionary=False, store_schema=False
        )

    def add(self, rows: Any, file: int, lines: Any, spans: Any) -> None:
        """Rows of a file (by its number), and the lines of each."""
        if rows.num_rows:
            self._rows.write_table(rows)
            files = np.full(rows.num_rows, file, dtype=np.int32)
            self._lines.write_table(pa.table([files, lines, spans.astype(np.int32)], schema=LINES))

    def close(self) -> None:
        """All are there."""
        self._rows.close()
        self._lines.close()


def write_meta(folder: Path, document: Mapping[str, Any]) -> None:
    """meta.json."""
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (folder / "meta.json").write_text(text, encoding="utf-8")
