"""The files of a survey's answer, and how they come to their folder: all of them, whole, or none."""

import errno
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from takuso.papers.numbers import document_number
from takuso.survey.definition import Survey
from takuso.survey.figures import (
    EVIDENCE,
    FINDINGS,
    INPUTS,
    PAPER,
    REPORT,
    SHEETS,
    SUMMARY,
    Figures,
    Finding,
    Unknown,
)

DOCUMENT: Final = "LS"
"""Documents of a log survey begin so."""
UNKNOWN: Final = b"takuso.unknown"
"""Key of findings.parquet's metadata: what the survey could not know, as JSON, so that no findings go without it."""
_OURS: Final = frozenset({SUMMARY, FINDINGS, REPORT, INPUTS, EVIDENCE, PAPER, SHEETS})
_INSTANT: Final = pa.timestamp("us", tz="UTC")
_SCHEMA: Final = pa.schema(
    [
        pa.field("viewer", pa.string(), nullable=False),
        pa.field("contract", pa.string(), nullable=False),
        pa.field("first_at", _INSTANT, nullable=False),
        pa.field("last_at", _INSTANT, nullable=False),
        pa.field("views", pa.int64(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("verdict_then", pa.bool_(), nullable=False),
        pa.field("verdict_now", pa.bool_(), nullable=False),
    ]
)


class WrongPlace(Exception):
    """The folder for the answer cannot be used: it lies in the source, or holds other things."""


class CouldNotWrite(Exception):
    """The answer could not be written, so nothing of it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A survey's figures with what they were made from. `source_sha256` is the digest of the source."""

    survey: Survey
    figures: Figures
    source_sha256: str
    rejects: int

    @property
    def number(self) -> str:
        """The document number of every form of this answer."""
        return number_of(self.survey, self.source_sha256)


def number_of(survey: Survey, source_sha256: str) -> str:
    """The document number of an answer: it follows from the survey file and the source alone, so a rerun keeps it."""
    return document_number(DOCUMENT, survey.sha256, source_sha256)


def summary(answer: Answer) -> dict[str, Any]:
    """The document of summary.json."""
    figures, period = answer.figures, answer.survey.period
    return {
        "survey": answer.survey.name,
        "period": [str(period.start), str(period.end)],
        "source_sha256": answer.source_sha256,
        "engine": figures.engine,
        "seconds": round(figures.seconds, 3),
        "steps": [
            {
                "no": step.no,
                "name": step.name,
                "kind": step.kind,
                "rows_in": step.rows_in,
                "rows_out": step.rows_out,
                "viewers": step.count.viewers,
                "contracts": step.count.contracts,
            }
            for step in figures.steps
        ],
        "viewers": figures.then.viewers,
        "contracts": figures.then.contracts,
        "now": {"viewers": figures.now.viewers, "contracts": figures.now.contracts},
        "rejects": answer.rejects,
    }


def files(answer: Answer, report: str) -> dict[str, bytes]:
    """Every file of the answer, by name."""
    text = json.dumps(summary(answer), ensure_ascii=False, indent=1) + "\n"
    return {SUMMARY: text.encode(), FINDINGS: _parquet(answer.figures), REPORT: report.encode()}


def check_place(out: Path, source: Path) -> None:
    """Raise WrongPlace if the answer cannot go there; asked before the work."""
    here = out.resolve()
    if here.is_relative_to(source.resolve()):
        raise WrongPlace(
            f"{out} は調査する記録のフォルダーの中で、書くと記録のハッシュが変わります。\n"
            "対処: 外のフォルダーを --out に指定する。"
        )
    if here.exists() and (not here.is_dir() or {child.name for child in here.iterdir()} - _OURS):
        raise WrongPlace(
            f"{out} には調査の結果でないものがあります。\n対処: 空か、まだないフォルダーを --out に指定する。"
        )


def write(out: Path, named: Mapping[str, bytes]) -> None:
    """Put all files there at once; an earlier answer is replaced. Raises CouldNotWrite."""
    here = out.resolve()
    fresh = here.parent / f".{here.name}.takuso-{os.getpid()}"
    former = fresh.with_name(fresh.name + "-old")
    try:
        here.parent.mkdir(parents=True, exist_ok=True)
        _sweep(here)
        fresh.mkdir()
        for name, content in named.items():
            _write(fresh / name, content)
        if here.exists():
            here.rename(former)
        fresh.rename(here)
    except OSError as error:
        if former.exists() and not here.exists():
            former.rename(here)
        raise could_not_write(out, error) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if here.exists():
            shutil.rmtree(former, ignore_errors=True)


def could_not_write(out: Path, error: OSError) -> CouldNotWrite:
    """What to say when the answer cannot be written."""
    cure = (
        "空きを作って"
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        else "書けるフォルダーを --out に指定して"
    )
    return CouldNotWrite(
        f"結果を {out} に書けません（{error.strerror}）。何も書いていません。\n対処: {cure}、もう一度実行する。"
    )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sweep(out: Path) -> None:
    """Mend what a run left behind that was killed while writing."""
    for left in sorted(out.parent.glob(f".{out.name}.takuso-*")):
        number = left.name.rpartition("takuso-")[2].removesuffix("-old").removesuffix("-kept")
        if not number.isdigit() or _runs(int(number)):
            continue
        if left.name.endswith("-old") and not out.exists():
            left.rename(out)
        else:
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _parquet(figures: Figures) -> bytes:
    columns = {name: [getattr(finding, name) for finding in figures.findings] for name in _SCHEMA.names}
    schema = _SCHEMA.with_metadata({UNKNOWN: json.dumps(_unknown(figures.unknown), ensure_ascii=False).encode()})
    sink = BytesIO()
    pq.write_table(
        pa.table(columns, schema=schema),
        sink,
        version="2.6",
        compression="zstd",
        compression_level=3,
        row_group_size=1 << 20,
    )
    return sink.getvalue()


def _unknown(unknown: Unknown) -> dict[str, Any]:
    return {
        "days_without_log": [str(day) for day in unknown.days_without_log],
        "screens": dict(sorted(unknown.screens.items())),
        "no_person": unknown.no_person,
        "no_holder": unknown.no_holder,
        "no_predecessor": unknown.no_predecessor,
    }


def read_summary(out: Path) -> dict[str, Any]:
    """The document of summary.json of an answer. Raises OSError, ValueError."""
    document: dict[str, Any] = json.loads((out / SUMMARY).read_text(encoding="utf-8"))
    return document


def read_findings(out: Path, start: int, most: int) -> tuple[list[Finding], int, Unknown]:
    """Findings from a place on, how many there are in all, and what the survey could not know.

    Raises OSError, ValueError.
    """
    table = pq.read_table(out / FINDINGS)
    told = json.loads((table.schema.metadata or {})[UNKNOWN])
    unknown = Unknown(**{**told, "days_without_log": tuple(map(date.fromisoformat, told["days_without_log"]))})
    return [Finding(**row) for row in table.slice(start, most).to_pylist()], table.num_rows, unknown
