"""Whether a form may be used for a survey: made from this very source, and on the disk as it was written."""

from collections.abc import Mapping

from takuso.survey.archive.fast import Said, answer
from takuso.survey.archive.form import Manifest, NoForm, all_damaged, place, read_manifest
from takuso.survey.archive.reads import changes, differing
from takuso.survey.checks import UnknownOrganisation
from takuso.survey.definition import Survey
from takuso.survey.duck import NoRecords
from takuso.survey.figures import Figures
from takuso.survey.source import FAST_FORM, Source, SourceFault

_REBUILD = "takuso log archive --source で作り直すと速くなります。"


def answer_from_form(survey: Survey, source: Source, said: Said) -> tuple[Figures, Manifest]:
    """The figures from the form of a source, and what the form was made from.

    Sizes and times of the source's files decide here whether they have changed; who has their hashes asks
    `must_be_made_from`. Raises NoForm, with an empty message if there is no form at all. A form never refuses a
    survey: where it would, the plain files decide.
    """
    folder = place(source.folder)
    manifest = read_manifest(folder)
    try:
        changed = changes(source, manifest)
    except OSError as error:
        raise NoForm(f"元のファイルを読めません（{error.strerror}）。") from error
    if changed:
        raise _stale(changed)
    said("速い形を検査しています")
    used = [part for part in (manifest.words, manifest.supply, manifest.known, manifest.offsets) if part is not None]
    days = [entry.rows for day, entry in manifest.days.items() if survey.period.contains(day)]
    for file in all_damaged(folder, (*used, *manifest.customers, *days)):
        raise NoForm(f"{FAST_FORM}/{file}: 欠けているか、書いたときと違います。")
    try:
        return answer(survey, source, folder, manifest, said), manifest
    except (NoRecords, UnknownOrganisation, SourceFault) as refusal:
        raise NoForm(f"速い形では調べられません（{str(refusal).splitlines()[0]}）。") from refusal


def must_be_made_from(manifest: Manifest, hashes: Mapping[str, str]) -> None:
    """Raise NoForm if the files of the source, by their hashes, are not those that the form was made from."""
    changed = differing({name: sha for name, sha in hashes.items() if name in manifest.source}, manifest)
    if changed:
        raise _stale(changed)


def warning(reason: NoForm) -> str:
    """What is said when a form is there and cannot be used; empty if there is none."""
    return f"注意: 速い形を使わず、元のファイルを読みます。{reason}{_REBUILD}" if str(reason) else ""


def _stale(changed: list[str]) -> NoForm:
    more = f"ほか {len(changed) - 1} 件" if len(changed) > 1 else ""
    return NoForm(f"{changed[0]}{more} が、速い形を作ったときと違います。")
