"""What a survey can be asked of: the demo's legacy week, folders an administrator placed, sources sent by browser."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from takuso.doors.web.language import _
from takuso.doors.web.office import Office
from takuso.survey.closing import OWN_LOG
from takuso.survey.runs import Run, Runs
from takuso.survey.work import Command, advance

DEMO: Final = "demo"
LEGACY_ROWS: Final = 60_000
LEGACY_POINTS: Final = 30_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveySource:
    """A source by the key it is chosen with. `label` is for people; `before` makes it, if it is not there yet."""

    key: str
    label: str
    folder: Path
    before: tuple[str, ...] = ()


def runs_of(here: Office) -> Runs:
    """The runs of this home."""
    return Runs(here.folder / "surveys")


def advance_runs(here: Office) -> None:
    """Begin the run whose turn it is."""
    advance(runs_of(here), lambda run: _commands(here, run), here.folder)


def _commands(here: Office, run: Run) -> list[Command]:
    runs, name = runs_of(here), run.asked.id
    source = sources(here).get(run.asked.source)
    # A source that has been taken away since: the survey itself says that it is not there.
    folder = source.folder if source else runs.place(name) / "no-source"
    out = ("--out", str(runs.answer(name)), "--json")
    ask = ("survey", "run", str(runs.survey(name)), "--source", str(folder), *out)
    return [source.before, ask] if source and source.before else [ask]


def uploads_of(here: Office) -> Path:
    """Where sources that were sent lie."""
    return here.folder / "surveys" / "uploads"


def sources(here: Office) -> dict[str, SurveySource]:
    """Key to source; what is not here cannot be chosen."""
    found = [*_demo(here), *_placed(here.folder / "sources"), *_sent(uploads_of(here))]
    return {source.key: source for source in found}


def _demo(here: Office) -> Sequence[SurveySource]:
    if not here.demo:
        return ()
    folder = here.folder / "demo" / "legacy-week"
    size = ("--rows", str(LEGACY_ROWS), "--points", str(LEGACY_POINTS))
    return (
        SurveySource(
            key=DEMO,
            label=_("デモの旧システムの 1 週間（架空、{rows} 件・{points} 地点）").format(
                rows=f"{LEGACY_ROWS:,}", points=f"{LEGACY_POINTS:,}"
            ),
            folder=folder,
            before=() if folder.exists() else ("demo", "log", "--json", "--out", str(folder), *size),
        ),
    )


def _placed(folder: Path) -> Sequence[SurveySource]:
    return [
        SurveySource(key=f"placed:{child.name}", label=_placed_label(child.name), folder=child)
        for child in _folders(folder)
        if (child / "meta.json").is_file()
    ]


def _placed_label(name: str) -> str:
    if name == OWN_LOG:
        return _("このシステムの閲覧記録（締めた日まで）")
    return f"sources/{name}"


def _sent(folder: Path) -> Sequence[SurveySource]:
    found = []
    for child in _folders(folder):
        try:
            told = json.loads((child / "sent.json").read_text(encoding="utf-8"))
            label = f"{told['name']}（{told['at'][:16].replace('T', ' ')} {told['person']}）"
        except (OSError, ValueError, KeyError, TypeError):
            continue
        found.append(SurveySource(key=f"sent:{child.name}", label=label, folder=child / "source"))
    return found


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(child for child in folder.iterdir() if _NAME.fullmatch(child.name) and child.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []
