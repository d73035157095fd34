"""The report as a paper: the dataset that PDF and workbook are drawn from."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from takuso.papers.fonts import FAMILY
from takuso.papers.tables import Cell, Column, Kind, Paper, Picture, Table
from takuso.survey.figures import FINDINGS, SHEETS
from takuso.survey.funnel import funnel
from takuso.survey.report import STYLE, bars, lead, reproduce, unknown_lines
from takuso.survey.result import Answer
from takuso.survey.sentences import sentence
from takuso.survey.source import Meta
from takuso.survey.transitions import CAPTION, UNKNOWN, Ways, picture, words

_VARIABLE: Final = re.compile(r"var\(--(\w+)\)")
_RULE: Final = re.compile(r"^\.funnel( [^{]+)?\{([^}]*)\}", re.MULTILINE)


def paper(answer: Answer, meta: Meta, found: Ways) -> Paper:
    """The paper of an answer."""
    survey = answer.survey
    return Paper(
        number=answer.number,
        title=survey.title,
        lead=lead(answer),
        parts=[
            _result(answer),
            _process(answer),
            _funnel(answer),
            _ways(found, meta, survey.title),
            _transitions(found, meta),
            _steps(answer, meta),
            _then_and_now(answer),
            _unknown(answer),
            _screens(answer, meta),
            _reproduce(answer),
        ],
        annex=[_findings(answer)],
        annex_note=(
            f"閲覧者と契約の組ごとの一覧（{len(answer.figures.findings):,} 組）は、同じ文書番号の {SHEETS} にある。"
        ),
    )


def _columns(*headings: str | tuple[str, Kind]) -> list[Column]:
    told = (one if isinstance(one, tuple) else (one, Kind.TEXT) for one in headings)
    return [Column(heading=heading, kind=kind) for heading, kind in told]


def _result(answer: Answer) -> Table:
    then, now = answer.figures.then, answer.figures.now
    return Table(
        title="調査の結果",
        short="結果",
        columns=_columns("数えたもの", "単位", ("当時の記録による", Kind.NUMBER), ("いまの記録による", Kind.NUMBER)),
        rows=[
            ("閲覧者数", "人", then.viewers, now.viewers),
            ("閲覧されたお客さま数", "契約", then.contracts, now.contracts),
        ],
        note="閲覧者は人で数え、同じ人の複数の ID は 1 人とする。お客さまは供給期間で数え、閲覧の時点のものをとる。",
    )


def _process(answer: Answer) -> Table:
    steps = answer.figures.steps
    rows: list[tuple[Cell, ...]] = [("1", "ログの全数抽出（業務上適切な閲覧を含む）", steps[0].rows_in, None, None)]
    rows += [
        (
            asked.item or f"段 {step.no}",
            step.name,
            step.rows_out,
            step.count.viewers,
            step.count.contracts,
        )
        for step, asked in zip(steps, answer.survey.steps, strict=True)
    ]
    rows.append(("3", "閲覧されたお客さま数を特定", None, answer.figures.then.viewers, answer.figures.then.contracts))
    return Table(
        title="ログの抽出プロセス",
        short="抽出の段",
        columns=_columns(
            "番号",
            "抽出の内容",
            ("残った記録", Kind.NUMBER),
            ("閲覧者（人）", Kind.NUMBER),
            ("お客さま（契約）", Kind.NUMBER),
        ),
        rows=rows,
        note="人と契約の数は、その段のあとに残った記録にあるもの（当時の記録による）。",
    )


def _funnel(answer: Answer) -> Picture:
    drawn = bars(answer)
    return Picture(
        title="絞り込みの図",
        svg=coloured(funnel(drawn, answer.survey.title)),
        words="、".join(f"{bar.label} {bar.number:,} {bar.unit}" for bar in drawn),
        caption="横軸は対数目盛（1 目盛で 10 倍）。棒の長さの差は倍率を表す。",
    )


def _ways(found: Ways, meta: Meta, title: str) -> Picture:
    return Picture(
        title="遷移の図",
        svg=coloured(picture(found, meta, title)),
        words=words(found, meta),
        caption=CAPTION,
    )


def _transitions(found: Ways, meta: Meta) -> Table:
    rows = [
        (
            meta.screen(one.origin) if one.origin else UNKNOWN,
            meta.screen(one.screen),
            one.records,
            one.viewers,
            one.contracts,
        )
        for one in found.transitions
    ]
    return Table(
        title="遷移ごとの数",
        short="遷移",
        columns=_columns(
            "前の画面",
            "開いた画面",
            ("記録", Kind.NUMBER),
            ("閲覧者（人）", Kind.NUMBER),
            ("お客さま（契約）", Kind.NUMBER),
        ),
        rows=rows,
        note="当時の記録による。同じ人や契約がいくつもの遷移にあることがあり、足しても全体の数にならない。",
    )


def _steps(answer: Answer, meta: Meta) -> Table:
    rows = [
        (step.no, asked.kind, step.rows_in, step.rows_out, sentence(asked, meta))
        for asked, step in zip(answer.survey.steps, answer.figures.steps, strict=True)
    ]
    return Table(
        title="各段がしたこと",
        short="各段",
        columns=_columns(
            ("段", Kind.NUMBER), "種類", ("入った記録", Kind.NUMBER), ("残った記録", Kind.NUMBER), "したこと"
        ),
        rows=rows,
    )


def _then_and_now(answer: Answer) -> Table:
    findings = answer.figures.findings
    counted = [
        sum(1 for one in findings if (one.verdict_then, one.verdict_now) == verdicts)
        for verdicts in ((True, True), (True, False), (False, True))
    ]
    told = ("当時の記録でも、いまの記録でも当たる", "当時の記録でだけ当たる", "いまの記録でだけ当たる")
    return Table(
        title="当時の記録と、いまの記録",
        short="当時といま",
        columns=_columns("閲覧者と契約の組", ("組の数", Kind.NUMBER)),
        rows=list(zip(told, counted, strict=True)),
        note="「当時」は閲覧した瞬間に記録されていた履歴で、「いま」は訂正を済ませた履歴で判定したもの。",
    )


def _unknown(answer: Answer) -> Table:
    return Table(
        title="この調査では分からないこと",
        short="分からないこと",
        columns=_columns("分からないこと"),
        rows=[(line,) for line in unknown_lines(answer)],
    )


def _screens(answer: Answer, meta: Meta) -> Table:
    return Table(
        title="調べていない画面",
        short="調べていない画面",
        columns=_columns("画面", ("期間の記録", Kind.NUMBER)),
        rows=[(meta.screen(screen), number) for screen, number in sorted(answer.figures.unknown.screens.items())],
    )


def _reproduce(answer: Answer) -> Table:
    return Table(
        title="再現のための情報",
        short="再現",
        columns=_columns("項目", "値"),
        rows=reproduce(answer),
        note=f"同じ調査ファイルと同じ記録なら、同じ数、同じ文書番号になる。一覧は {FINDINGS} にもある。",
    )


def _findings(answer: Answer) -> Table:
    rows: Iterator[Sequence[Cell]] = (
        (one.viewer, one.contract, one.first_at, one.last_at, one.views, one.path, one.verdict_then, one.verdict_now)
        for one in answer.figures.findings
    )
    return Table(
        title="閲覧者と契約の組",
        short="一覧",
        columns=_columns(
            "閲覧者",
            "契約",
            ("最初の閲覧", Kind.INSTANT),
            ("最後の閲覧", Kind.INSTANT),
            ("記録", Kind.NUMBER),
            "経路",
            ("当時の判定", Kind.FLAG),
            ("いまの判定", Kind.FLAG),
        ),
        rows=rows,
        note="時刻は日本時間。契約は 供給地点|小売電気事業者|供給開始日。経路の + は添えた画面と記録の数。",
    )


def coloured(svg: str) -> str:
    """A picture of the report with the report's own looks inside, for where no page gives them."""
    values = dict(re.findall(r"--(\w+): ([^;]+);", STYLE))
    rules = [f"text {{ font-family: '{FAMILY}'; font-size: 14px; fill: {values['ink']}; }}"]
    for chosen, looks in _RULE.findall(STYLE):
        if chosen and chosen.strip() != "text":
            told = _VARIABLE.sub(lambda match: values[match[1]], looks).strip()
            rules.append(f"{chosen.strip()} {{ {told} }}")
    head, sign, rest = svg.partition(">")
    return f"{head}{sign}\n<style>{escape(' '.join(rules), quote=False)}</style>{rest}"
