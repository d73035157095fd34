"""A survey from its file to its answer."""

from collections.abc import Callable, Collection, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from takuso.survey.archive.form import NoForm
from takuso.survey.archive.fresh import answer_from_form, must_be_made_from, warning
from takuso.survey.closing.run import COLD
from takuso.survey.cold.manifest import BrokenManifest, must_be_warm
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
from takuso.survey.source import Source, SourceFault, digest_of, file_hashes, must_be_unchanged, open_source, standing
from takuso.survey.spark.cluster import Cluster
from takuso.survey.spark.engine import Spark
from takuso.survey.standing.answering import answer_from_extracts
from takuso.survey.standing.entries import NoStanding
from takuso.survey.standing.sampling import check_samples
from takuso.survey.transitions import ways

Said = Callable[[str], None]
_HASHING: Final = "記録のハッシュを計算しています"
_REFRESH: Final = "takuso survey standing --source DIR --refresh で作り直せます。"


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
    *,
    seed: int | None = None,
    cluster: Cluster | None = None,
) -> Ran:
    """Answer a survey over a source folder; with `out`, write the files of the answer there at once, the report
    in the forms of `papers` beside HTML.

    `said` is told what goes on, `warned` why a fast form is not used. `seed` draws the days of a standing survey that
    are derived again; without it each run draws others. With `cluster`, Spark computes there, from
    the plain files.

    Raises NoSource, NoSuchSource, SourceFault, ColdDays, UnknownOrganisation, NoRecords, EngineFailed, WrongPlace,
    CouldNotWrite, NoFont, PaperFailed, Contradiction, Contradicted; in every such case nothing is written.
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
    _must_be_whole(survey, source, warned or said)
    before = standing(source)
    figures, hashes, rested = _asked(survey, source, said, warned or said, seed, cluster, rests=out is not None)
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


def _asked(
    survey: Survey, source: Source, said: Said, warned: Said, seed: int | None, cluster: Cluster | None, *, rests: bool
) -> tuple[Figures, dict[str, str], Evidence | None]:
    """The figures, the hashes of the source's files, and with `rests` what the verdicts rest on."""
    with nullcontext() if cluster is None else closing(Spark(cluster)) as spark:
        figures, hashes = _figures(survey, source, said, warned, seed, spark)
        if not rests:
            return figures, hashes, None
        said("判定の根拠を書き出しています")
        return figures, hashes, evidence(survey, source) if spark is None else spark.evidence(survey, source)


def _must_be_whole(survey: Survey, source: Source, warned: Said) -> None:
    try:
        cold = must_be_warm(source.folder, survey.period)
    except BrokenManifest as error:
        rule, _, advice = str(error).partition("\n対処: ")
        raise SourceFault(COLD, rule, advice) from None
    if cold:
        warned(
            f"注意: 期間より前に、置き場に移した冷たい日が {len(cold)} 日あります（{cold[-1]} まで）。"
            "そこから続くセッションの、前の日の画面は分かりません。"
        )


def _figures(
    survey: Survey, source: Source, said: Said, warned: Said, seed: int | None, spark: Spark | None
) -> tuple[Figures, dict[str, str]]:
    """The figures and the hashes of the source's files; without Spark from extracts or the fast form, where there are
    such of this source."""
    if spark is not None:
        figures = spark.answer(survey, source, said)
        said(_HASHING)
        return figures, file_hashes(source)
    found: dict[str, str] | None = None
    try:
        return _from_extracts(survey, source, said, warned, seed)
    except NoStanding as reason:
        if str(reason):
            warned(f"注意: 日ごとの抜き書きを使いません。{reason}{_REFRESH}")
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


def _from_extracts(
    survey: Survey, source: Source, said: Said, warned: Said, seed: int | None
) -> tuple[Figures, dict[str, str]]:
    """From the extracts of a standing survey, tied to the raw files by their hashes and derived again in samples."""
    answered = answer_from_extracts(survey, source, said)
    said(_HASHING)
    found = file_hashes(source)
    try:
        must_be_made_from(answered.view.manifest, found)
        figures = check_samples(answered, source, seed, said)
    except NoForm as reason:
        # The form says itself what is wrong with it.
        raise NoStanding("") from reason
    if answered.derived:
        day, why = next(iter(answered.derived.items()))
        warned(
            f"注意: 抜き書きの使えない {len(answered.derived):,} 日は、速い形から計算しました"
            f"（{day}: {why}）。{_REFRESH}"
        )
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
