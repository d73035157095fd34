"""What stands under `.takuso/standing/NAME/`: the parts of each day's extract, and a manifest written last.

The manifest ties each day to what it was made from: the raw files and the day of the fast form by their hashes, the
survey's steps, the dictionaries in whose codes it is, and for `held` the index of supply periods. What no longer fits
is stale, part by part, and says why.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from takuso.survey.archive.form import Manifest, Part, key_of
from takuso.survey.archive.words import Words
from takuso.survey.source import FAST_FORM
from takuso.survey.standing.deriving import View
from takuso.survey.standing.question import VERSION, Question

FOLDER: Final = "standing"
MANIFEST: Final = "manifest.json"
PROGRESS: Final = "progress.json"
SURVEY: Final = "survey.yaml"
NOT_MADE: Final = "まだ抜き書きがない"
_OTHER_DAY: Final = "その日の記録のファイルが変わった"
_OTHER_PEOPLE: Final = "利用者の台帳か、前の日から続くセッションが変わった"
_OTHER_SUPPLY: Final = "供給者の履歴が変わった"
_OTHER_BEFORE: Final = "前の日の記録か、その日の利用者の台帳が変わった"
_DICTIONARIES: Final = ("screens", "persons", "affiliations", "retailers")


class NoStanding(Exception):
    """There are no extracts for a survey, or they cannot be used: the message says why; empty if there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A day's extract. `raw` is the hash of the day's files, `form` the key of the day in the fast form: a hash of
    those, of all days before and of what people.parquet says about the day. `beside` was gathered since `since`."""

    raw: str
    form: str
    rows: Part
    held: Part
    beside: Part | None
    since: date

    def parts(self) -> Iterator[Part]:
        """Every file of the extract."""
        yield from (self.rows, self.held)
        if self.beside is not None:
            yield self.beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionaries:
    """How far the dictionaries of a form went, and a hash of them up to there: they only grow."""

    lengths: Sequence[int] = (0,) * len(_DICTIONARIES)
    sha256: str = ""
    customers: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracts:
    """All extracts of a standing survey. `survey` is the SHA-256 of its file, `key` that of what its steps ask."""

    name: str
    title: str
    survey: str
    key: str
    dictionaries: Dictionaries = field(default_factory=Dictionaries)
    days: Mapping[date, Entry] = field(default_factory=dict)

    def parts(self) -> Iterator[Part]:
        """Every file of them."""
        for entry in self.days.values():
            yield from entry.parts()

    def text(self) -> str:
        """The manifest as a file; it ends in a root hash over all of it."""
        document = self._document()
        return json.dumps(document | {"root": _root(document)}, ensure_ascii=False, sort_keys=True) + "\n"

    def _document(self) -> dict[str, Any]:
        days = {str(day): asdict(entry) | {"since": str(entry.since)} for day, entry in self.days.items()}
        return {"standing": VERSION, **asdict(replace(self, days={})), "days": days}


def home_of(form: Path, name: str) -> Path:
    """The folder of a standing survey below a form."""
    return form / FOLDER / name


def names(form: Path) -> list[str]:
    """The standing surveys of a form."""
    return sorted(file.parent.name for file in (form / FOLDER).glob(f"*/{SURVEY}"))


def read_extracts(form: Path, name: str, file: str = MANIFEST) -> Extracts:
    """The extracts of a standing survey. Raises NoStanding."""
    where = f"{FAST_FORM}/{FOLDER}/{name}/{file}"
    try:
        document = json.loads((home_of(form, name) / file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoStanding("") from None
    except (OSError, ValueError) as error:
        raise NoStanding(f"{where}: 読めません（{error}）。") from None
    try:
        if document["standing"] != VERSION:
            raise NoStanding(f"{where}: 抜き書きの版が違います（{document['standing']}、今は {VERSION}）。")
        if _root({name: value for name, value in document.items() if name != "root"}) != document["root"]:
            raise NoStanding(f"{where}: 書き換えられています（root が合いません）。")
        return _extracts(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NoStanding(f"{where}: 項目が足りないか、形が違います。") from None


def _extracts(document: Mapping[str, Any]) -> Extracts:
    days = {}
    for day, entry in sorted(document["days"].items()):
        parts = {name: Part(**entry[name]) for name in ("rows", "held")}
        parts["beside"] = Part(**entry["beside"]) if entry["beside"] else None  # type: ignore[assignment]
        days[date.fromisoformat(day)] = Entry(**{**entry, **parts, "since": date.fromisoformat(entry["since"])})
    told = {name: document[name] for name in ("name", "title", "survey", "key")}
    return Extracts(**told, dictionaries=Dictionaries(**document["dictionaries"]), days=days)


def _root(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def dictionaries(words: Words, manifest: Manifest) -> Dictionaries:
    """The dictionaries of a form as they are."""
    lengths = [len(getattr(words, name)) for name in _DICTIONARIES]
    return Dictionaries(
        lengths=lengths,
        sha256=_hash(words, lengths),
        customers=[part.sha256 for part in manifest.customers],
    )


def grown_from(former: Dictionaries, words: Words, manifest: Manifest) -> bool:
    """True if the codes of former dictionaries still say the same."""
    customers = [part.sha256 for part in manifest.customers]
    same = customers[: len(former.customers)] == list(former.customers)
    return same and _hash(words, former.lengths) == former.sha256


def _hash(words: Words, lengths: Sequence[int]) -> str:
    return key_of([getattr(words, name)[:length] for name, length in zip(_DICTIONARIES, lengths, strict=True)])


def rows_key(view: View, question: Question, day: date) -> str:
    """A hash of what the rows of a day are made from."""
    return key_of(question.key, str(day), view.entry(day).rows.sha256)


def held_key(view: View, question: Question, day: date) -> str:
    """A hash of what the supply periods of a day are made from."""
    return key_of(rows_key(view, question, day), [part.sha256 for part in view.index])


def beside_key(view: View, question: Question, day: date, since: date) -> str:
    """A hash of what stands beside the rows of a day is made from."""
    before = [[str(one), entry.rows.sha256] for one, entry in view.manifest.days.items() if since <= one < day]
    return key_of(rows_key(view, question, day), before)


def stale(view: View, question: Question, extracts: Extracts) -> dict[date, str]:
    """The days of the form that have no extract which is right, and why. Raises NoStanding if none can be."""
    if extracts.key != question.key:
        raise NoStanding("調査の段が、抜き書きを作ったときと違います。")
    if not grown_from(extracts.dictionaries, view.words, view.manifest):
        raise NoStanding("速い形の辞書が、抜き書きを作ったときと違います。")
    found = {day: _why(view, question, extracts.days.get(day), day) for day in view.manifest.days}
    return {day: why for day, why in found.items() if why}


def _why(view: View, question: Question, entry: Entry | None, day: date) -> str:
    if entry is None:
        return NOT_MADE
    if entry.raw != view.entry(day).raw:
        return _OTHER_DAY
    if entry.rows.key != rows_key(view, question, day):
        return _OTHER_PEOPLE
    if entry.beside is not None and entry.beside.key != beside_key(view, question, day, entry.since):
        return _OTHER_BEFORE
    return _OTHER_SUPPLY if entry.held.key != held_key(view, question, day) else ""
