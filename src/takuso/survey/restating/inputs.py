"""inputs.json: what an answer was made from, file by file, and what exactly was asked."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from takuso.kernel.periods import DatePeriod
from takuso.survey.definition import STEPS, ScreenChoice, Step, Survey
from takuso.survey.result import number_of
from takuso.survey.source import Meta, Source

FORM: Final = 1
_KINDS: Final[dict[str, type[Step]]] = {step.kind: step for step in STEPS}


class OtherForm(ValueError):
    """inputs.json of a form that this program does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file of the source; `rows` is None for what is no Parquet file."""

    sha256: str
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was asked, and of what. `files` are by place; `whole` as in Evidence."""

    number: str
    title: str
    sha256: str
    period: DatePeriod
    steps: tuple[Step, ...]
    meta: Meta
    files: Mapping[str, InputFile]
    whole: bool


def inputs_json(survey: Survey, source: Source, hashes: Mapping[str, str], source_sha256: str, *, whole: bool) -> bytes:
    """The bytes of inputs.json."""
    document = {
        "form": FORM,
        "document": number_of(survey, source_sha256),
        "program": version("takuso"),
        "survey": {
            "name": survey.name,
            "title": survey.title,
            "sha256": survey.sha256,
            "period": [str(survey.period.start), str(survey.period.end)],
            "steps": [{"kind": step.kind, **asdict(step)} for step in survey.steps],
        },
        "network": source.meta.network,
        "affiliate": source.meta.affiliate,
        "screens": dict(sorted(source.meta.screens.items())),
        "rejects": source.meta.rejects,
        "files": {name: {"sha256": sha256, "rows": _rows(source.folder / name)} for name, sha256 in hashes.items()},
        "evidence": "asked" if whole else "found",
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def read_inputs(file: Path) -> Inputs:
    """What inputs.json says. Raises OSError, OtherForm, and ValueError, KeyError, TypeError for what is none."""
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if document["form"] != FORM:
        raise OtherForm(str(document["form"]))
    survey = document["survey"]
    start, end = map(date.fromisoformat, survey["period"])
    return Inputs(
        number=document["document"],
        title=survey["title"],
        sha256=survey["sha256"],
        period=DatePeriod(start=start, end=end),
        steps=tuple(map(_step, survey["steps"])),
        meta=Meta(
            network=document["network"],
            affiliate=document["affiliate"],
            screens=document["screens"],
            rejects=document["rejects"],
        ),
        files={name: InputFile(**told) for name, told in document["files"].items()},
        whole=document["evidence"] == "asked",
    )


def _step(told: Mapping[str, Any]) -> Step:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}
    kind = values.pop("kind")
    if "others" in values:
        values["others"] = ScreenChoice(codes=tuple(values["others"]["codes"]), all_but=values["others"]["all_but"])
    return _KINDS[kind](**values)


def _rows(path: Path) -> int | None:
    """None for what is no Parquet file, whatever its name says: a folder may hold more than the survey reads."""
    try:
        with pq.ParquetFile(path) as file:
            return int(file.metadata.num_rows)
    except (OSError, pa.ArrowException):
        return None
