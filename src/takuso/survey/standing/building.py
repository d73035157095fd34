"""`takuso survey stand`: a survey is registered for an archive, and its extracts are made or mended, day by day.

A builder holds the lock of the fast form, so that the form stays as it is meanwhile. It keeps what is still right and
tells every few days how far it has come; the manifest is replaced last, and until then the former extracts stay.
"""

import errno
import fcntl
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa

from takuso.survey.archive import form as f
from takuso.survey.archive.reads import changes
from takuso.survey.definition import Survey
from takuso.survey.reading import read_survey
from takuso.survey.source import FAST_FORM, Source, open_source
from takuso.survey.standing import entries as e
from takuso.survey.standing.arrays import packed
from takuso.survey.standing.deriving import Extract, View, derive
from takuso.survey.standing.organisations import check_organisations
from takuso.survey.standing.question import question

Said = Callable[[str], None]
Found = TypeVar("Found")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OFTEN: Final = 16
"""After so many days a builder tells how far it has come."""


class Busy(Exception):
    """Another builder is at work on this source."""


class NotArchived(Exception):
    """There is no fast form that is fresh and whole."""


class NotRegistered(Exception):
    """No standing survey of that name."""


class CouldNotStand(Exception):
    """Extracts could not be written; the former ones still stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A standing survey: days made anew, days kept, days of the form that are stale and why; bytes of the extracts."""

    extracts: e.Extracts
    made: tuple[date, ...]
    kept: int
    stale: Mapping[date, str]
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "survey": self.extracts.name,
            "title": self.extracts.title,
            "survey_sha256": self.extracts.survey,
            "days": len(self.extracts.days),
            "made": [str(day) for day in self.made],
            "kept": self.kept,
            "stale": {str(day): why for day, why in self.stale.items()},
            "bytes": sum(part.bytes for part in self.extracts.parts()),
            "seconds": round(self.seconds, 3),
        }


def stand(file: Path, folder: Path, said: Said) -> Stood:
    """Register a survey file for a source and make its extracts; what is right already is kept.

    Raises WrongSurveyFile, UnknownOrganisation, CannotStand, NoSuchSource, SourceFault, NotArchived, Busy,
    CouldNotStand.
    """
    return _guarded(open_source(folder), lambda source: _stand(file, source, said))


def refresh(folder: Path, said: Said) -> list[Stood]:
    """Make what is missing or stale for every standing survey of a source. Raises as `stand`."""
    source = open_source(folder)
    form = f.place(folder)
    files = [e.home_of(form, name) / e.SURVEY for name in e.names(form)]
    return _guarded(source, lambda found: [_stand(file, found, said) for file in files])


def look(folder: Path) -> list[Stood]:
    """Every standing survey of a source as it is. Raises NoSuchSource, SourceFault, NotArchived, WrongSurveyFile."""
    source = open_source(folder)
    form, view = f.place(folder), _view(source)
    found = []
    for name in e.names(form):
        survey = read_survey(e.home_of(form, name) / e.SURVEY)
        try:
            extracts = e.read_extracts(form, name)
            stale = _damaged(form, extracts) | e.stale(view, question(survey, source.meta), extracts)
        except e.NoStanding as reason:
            extracts = _fresh(survey, "")
            stale = dict.fromkeys(view.manifest.days, str(reason) or e.NOT_MADE)
        found.append(Stood(extracts=extracts, made=(), kept=len(view.manifest.days) - len(stale), stale=stale))
    return found


def _damaged(form: Path, extracts: e.Extracts) -> dict[date, str]:
    """Days of which a part is not there, or not as it was written."""
    bad = {day: [part.file for part in entry.parts() if f.damaged(form, part)] for day, entry in extracts.days.items()}
    return {day: f"{FAST_FORM}/{files[0]} が欠けているか、書いたときと違う" for day, files in bad.items() if files}


def drop(folder: Path, name: str) -> None:
    """Register a survey no more, and remove its extracts. Raises NoSuchSource, SourceFault, NotRegistered, Busy."""
    form = f.place(open_source(folder).folder)
    if name not in e.names(form):
        raise NotRegistered(
            f"{name} という常設の調査は、{folder} にありません。\n"
            "対処: takuso survey standing --source DIR で名前を確かめる。"
        )
    with _lock(form):
        # The manifest first: from here on no survey is answered from what is left.
        (e.home_of(form, name) / e.MANIFEST).unlink(missing_ok=True)
        (e.home_of(form, name) / e.SURVEY).unlink()
        shutil.rmtree(e.home_of(form, name))


def _guarded(source: Source, work: Callable[[Source], Found]) -> Found:
    try:
        with _lock(f.place(source.folder)):
            return work(source)
    except f.NoForm as reason:
        raise _not_archived(source, reason) from reason
    except (OSError, pa.ArrowException) as error:
        number = error.errno if isinstance(error, OSError) else None
        cure = "空きを作って" if number in _FULL else "書ける場所か確かめて"
        why = str(error.strerror if isinstance(error, OSError) else error)
        raise CouldNotStand(
            f"抜き書きを {source.folder / FAST_FORM / e.FOLDER} に書けません（{why}）。前の抜き書きは元のままです。\n"
            f"対処: {cure}、もう一度実行する。"
        ) from error


@contextmanager
def _lock(form: Path) -> Iterator[None]:
    if not form.is_dir():
        yield
        return
    with (form / f.LOCK).open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                f"{form.parent} の速い形か抜き書きは、いまほかの takuso log archive か takuso survey stand が"
                "作っています。\n"
                "対処: それが終わってから、もう一度実行する。"
            ) from None
        yield


def _view(source: Source) -> View:
    """The form, if it is of this source as it is, with its dictionaries and its index whole. Raises NotArchived."""
    try:
        manifest = f.read_manifest(f.place(source.folder))
        changed = changes(source, manifest)
        if changed:
            raise f.NoForm(f"{changed[0]} が、速い形を作ったときと違います。")
        for part in (manifest.words, manifest.supply, manifest.known, manifest.offsets, *manifest.customers):
            if part is not None and f.damaged(f.place(source.folder), part):
                raise f.NoForm(f"{FAST_FORM}/{part.file}: 欠けているか、書いたときと違います。")
        return View(f.place(source.folder), manifest, source.meta)
    except (OSError, ValueError, TypeError) as error:
        raise _not_archived(source, f.NoForm(f"読めません（{error}）。")) from error
    except f.NoForm as reason:
        raise _not_archived(source, reason) from reason


def _not_archived(source: Source, reason: f.NoForm) -> NotArchived:
    why = str(reason) or "速い形がありません。"
    return NotArchived(
        f"{source.folder} の速い形を使えません。{why}\n"
        f"対処: takuso log archive --source {source.folder} で作ってから、もう一度実行する。"
    )


def _stand(file: Path, source: Source, said: Said) -> Stood:
    began = time.perf_counter()
    survey = read_survey(file)
    view = _view(source)
    check_organisations(survey, source, view.words)
    builder = _Builder(survey, source, view, said)
    made = builder.build(file.read_text(encoding="utf-8"))
    return Stood(extracts=builder.extracts, made=made, kept=builder.kept, stale={}, seconds=time.perf_counter() - began)


class _Builder:
    """One run, under the lock. `extracts` is what is right so far."""

    def __init__(self, survey: Survey, source: Source, view: View, said: Said) -> None:
        self._view, self._said, self._survey = view, said, survey
        self._question = question(survey, source.meta)
        self._home = e.home_of(view.folder, survey.name)
        self.kept = 0
        self.extracts = _fresh(survey, self._question.key)

    def build(self, text: str) -> tuple[date, ...]:
        """Make what is missing or stale; the days that were made."""
        self._home.mkdir(parents=True, exist_ok=True)
        # Registered first: what is killed is taken up by its name.
        f.write_text(self._home, e.SURVEY, text)
        self._keep()
        days = self._view.manifest.days
        wanted = [day for day in days if day not in self.extracts.days]
        self.kept = len(days) - len(wanted)
        for count, day in enumerate(wanted, start=1):
            self._said(f"{self._survey.name}: {day} を抜き書きしています（{count}/{len(wanted)}）")
            self._day(day)
            if count % _OFTEN == 0:
                f.write_text(self._home, e.PROGRESS, self.extracts.text())
        f.write_text(self._home, e.MANIFEST, self.extracts.text())
        (self._home / e.PROGRESS).unlink(missing_ok=True)
        self._sweep()
        return tuple(wanted)

    def _keep(self) -> None:
        """Take over the days, of a builder that was stopped or of the manifest, that are right and as written."""
        self.extracts = replace(self.extracts, dictionaries=e.dictionaries(self._view.words, self._view.manifest))
        for file in (e.PROGRESS, e.MANIFEST):
            try:
                former = e.read_extracts(self._view.folder, self._survey.name, file)
                stale = e.stale(self._view, self._question, former)
            except e.NoStanding as reason:
                if str(reason):
                    self._said(f"{self._survey.name}: {reason} 作り直します。")
                continue
            days = self._view.manifest.days.keys() - stale.keys()
            whole = {day: former.days[day] for day in sorted(days) if self._whole(former.days[day])}
            self.extracts = replace(self.extracts, days=whole)
            return

    def _whole(self, entry: e.Entry) -> bool:
        bad = [part.file for part in entry.parts() if f.damaged(self._view.folder, part)]
        for file in bad:
            self._said(f"{FAST_FORM}/{file}: 欠けているか、書いたときと違います。作り直します。")
        return not bad

    def _day(self, day: date) -> None:
        view, asked = self._view, self._question
        extract = derive(view, asked, day)
        form = view.entry(day)
        entry = e.Entry(
            raw=form.raw,
            form=form.rows.key,
            rows=self._settled(day, "rows", packed(extract.rows), e.rows_key(view, asked, day)),
            held=self._settled(day, "held", packed(extract.held), e.held_key(view, asked, day)),
            beside=self._beside(day, extract),
            since=extract.since,
        )
        self.extracts = replace(self.extracts, days=dict(sorted({**self.extracts.days, day: entry}.items())))

    def _beside(self, day: date, extract: Extract) -> f.Part | None:
        if extract.beside is None:
            return None
        key = e.beside_key(self._view, self._question, day, extract.since)
        return self._settled(day, "beside", packed(extract.beside), key)

    def _settled(self, day: date, what: str, content: bytes, key: str) -> f.Part:
        draft = self._home / "draft"
        draft.write_bytes(content)
        name = f"{e.FOLDER}/{self._survey.name}/{day}.{key[:16]}.{what}"
        return f.settle(self._view.folder, draft, name, key)

    def _sweep(self) -> None:
        named = {Path(part.file).name for part in self.extracts.parts()} | {e.MANIFEST, e.SURVEY}
        for file in self._home.iterdir():
            if file.name not in named:
                file.unlink()


def _fresh(survey: Survey, key: str) -> e.Extracts:
    return e.Extracts(name=survey.name, title=survey.title, survey=survey.sha256, key=key)
