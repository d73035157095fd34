"""The report: one HTML file without anything from elsewhere, for reading, printing and keeping.

It holds no time of its making and no duration, so that a rerun gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Final

from takuso.papers.tables import both_calendars
from takuso.survey.definition import Annotate, Step
from takuso.survey.figures import FINDINGS, SUMMARY, Figures, StandingUse, StepFigures
from takuso.survey.funnel import CONTRACTS, PERSONS, RECORDS, Bar, funnel
from takuso.survey.result import Answer
from takuso.survey.sentences import sentence
from takuso.survey.source import Meta
from takuso.survey.transitions import CAPTION as WAYS_CAPTION
from takuso.survey.transitions import UNKNOWN, Ways, picture

STYLE: Final = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
"""Looks of the report, which papers share."""
_WEEK: Final = "月火水木金土日"


def report(answer: Answer, meta: Meta, found: Ways) -> str:
    """The HTML text; `found` are the transitions of the records found."""
    survey = answer.survey
    *period_lines, verdict = map(escape, lead(answer))
    period = "".join(period_lines)
    body = "\n".join(
        [
            f"<h1>{escape(survey.title)}</h1>",
            f"<p class='number'>文書番号 <code>{answer.number}</code></p>",
            f"<p class='lead'>{period}<strong>{verdict}</strong></p>",
            section("調査の結果", _answers(answer.figures)),
            section("ログの抽出プロセス", _process(answer)),
            section("絞り込みの図", _picture(answer)),
            section("遷移の図", _ways(found, meta, survey.title)),
            section("各段がしたこと", _sentences(answer, meta)),
            section("当時の記録と、いまの記録", _then_and_now(answer.figures)),
            section("この調査では分からないこと", _unknown(answer, meta)),
            section("再現のための情報", _reproduce(answer)),
        ]
    )
    return page(survey.title, body)


def page(title: str, body: str) -> str:
    """A whole page without anything from elsewhere; the title is escaped here."""
    return (
        f'<!DOCTYPE html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        f"</body>\n</html>\n"
    )


def section(title: str, content: str) -> str:
    """A part of a page, both of HTML."""
    return f"<section>\n<h2>{title}</h2>\n{content}\n</section>"


def lead(answer: Answer) -> list[str]:
    """What stands under the title: the period in both calendars, and the verdict. Plain text."""
    start, last = answer.survey.period.start, answer.survey.period.last_day
    then, now = answer.figures.then, answer.figures.now
    verdict = "条件に当たる閲覧はなかった。"
    if then.contracts or now.contracts:
        verdict = f"閲覧者 {then.viewers:,} 人、閲覧されたお客さま {then.contracts:,} 契約。"
    if start is None or last is None:
        return [verdict]
    days = (last - start).days + 1
    return [f"対象期間 {_day(start)}から {_day(last)}までの {days} 日間（日本時間）。", verdict]


def _day(day: date) -> str:
    return f"{both_calendars(day)}（{_WEEK[day.weekday()]}）"


def _answers(figures: Figures) -> str:
    rows = [
        ("閲覧者数", "人", figures.then.viewers, figures.now.viewers),
        ("閲覧されたお客さま数", "契約", figures.then.contracts, figures.now.contracts),
    ]
    return table(
        ["数えたもの", "単位", "当時の記録による", "いまの記録による"],
        [[_head(what), unit, _number(then), _number(now)] for what, unit, then, now in rows],
    ) + (
        "<p>閲覧者は人で数え、同じ人の複数の ID は 1 人とする。お客さまは供給期間"
        "（供給地点・小売電気事業者・供給開始日の組）で数え、閲覧の時点のものをとる。記録・人・契約は別の単位で、互いの割合は求めない。</p>"
    )


def _process(answer: Answer) -> str:
    steps = answer.figures.steps
    rows = [["1", "ログの全数抽出（業務上適切な閲覧を含む）", _number(steps[0].rows_in), "", "", ""]]
    for step, asked in zip(steps, answer.survey.steps, strict=True):
        rows.append(
            [
                escape(asked.item) or f"段 {step.no}",
                escape(step.name),
                _number(step.rows_out),
                _change(step, asked),
                _number(step.count.viewers),
                _number(step.count.contracts),
            ]
        )
    rows.append(["3", "閲覧されたお客さま数を特定", "", "", _number(answer.figures.then.viewers), _strong(answer)])
    headings = ["番号", "抽出の内容", "残った記録", "増減（記録）", "閲覧者（人）", "お客さま（契約）"]
    return table(headings, rows) + (
        "<p>番号は段に付けた札で、公表資料などの項目に当たる。人と契約の数は、その段のあとに残った記録にあるもの（当時の記録による）。</p>"
    )


def _change(step: StepFigures, asked: Step) -> str:
    if isinstance(asked, Annotate):
        return "<td class='n'>変わらない</td>"
    return f"<td class='n'>{step.rows_out - step.rows_in:+,}</td>".replace("-", "−")


def _strong(answer: Answer) -> str:
    return f"<td class='n'><strong>{answer.figures.then.contracts:,}</strong></td>"


def bars(answer: Answer) -> list[Bar]:
    """The bars of the funnel."""
    figures = answer.figures
    return [
        Bar(label="ログの全数", number=figures.steps[0].rows_in, unit=RECORDS),
        *(Bar(label=f"{step.no} {step.name}", number=step.rows_out, unit=RECORDS) for step in figures.steps),
        Bar(label="閲覧者", number=figures.then.viewers, unit=PERSONS),
        Bar(label="閲覧されたお客さま", number=figures.then.contracts, unit=CONTRACTS),
    ]


def _picture(answer: Answer) -> str:
    drawn = bars(answer)
    twin = table(["棒", "数", "単位"], [[_head(bar.label), _number(bar.number), bar.unit] for bar in drawn])
    return (
        f"<figure>\n{funnel(drawn, answer.survey.title)}\n<figcaption>横軸は対数目盛（1 目盛で 10 倍）。"
        f"棒の長さの差は倍率を表す。</figcaption>\n</figure>\n"
        f"<details open>\n<summary>図と同じ数の表</summary>\n{twin}\n</details>"
    )


def _ways(found: Ways, meta: Meta, title: str) -> str:
    rows = [
        [
            _head(meta.screen(one.origin) if one.origin else UNKNOWN),
            escape(meta.screen(one.screen)),
            *map(_number, (one.records, one.viewers, one.contracts)),
        ]
        for one in found.transitions
    ]
    headings = ["前の画面", "開いた画面", "記録", "閲覧者（人）", "お客さま（契約）"]
    twin = table(headings, rows) if rows else "<p>条件に当たる閲覧はなかった。</p>"
    return (
        f"<figure>\n{picture(found, meta, title)}\n<figcaption>{WAYS_CAPTION}</figcaption>\n</figure>\n"
        f"<details open>\n<summary>図と同じ遷移の表</summary>\n{twin}\n</details>"
    )


def _sentences(answer: Answer, meta: Meta) -> str:
    items = []
    for step, figures in zip(answer.survey.steps, answer.figures.steps, strict=True):
        counted = f"記録 {figures.rows_in:,} → {figures.rows_out:,}"
        items.append(
            f"<li><strong>{escape(step.name)}</strong>（<code>{step.kind}</code>、{counted}）<br>"
            f"{escape(sentence(step, meta))}</li>"
        )
    return "<ol>\n" + "\n".join(items) + "\n</ol>"


def _then_and_now(figures: Figures) -> str:
    then_only = sum(1 for finding in figures.findings if finding.verdict_then and not finding.verdict_now)
    now_only = sum(1 for finding in figures.findings if finding.verdict_now and not finding.verdict_then)
    both = len(figures.findings) - then_only - now_only
    pairs = table(
        ["閲覧者と契約の組", "組の数"],
        [
            [_head("当時の記録でも、いまの記録でも当たる"), _number(both)],
            [_head("当時の記録では当たるが、その後の訂正により、いまの記録では当たらない"), _number(then_only)],
            [_head("当時の記録では当たらないが、その後の訂正により、いまの記録では当たる"), _number(now_only)],
        ],
    )
    return pairs + (
        "<p>供給者の履歴は後から訂正されることがある。「当時」は閲覧した瞬間に記録されていた履歴で、「いま」は訂正を済ませた履歴で"
        "判定したもの。各段の数は「当時」による。</p>"
    )


def unknown_lines(answer: Answer) -> list[str]:
    """What the survey cannot know, a sentence each. Plain text."""
    unknown = answer.figures.unknown
    return [
        "この調査が見た画面の外での閲覧。結果は下限であり、ほかの画面での閲覧がないことを示さない。",
        _if(
            [str(day) for day in unknown.days_without_log],
            "ログのない日: {}。この日の閲覧は数に入っていない。",
            "期間のどの日にもログがある。",
        ),
        f"前の画面が記録にもセッションにもなく、遷移の段で残せなかった記録: {unknown.no_predecessor:,} 件。",
        f"最初の段で残った記録のうち、その日の利用者が台帳にないもの: {unknown.no_person:,} 件。",
        f"最初の段で残った記録のうち、閲覧の時点の供給者がないもの: {unknown.no_holder:,} 件。",
        f"取り込みで落とした行（source の meta.json による）: {answer.rejects:,} 件。",
        "ログに残らない閲覧（紙、画面の写し、ログを取る前の期間）と、閲覧の目的。",
    ]


def _unknown(answer: Answer, meta: Meta) -> str:
    unknown = answer.figures.unknown
    lines = "\n".join(f"<li>{escape(line)}</li>" for line in unknown_lines(answer))
    rows = [[_head(meta.screen(screen)), _number(number)] for screen, number in sorted(unknown.screens.items())]
    others = (
        table(["調べていない画面", "期間の記録"], rows) if rows else "<p>期間のログに、調べていない画面はない。</p>"
    )
    return f"<ul>\n{lines}\n</ul>\n<details open>\n<summary>調べていない画面</summary>\n{others}\n</details>"


def _if(items: Sequence[str], some: str, none: str) -> str:
    return some.format("、".join(items)) if items else none


def reproduce(answer: Answer) -> list[tuple[str, str]]:
    """What another run needs to come to the same figures: name, value."""
    figures, survey = answer.figures, answer.survey
    return [
        ("文書番号", answer.number),
        ("調査", survey.name),
        ("調査ファイルの SHA-256", survey.sha256),
        ("記録（source）の SHA-256", answer.source_sha256),
        ("プログラム", f"Takuso {version('takuso')}"),
        ("計算に使ったもの", f"{figures.engine} {figures.version}"),
        *_standing(figures.standing),
    ]


def _standing(use: StandingUse | None) -> Iterator[tuple[str, str]]:
    """How a standing survey was answered, and how that was looked at."""
    if use is None:
        return
    yield "日ごとの抜き書き", f"{use.days - len(use.derived):,} 日"
    if use.derived:
        yield "抜き書きが使えず、速い形から計算した日", "、".join(map(str, use.derived))
    sampled = "、".join(map(str, use.sampled))
    yield "元の記録から作り直し、抜き書きと 1 行ずつ合わせた日", f"{sampled}（くじの種 {use.seed}）"


def _reproduce(answer: Answer) -> str:
    shown = [[_head(what), f"<td><code>{escape(value)}</code></td>"] for what, value in reproduce(answer)]
    return table(["項目", "値"], shown) + (
        f"<p>同じ調査ファイルと同じ記録なら、同じ数になる。一覧は {FINDINGS}、数は {SUMMARY} にある。</p>"
    )


def table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of HTML; a cell that begins with its own tag is taken as it is."""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "\n".join("<tr>" + "".join(_cells(row)) + "</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def _cells(row: Sequence[str]) -> Iterator[str]:
    for cell in row:
        yield cell if cell.startswith(("<td", "<th")) else f"<td>{cell}</td>"


def _head(text: str) -> str:
    return f'<th scope="row">{escape(text)}</th>'


def _number(number: int) -> str:
    return f"<td class='n'>{number:,}</td>"
