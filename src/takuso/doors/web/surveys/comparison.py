"""Two runs of the same survey side by side: what was asked, of what, the figures, and why each finding moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from takuso.doors.web.office import Office
from takuso.doors.web.surveys.sources import runs_of
from takuso.survey.runs import Run, State

A_PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A finding that came, went or changed, in words; `records` are lines."""

    change: str
    viewer: str
    contract: str
    sentence: str
    records: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a run differs from another one; `page` of `pages` counts from 1. With `trouble` nothing else is told."""

    trouble: Sequence[str] = ()
    same: bool = False
    numbers: tuple[str, str] = ("", "")
    definition: Sequence[str] = ()
    files: Sequence[str] = ()
    figures: Sequence[str] = ()
    reasons: Sequence[tuple[str, int]] = ()
    moved: Sequence[Moved] = ()
    total: int = 0
    page: int = 1
    pages: int = 1


def comparable(here: Office, run: Run) -> list[Run]:
    """The other runs of the same survey that are done, the newest first."""
    return [
        other
        for other in runs_of(here).all()
        if other.asked.id != run.asked.id and other.asked.survey == run.asked.survey and other.state is State.DONE
    ]


def comparison(here: Office, before: Run, after: Run, page: str) -> Comparison:
    """Compare two runs that are done, at that page of the findings; a page that is none is the first."""
    # Arrow is loaded only by whoever looks at a result.
    from takuso.survey.restating.compare import compare, reasons
    from takuso.survey.restating.outcome import BrokenAnswer, NoAnswer, open_outcome
    from takuso.survey.restating.reasons import WORDS, Kind
    from takuso.survey.restating.telling import CHANGES, definition, figures_changed, files, record_line

    runs = runs_of(here)
    try:
        found = compare(*(open_outcome(runs.answer(run.asked.id)) for run in (before, after)))
    except (NoAnswer, BrokenAnswer) as error:
        # Where this home lies is nobody's business on a screen.
        return Comparison(trouble=str(error).replace(str(runs.folder), "").splitlines())
    pages = max(1, -(-len(found.findings) // A_PAGE))
    wanted = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    wanted = min(max(1, wanted), pages)
    shown = found.findings[(wanted - 1) * A_PAGE : wanted * A_PAGE]
    return Comparison(
        same=found.same,
        numbers=(found.before.inputs.number, found.after.inputs.number),
        definition=definition(found),
        files=files(found),
        figures=figures_changed(found),
        reasons=[(WORDS[Kind(kind)], number) for kind, number in reasons(found).items()],
        moved=[
            Moved(
                change=CHANGES[one.change],
                viewer=one.key[0],
                contract=one.key[1],
                sentence=one.reason.sentence,
                records=[record_line(record) for record in one.records],
            )
            for one in shown
        ],
        total=len(found.findings),
        page=wanted,
        pages=pages,
    )
