"""The report: one HTML file without anything from elsewhere, for reading, printing and keeping.

It holds no time of its making and no duration, so that a rerun gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Final

from takuso.survey.definition import Annotate, Step
from takuso.survey.figures import FINDINGS, SUMMARY, Figures, StepFigures
from takuso.survey.funnel import CONTRACTS, PERSONS, RECORDS, Bar, funnel
from takuso.survey.result import Answer
from takuso.survey.sentences import sentence
from takuso.survey.source import Meta

_STYLE: Final = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
_WEEK: Final = "月火水木金土日"


def report(answer: Answer, meta: Meta) -> str:
    """The HTML text."""
    survey = answer.survey
    body = "\n".join(
        [
            f"<h1>{escape(survey.title)}</h1>",
            f"<p class='lead'>対象期間 {_period(answer)}。{_verdict(answer.figures)}</p>",
            _section("調査の結果", _answers(answer.figures)),
            _section("ログの抽出プロセス", _process(answer)),
            _section("絞り込みの図", _picture(answer)),
            _section("各段がしたこと", _sentences(answer, meta)),
            _section("当時の記録と、いまの記録", _then_and_now(answer.figures)),
            _section("この調査では分からないこと", _unknown(answer, meta)),
            _section("再現のための情報", _reproduce(answer)),
        ]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(survey.title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n"
        f"</body>\n</html>\n"
    )


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{content}\n</section>"


def _period(answer: Answer) -> str:
    start, last = answer.survey.period.start, answer.survey.period.last_day
    if start is None or last is None:
        return ""
    days = (last - start).days + 1
    return f"{start}（{_WEEK[start.weekday()]}）から {last}（{_WEEK[last.weekday()]}）までの {days} 日間（日本時間）"


def _verdict(figures: Figures) -> str:
    if not figures.then.contracts and not figures.now.contracts:
        return "条件に当たる閲覧はなかった。"
    return f"<strong>閲覧者 {figures.then.viewers:,} 人、閲覧されたお客さま {figures.then.contracts:,} 契約。</strong>"


def _answers(figures: Figures) -> str:
    rows = [
        ("閲覧者数", "人", figures.then.viewers, figures.now.viewers),
        ("閲覧されたお客さま数", "契約", figures.then.contracts, figures.now.contracts),
    ]
    return _table(
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
    return _table(headings, rows) + (
        "<p>番号は段に付けた札で、公表資料などの項目に当たる。人と契約の数は、その段のあとに残った記録にあるもの（当時の記録による）。</p>"
    )


def _change(step: StepFigures, asked: Step) -> str:
    if isinstance(asked, Annotate):
        return "<td class='n'>変わらない</td>"
    return f"<td class='n'>{step.rows_out - step.rows_in:+,}</td>".replace("-", "−")


def _strong(answer: Answer) -> str:
    return f"<td class='n'><strong>{answer.figures.then.contracts:,}</strong></td>"


def _picture(answer: Answer) -> str:
    figures = answer.figures
    bars = [Bar(label="ログの全数", number=figures.steps[0].rows_in, unit=RECORDS)]
    bars += [Bar(label=f"{step.no} {step.name}", number=step.rows_out, unit=RECORDS) for step in figures.steps]
    bars += [Bar(label="閲覧者", number=figures.then.viewers, unit=PERSONS)]
    bars += [Bar(label="閲覧されたお客さま", number=figures.then.contracts, unit=CONTRACTS)]
    table = _table(["棒", "数", "単位"], [[_head(bar.label), _number(bar.number), bar.unit] for bar in bars])
    return (
        f"<figure>\n{funnel(bars, answer.survey.title)}\n<figcaption>横軸は対数目盛（1 目盛で 10 倍）。"
        f"棒の長さの差は倍率を表す。</figcaption>\n</figure>\n"
        f"<details open>\n<summary>図と同じ数の表</summary>\n{table}\n</details>"
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
    table = _table(
        ["閲覧者と契約の組", "組の数"],
        [
            [_head("当時の記録でも、いまの記録でも当たる"), _number(both)],
            [_head("当時の記録では当たるが、その後の訂正により、いまの記録では当たらない"), _number(then_only)],
            [_head("当時の記録では当たらないが、その後の訂正により、いまの記録では当たる"), _number(now_only)],
        ],
    )
    return table + (
        "<p>供給者の履歴は後から訂正されることがある。「当時」は閲覧した瞬間に記録されていた履歴で、「いま」は訂正を済ませた履歴で"
        "判定したもの。各段の数は「当時」による。</p>"
    )


def _unknown(answer: Answer, meta: Meta) -> str:
    unknown = answer.figures.unknown
    items = [
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
    lines = "\n".join(f"<li>{item}</li>" for item in items)
    rows = [[_head(meta.screen(screen)), _number(number)] for screen, number in sorted(unknown.screens.items())]
    table = (
        _table(["調べていない画面", "期間の記録"], rows) if rows else "<p>期間のログに、調べていない画面はない。</p>"
    )
    return f"<ul>\n{lines}\n</ul>\n<details open>\n<summary>調べていない画面</summary>\n{table}\n</details>"


def _if(items: Sequence[str], some: str, none: str) -> str:
    return escape(some.format("、".join(items)) if items else none)


def _reproduce(answer: Answer) -> str:
    figures, survey = answer.figures, answer.survey
    rows = [
        ("調査", survey.name),
        ("調査ファイルの SHA-256", survey.sha256),
        ("記録（source）の SHA-256", answer.source_sha256),
        ("プログラム", f"Takuso {version('takuso')}"),
        ("計算に使ったもの", f"{figures.engine} {figures.version}"),
    ]
    shown = [[_head(what), f"<td><code>{escape(value)}</code></td>"] for what, value in rows]
    return _table(["項目", "値"], shown) + (
        f"<p>同じ調査ファイルと同じ記録なら、同じ数になる。一覧は {FINDINGS}、数は {SUMMARY} にある。</p>"
    )


def _table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
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
