"""A survey from its file to its answer."""

from collections.abc import Callable
from pathlib import Path

from takuso.survey.definition import Survey
from takuso.survey.duck import answer as answer_with_duckdb
from takuso.survey.report import report
from takuso.survey.result import Answer, check_place, files, write
from takuso.survey.source import Source, digest, must_be_unchanged, open_source, standing


class NoSource(Exception):
    """Neither the survey file nor the caller names a source."""


def run(survey: Survey, folder: Path | None, out: Path | None, said: Callable[[str], None]) -> tuple[Answer, Source]:
    """Answer a survey over a source folder; with `out`, write summary, findings and report there at once.

    Raises NoSource, NoSuchSource, SourceFault, UnknownOrganisation, NoRecords, EngineFailed, WrongPlace,
    CouldNotWrite; in every such case nothing is written.
    """
    folder = folder or survey.source
    if folder is None:
        raise NoSource(
            "調査する記録のフォルダーが指定されていません。\n対処: --source を付けるか、調査ファイルに source を書く。"
        )
    if out is not None:
        check_place(out, folder)
    source = open_source(folder)
    before = standing(source)
    figures = answer_with_duckdb(survey, source, said)
    said("記録のハッシュを計算しています")
    sha256 = digest(source)
    must_be_unchanged(source, before)
    answer = Answer(survey=survey, figures=figures, source_sha256=sha256, rejects=source.meta.rejects)
    if out is not None:
        write(out, files(answer, report(answer, source.meta)))
    return answer, source
