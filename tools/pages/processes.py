"""docs/reference/processes.md: 手続き, drawn from their state tables; checks, deadlines, numbers and their sources."""

from typing import Final

from takuso.flow.reception.judge import CHECKS, STAGES, Stage
from takuso.flow.reception.model import WORK_NAMES
from takuso.flow.reception.parameters import PARAMETERS, SOURCES, Band, Parameter
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.flow.reception.states import (
    DEADLINE_NAMES,
    DEADLINE_NUMBERS,
    GUARD_NAMES,
    LAPSING,
    Move,
    StateTable,
)
from takuso.flow.reception.tables import TABLES, check
from takuso.flow.reception.vocabulary import (
    ACTOR_NAMES,
    EFFECT_NAMES,
    EVENT_NAMES,
    FINAL,
    RECIPIENT_NAMES,
    STATE_NAMES,
    State,
)
from tools.pages import pending
from tools.pages.markdown import code, listed, table
from tools.pages.markdown import page as whole

_OWN: Final = "本製品の設計案"


def page() -> str:
    """The page. Raises UnsoundTable rather than draw a table that is not sound."""
    check(TABLES)
    return whole(
        "異動受付の手続き",
        "手続きごとに状態表が 1 枚あり（`src/takuso/flow/reception/tables.py`）、図も表もそこから作ります。状態と"
        "出来事の組に行き先は 1 つだけで、条件を満たさない動きは[拒否コード](refusals.md)の付いた拒否になります。規則を"
        "実例で読むには[事例の一覧](cases.md)があります。",
        "受付の検査は、申込そのものの形と日、申込者の立場、ほかの人のことを語るもの（太字）の順です。太字の検査は、ほかに"
        "何も当たらない申込にだけ行います。通るはずのない申込で、いまの供給者や予定された異動を探れないようにするためです。",
        "## 一覧",
        table(("手続き", "申し込む人", "決める人", "内容", "出典"), [_entry(one) for one in Procedure]),
        *(part for one in Procedure for part in _procedure(one)),
        "## 見える範囲と取戻し営業",
        "いまの小売は、切替の申込で知ったことを、切替が済むまで引き止めの営業に使えません（V01、出典 G1）。"
        "そのため、いまの小売で申込を見るのは、取次に答える人だけです。新しい小売の名は見せません。",
        pending.part(),
        "## 標準的な期間",
        "照合が揃った日から供給を始める日まで。営業日は土日・祝日と、12 月 29 日から 1 月 3 日（EXAMPLE）を除きます。"
        f"「なし」の組は受け付けません。{_lead_time_notes()}",
        table(("工事", *(band.value for band in Band)), _lead_times()),
        "## 数値",
        "EXAMPLE は出典で確かめられず、本製品が仮に置いた値です。導入する会社が自らの値の表に置き換えます"
        "（`src/takuso/flow/reception/parameters.py`）。どの行も 2016-04-01（小売全面自由化）から効くものとしました。"
        "出典に適用の日はありません。",
        table(("数値", "値", "単位", "根拠", "注"), [_number(row) for row in PARAMETERS.parameters]),
        "## 出典",
        table(("記号", "出典"), [(key, f"{title}<br><{address}>") for key, (title, address) in SOURCES.items()]),
    )


def chart(one: StateTable) -> str:
    """A state table as Mermaid; final states lead to the end mark."""
    names = [f'    state "{STATE_NAMES[state]}" as {_id(state)}' for state in one.states]
    arrows = [f"    {_id(move.source)} --> {_id(move.target)}: {_label(move)}" for move in one.transitions]
    ends = [f"    {_id(state)} --> [*]" for state in one.states if state in FINAL]
    lines = ["stateDiagram-v2", *names, f"    [*] --> {_id(one.initial)}", *arrows, *ends]
    return "\n".join(("```mermaid", *lines, "```"))


def _procedure(one: Procedure) -> tuple[str, ...]:
    shown, deadlines = TABLES[one], TABLES[one].deadlines
    titles = {check_: (check_.__doc__ or "").split(":")[0] for check_ in CHECKS[one]}
    words = [f"**{title}**" if STAGES[check_] is Stage.OTHERS else title for check_, title in titles.items()]
    return (
        f"## {CATALOGUE[one].name}",
        f"コード {code(one)}。受付の検査（順に）: {listed(words)}。",
        chart(shown),
        table(
            ("状態", "出来事", "次の状態", "動かす人", "条件", "知らせる相手", "効果", "拒否"),
            [_move(move) for move in shown.transitions],
        ),
        table(
            ("期限のある状態", "最後の日", "数値", "過ぎると"),
            [
                (
                    STATE_NAMES[state],
                    DEADLINE_NAMES[deadline],
                    listed(_title(row) for row in PARAMETERS.parameters if row.name in DEADLINE_NUMBERS[deadline]),
                    "期限切れになる" if deadline in LAPSING else "そのまま待つ",
                )
                for state, deadline in deadlines.items()
            ],
        )
        if deadlines
        else "",
    )


def _entry(one: Procedure) -> tuple[str, ...]:
    entry = CATALOGUE[one]
    anchor = entry.name.replace("（", "").replace("）", "").replace("・", "")
    return (
        f"[{entry.name}](#{anchor})",
        entry.started_by,
        entry.decided_by,
        entry.purpose,
        listed(entry.sources) or _OWN,
    )


def _move(move: Move) -> tuple[str, ...]:
    return (
        STATE_NAMES[move.source],
        EVENT_NAMES[move.event],
        STATE_NAMES[move.target],
        listed(ACTOR_NAMES[one] for one in ACTOR_NAMES if one in move.by),
        listed(GUARD_NAMES[one] for one in move.guards),
        listed(RECIPIENT_NAMES[one] for one in RECIPIENT_NAMES if one in move.told) or "なし",
        EFFECT_NAMES[move.effect] if move.effect else "",
        move.code or "",
    )


def _lead_times() -> list[tuple[str, ...]]:
    found = {(row.band, row.work): row for row in PARAMETERS.lead_times}
    return [
        (name, *(found[band, work].text if (band, work) in found else "なし" for band in Band))
        for work, name in WORK_NAMES.items()
    ]


def _lead_time_notes() -> str:
    sources = sorted({source for row in PARAMETERS.lead_times for source in row.sources})
    notes = dict.fromkeys(row.note for row in PARAMETERS.lead_times if row.note)
    return f"出典 {listed(sources)}。{''.join(notes)}"


def _number(row: Parameter) -> tuple[str, ...]:
    grounds = ("EXAMPLE" if row.example else "", f"出典 {listed(row.sources)}" if row.sources else "")
    return row.title, "・".join(map(str, row.values)), row.unit, "。".join(filter(None, grounds)), row.note


def _title(row: Parameter) -> str:
    return f"{row.title} {'・'.join(map(str, row.values))} {row.unit}" + ("（EXAMPLE）" if row.example else "")


def _label(move: Move) -> str:
    return EVENT_NAMES[move.event]


def _id(state: State) -> str:
    return state.value.replace("-", "_")
