"""The import of a mapping: read, refuse, count, check, write; nothing half done stays."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from takuso.survey.importing.files import FileCount, read_file, table_files
from takuso.survey.importing.histories import Report, settle_people, settle_supply
from takuso.survey.importing.mapping import ImportMapping, Table
from takuso.survey.importing.rejects import RejectFile
from takuso.survey.importing.values import Batch, schema
from takuso.survey.importing.writing import DayFiles, TableFile, new_folder, write_meta
from takuso.survey.source import TIMEZONE

Said = Callable[[str, int, int], None]
_MOST_WORKERS: Final = 8
_TITLES: Final = {"log": "閲覧記録", "people": "利用者", "supply": "供給者の履歴"}


class NothingImported(Exception):
    """Not one log record could be taken over, so there is no source."""


class DoesNotAddUp(Exception):
    """Lines read and lines accounted for differ: a fault of the program, so nothing is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was done. `days` has the log records of each day."""

    files: dict[str, list[FileCount]]
    days: dict[date, int]
    people: Report
    supply: Report
    rejects: int
    rejects_file: Path | None
    notes: dict[str, int] = field(default_factory=dict)


def import_source(mapping: ImportMapping, out: Path, rejects: Path, said: Said) -> Imported:
    """Write the source folder `out`. Raises WrongMappingFile, CannotRead, AlreadyThere, NothingImported, OSError."""
    files = {table.name: table_files(mapping, table) for table in (mapping.log, mapping.people, mapping.supply)}
    workers = min(len(os.sched_getaffinity(0)), _MOST_WORKERS)
    refused = RejectFile(rejects)
    try:
        with new_folder(out) as folder, ThreadPoolExecutor(workers) as pool:
            importer = _Importer(mapping, refused, pool, workers, said)
            done = importer.all(folder, files)
    finally:
        refused.close()
    return done


class _Importer:
    def __init__(
        self, mapping: ImportMapping, refused: RejectFile, pool: ThreadPoolExecutor, workers: int, said: Said
    ) -> None:
        self._mapping, self._refused, self._pool, self._workers, self._said = mapping, refused, pool, workers, said

    def all(self, folder: Path, files: dict[str, tuple[Path, ...]]) -> Imported:
        mapping = self._mapping
        counts: dict[str, list[FileCount]] = {}
        counts["people"] = self._rows(mapping.people, files["people"], folder)
        people = self._settled(mapping.people, settle_people(folder, merge=mapping.merge_shared), counts["people"])
        counts["supply"] = self._rows(mapping.supply, files["supply"], folder)
        supply = self._settled(mapping.supply, settle_supply(folder, cut=mapping.cut_overlaps), counts["supply"])
        days = DayFiles(folder / "log")
        counts["log"] = []
        for _, found in self._batches(mapping.log, files["log"], counts["log"]):
            days.add(found.rows)
        days.close()
        if not days.rows:
            raise NothingImported(
                "閲覧記録を 1 件も取り込めませんでした。フォルダーは作っていません。\n"
                f"対処: {self._refused.path} の理由を見て、対応ファイルを直す。"
            )
        lines = sum(count.reject_lines for count in counts["log"])
        write_meta(folder, _meta(mapping, lines, counts))
        notes: Counter[str] = Counter()
        for count in (count for table in counts.values() for count in table):
            notes.update(count.notes)
        written = self._refused.written
        return Imported(
            files={name: counts[name] for name in ("log", "people", "supply")},
            days=dict(sorted(days.rows.items())),
            people=people,
            supply=supply,
            rejects=written,
            rejects_file=self._refused.path if written else None,
            notes=dict(notes),
        )

    def _shown(self, file: Path) -> str:
        folder = self._mapping.path.parent
        return file.relative_to(folder).as_posix() if file.is_relative_to(folder) else str(file)

    def _rows(self, table: Table, files: tuple[Path, ...], folder: Path) -> list[FileCount]:
        counts: list[FileCount] = []
        target = TableFile(folder, table.name, schema(table.targets))
        try:
            for number, found in self._batches(table, files, counts):
                target.add(found.rows, number, found.lines, found.spans)
        finally:
            target.close()
        return counts

    def _settled(self, table: Table, report: Report, counts: list[FileCount]) -> Report:
        for removed in report.removed:
            count = counts[removed.file]
            count.remove(removed.reject)
            self._refused.add(table.name, count.file, [removed.reject])
        return report

    def _batches(self, table: Table, files: tuple[Path, ...], counts: list[FileCount]) -> Iterator[tuple[int, Batch]]:
        total = sum(file.stat().st_size for file in files)
        passed = 0
        for number, file in enumerate(files):
            count = FileCount(file=self._shown(file))
            counts.append(count)
            for found in read_file(file, self._mapping, table, self._pool, self._workers, count):
                self._refused.add(table.name, file.name, found.rejects)
                yield number, found
                if passed + count.taken < total:
                    self._said(_TITLES[table.name], passed + count.taken, total)
            if not count.adds_up:
                raise DoesNotAddUp(f"{file}: 読んだ行と、記録・除いた行の数が合いません。プログラムの誤りです。")
            passed += file.stat().st_size
            self._said(_TITLES[table.name], passed, total)


def _meta(mapping: ImportMapping, rejects: int, counts: dict[str, list[FileCount]]) -> dict[str, Any]:
    return {
        "network": mapping.network,
        "affiliate": mapping.affiliate,
        "timezone": TIMEZONE,
        "screens": dict(mapping.screens),
        "rejects": rejects,
        "imported": {
            "mapping_sha256": mapping.sha256,
            "files": {
                name: [{"file": count.file, "lines": count.lines, "sha256": count.sha256} for count in table]
                for name, table in counts.items()
            },
        },
    }
