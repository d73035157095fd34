"""The result of a run as the screen shows it: figures, picture, a page of findings, what cannot be known."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from markupsafe import Markup

from takuso.doors.web.language import _
from takuso.doors.web.office import Office
from takuso.doors.web.surveys.sources import runs_of
from takuso.survey.figures import SUMMARY, Finding, Unknown
from takuso.survey.funnel import CONTRACTS, PERSONS, RECORDS, Bar, funnel
from takuso.survey.runs import Run

A_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`page` of `pages` counts from 1; `summary` is the document of summary.json."""

    summary: Mapping[str, Any]
    picture: Markup
    findings: list[Finding]
    total: int
    unknown: Unknown
    survey_sha256: str
    page: int
    pages: int


def source_hash(here: Office, run: Run) -> str:
    """SHA-256 of the source of a run that is done."""
    document = json.loads((runs_of(here).answer(run.asked.id) / SUMMARY).read_text(encoding="utf-8"))
    return str(document["source_sha256"])


def result(here: Office, run: Run, page: str) -> Result:
    """The result of a run that is done, at that page of its findings; a page that is none is the first."""
    # Arrow is loaded only by whoever looks at a result.
    from takuso.survey.result import read_findings, read_summary

    out = runs_of(here).answer(run.asked.id)
    summary = read_summary(out)
    wanted = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    wanted = max(1, wanted)
    findings, total, unknown = read_findings(out, (wanted - 1) * A_PAGE, A_PAGE)
    return Result(
        summary=summary,
        picture=Markup(funnel(_bars(summary), run.asked.title)),  # noqa: S704 - it escapes what it is given
        findings=findings,
        total=total,
        unknown=unknown,
        survey_sha256=sha256(runs_of(here).survey(run.asked.id).read_bytes()).hexdigest(),
        page=wanted,
        pages=max(1, -(-total // A_PAGE)),
    )


def _bars(summary: Mapping[str, Any]) -> list[Bar]:
    steps = summary["steps"]
    return [
        Bar(label=_("ログの全数"), number=steps[0]["rows_in"], unit=RECORDS),
        *(Bar(label=f"{step['no']} {step['name']}", number=step["rows_out"], unit=RECORDS) for step in steps),
        Bar(label=_("閲覧者"), number=summary["viewers"], unit=PERSONS),
        Bar(label=_("閲覧されたお客さま"), number=summary["contracts"], unit=CONTRACTS),
    ]
