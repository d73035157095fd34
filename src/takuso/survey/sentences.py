"""Each step as a Japanese sentence that says what it kept or dropped, for the report."""

from takuso.survey.definition import (
    AFFILIATE,
    NETWORK,
    Annotate,
    CustomerHeldByOther,
    Exclude,
    Include,
    ReachedFrom,
    ScreenChoice,
    Screens,
    Step,
    ViewerAffiliation,
)
from takuso.survey.source import Meta


def sentence(step: Step, meta: Meta) -> str:
    """What a step did, with the names of this source."""
    if isinstance(step, Screens):
        return f"{_named(step.screens, meta)}の記録だけを残した。"
    if isinstance(step, ReachedFrom):
        what = f"{_named(step.screens, meta)}の記録" if step.screens else "記録"
        return (
            f"{_named(step.origins, meta)}の次に開かれた{what}だけを残した。"
            "前の画面は、記録された遷移元、なければ絞り込む前の同じセッションの直前の記録による。"
        )
    if isinstance(step, ViewerAffiliation):
        kept = "従業員と委託先の人" if step.contractors else "従業員（委託先の人は含まない）"
        return f"閲覧した日に{_organisation(step.organisation, meta)}の{kept}であった人の記録だけを残した。"
    if isinstance(step, CustomerHeldByOther):
        return (
            f"閲覧した時点で、{_organisation(step.organisation, meta)}とは別の小売電気事業者が供給していた"
            "供給地点の記録だけを残した。供給者のいない供給地点は含まない。"
        )
    return _others(step, meta)


def _others(step: Include | Exclude | Annotate, meta: Meta) -> str:
    screens = _choice(step.others, meta)
    if isinstance(step, Include):
        return (
            f"残っている記録のあとに、同じセッションで同じお客さまについて開かれた{screens}の記録を加えた。"
            "加えた記録も、ここまでの閲覧者と供給者の条件を満たす。"
        )
    if isinstance(step, Exclude):
        return f"{screens}の記録を除いた。"
    return f"同じセッションで同じお客さまについて開かれた{screens}の記録を、一覧に書き添えた。件数は変わらない。"


def _choice(choice: ScreenChoice, meta: Meta) -> str:
    return _named(choice.codes, meta) + ("以外の画面" if choice.all_but else "")


def _named(codes: tuple[str, ...], meta: Meta) -> str:
    return "、".join(map(meta.screen, codes))


def _organisation(named: str, meta: Meta) -> str:
    roles = {AFFILIATE: "小売の関係会社", NETWORK: "送配電会社"}
    return f"{roles[named]}（{meta.organisation(named)}）" if named in roles else named
