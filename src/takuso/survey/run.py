"""A survey from its file to its answer."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from takuso.survey.archive.form import NoForm
from takuso.survey.archive.fresh import answer_from_form, must_be_made_from, warning
from takuso.survey.definition import Survey
from takuso.survey.duck import answer as answer_with_duckdb
from takuso.survey.figures import EVIDENCE, INPUTS, Figures
from takuso.survey.printing.drawing import EVERY_PAPER, check_papers, drawn
from takuso.survey.printing.paper import paper
from takuso.survey.report import report
from takuso.survey.restating.evidence import Evidence, evidence, must_agree, parquet
from takuso.survey.restating.inputs import inputs_json
from takuso.survey.restating.versions import keep_former
from takuso.survey.result import Answer, check_place, could_not_write, files, write
from takuso.survey.source import Source, digest_of, file_hashes, must_be_unchanged, open_source, standing
from takuso.survey.transitions import ways

Said = Callable[[str], None]
_HASHING: Final = "記録のハッシュを計算しています"


class NoSource(Exception):
    """Neither the survey file nor the caller names a source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """An answer, the source it is of, and where the answer is kept that stood in its place and said something else."""

    answer: Answer
    source: Source
    kept: Path | None


def run(
    survey: Survey,
    folder: Path | None,
    out: Path | None,
    said: Said,
    papers: Collection[str] = EVERY_PAPER,
    warned: Said | None = None,
) -> Ran:
    """Answer a survey over a source folder; with `out`, write the files of the answer there at once, the report
    in the forms of `papers` beside HTML.

    `said` is told what goes on, `warned` why a fast form is not used.

    Raises NoSource, NoSuchSource, SourceFault, UnknownOrganisation, NoRecords, EngineFailed, WrongPlace,
    CouldNotWrite, NoFont, PaperFailed, Contradiction; in every such case nothing is written.
    """
    folder = folder or survey.source
    if folder is None:
        raise NoSource(
            "調査する記録のフォルダーが指定されていません。\n対処: --source を付けるか、調査ファイルに source を書く。"
        )
    if out is not None:
        check_place(out, folder)
        check_papers(papers)
    source = open_source(folder)
    before = standing(source)
    figures, hashes = _figures(survey, source, said, warned or said)
    if out is not None:
        said("判定の根拠を書き出しています")
    rested = evidence(survey, source) if out is not None else None
    must_be_unchanged(source, before)
    if rested is not None:
        must_agree(rested, figures.findings)
    answer = Answer(survey=survey, figures=figures, source_sha256=digest_of(hashes), rejects=source.meta.rejects)
    kept = None
    if out is not None and rested is not None:
        said("報告書を作っています")
        try:
            named = _files(answer, source, rested, hashes, papers)
        except OSError as error:
            # A large workbook is made by way of temporary files.
            raise could_not_write(out, error) from error
        kept = keep_former(out, named)
        write(out, named)
    return Ran(answer=answer, source=source, kept=kept)


def _figures(survey: Survey, source: Source, said: Said, warned: Said) -> tuple[Figures, dict[str, str]]:
    """The figures, from the fast form if there is one of this very source, and the hashes of the source's files."""
    found: dict[str, str] | None = None
    try:
        figures, manifest = answer_from_form(survey, source, said)
        said(_HASHING)
        found = file_hashes(source)
        must_be_made_from(manifest, found)
    except NoForm as reason:
        if warning(reason):
            warned(warning(reason))
        figures = answer_with_duckdb(survey, source, said)
    if found is None:
        said(_HASHING)
        found = file_hashes(source)
    return figures, found


def _files(
    answer: Answer, source: Source, rested: Evidence, hashes: Mapping[str, str], papers: Collection[str]
) -> dict[str, bytes]:
    """Every file of the answer, by name."""
    found = ways(rested.table, answer.figures.findings)
    return {
        **files(answer, report(answer, source.meta, found)),
        **drawn(papers, paper(answer, source.meta, found)),
        INPUTS: inputs_json(answer.survey, source, hashes, answer.source_sha256, whole=rested.whole),
        EVIDENCE: parquet(rested),
    }
