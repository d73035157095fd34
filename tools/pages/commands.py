"""docs/reference/commands.md: every command with its arguments, options, defaults, and an example."""

from collections.abc import Iterator
from typing import Any, Final, Literal, get_args, get_origin

import typer.main

from takuso.doors.cli.answers import Code
from takuso.doors.cli.program import program
from takuso.doors.register import COMMANDS, PASSES_NAMES
from tools.pages.markdown import code, table
from tools.pages.markdown import page as whole

EXAMPLES: Final = {
    "demo": "takuso demo --points 2000",
    "demo advance": "takuso demo advance --days 21",
    "demo customers": "takuso demo customers --kind foreign --person aoi-clerk --limit 3",
    "demo log": "takuso demo log --rows 200000 --points 2000 --out week",
    "serve": "takuso serve --doors all",
    "login link": "takuso login link td-compliance",
    "login client": "takuso login client asahi-clerk",
    "points record-supply": (
        "takuso points record-supply 06000000000000 --retailer asahi --from 2026-12-01 --reason 訂正"
        " --as td-intake --purpose IDO --reference IDO-20261122-0001"
    ),
    "log show": "takuso log show --as td-compliance --last 10",
    "log sniff": "takuso log sniff old/log.csv old/people.csv --out mapping.yaml",
    "log import": "takuso log import mapping.yaml --out week",
    "log archive": "takuso log archive --source week",
    "log close": "takuso log close",
    "log cold": "takuso log cold --remove",
    "log evidence": "takuso log evidence --out evidence-november --from 2026-11-01 --to 2026-12-01",
    "log prove": "takuso log prove RECEIPT --out proof.json",
    "log verify": "takuso log verify evidence-november --known checkpoint.json",
    "log checkpoint": "takuso log checkpoint --out checkpoint.json",
    "log gap": 'takuso log gap --by td-admin --reason "11 月 27 日 6 時の控えから戻した"',
    "log erase": 'takuso log erase RECEIPT --law "個人情報保護法 35 条" --reason "本人の求め"',
    "log retention": "takuso log retention --delete --by td-admin",
    "log retention rule": (
        'takuso log retention rule 12 --from 2027-04-01 --label "文書管理規程 8 条" --by td-admin --reason "規程の改正"'
    ),
    "log retention hold": (
        'takuso log retention hold --from 2016-04-01 --to 2017-04-01 --by td-compliance --reason "監督官庁の調べ"'
    ),
    "log retention release": 'takuso log retention release 1 --by td-compliance --reason "調べが終わった"',
    "log key show": "takuso log key show",
    "log key change": 'takuso log key change --by td-admin --reason "年に一度の交代"',
    "login first-compliance": "takuso login first-compliance suzuki --name 鈴木",
    "login first-administrator": (
        "takuso login first-administrator yamada --name 山田 --company example-nw --company-name 例示送配電"
    ),
    "survey run": "takuso survey run surveys/notice-2022-12.yaml --source week --out result",
    "survey stand": "takuso survey stand surveys/notice-2022-12.yaml --source week",
    "survey standing": "takuso survey standing --source week --refresh",
    "survey diff": "takuso survey diff result.1 result --out difference.html",
    "barrier matrix": "takuso barrier matrix",
    "barrier explain": "takuso barrier explain aoi-clerk CI20 06000000000000 --at 2026-11-27T10:30",
    "barrier verify": "takuso barrier verify --brief --only doors --only catalogue",
    "barrier compare": "takuso barrier compare proof-2026-10 proof-2026-11",
    "drill list": "takuso drill list",
    "drill plant": "takuso drill plant notice-transition",
    "drill try": "takuso drill try notice-transition",
    "drill heal": "takuso drill heal",
    "doctor": "takuso doctor --json",
    "store init": "takuso store init --admin-url postgresql://postgres@db.example.internal:5432/postgres",
    "store migrate": "takuso store migrate",
    "store start": "takuso store start",
    "store stop": "takuso store stop",
    "jobs once": "takuso jobs once",
    "jobs work": "takuso jobs work",
}
"""A line for each command, checked like those of the hand-written pages."""
_ENDS: Final = {
    Code.GOOD: "良い",
    Code.FINDINGS: "指摘あり（検査・証明・比較が何かを見つけた）",
    Code.WRONG_USE: "使い方の誤り（引数、オプション、そのホームではできないこと）",
    Code.COULD_NOT_RUN: "実行できない（サーバー、データベース、ファイルなど、要るものがない）",
}


def page() -> str:
    """The page."""
    doors = {door.name: door for door in COMMANDS}
    return whole(
        "コマンド",
        "`make run` のあとは `.venv/bin/takuso` にあります。どのコマンドも `--help` で使い方を出します。"
        "結果は標準出力に、話しかけは標準エラーに出ます。"
        "`--json` のあるコマンドは、失敗しても標準出力に JSON 1 文書を出します。",
        "## 終了コード",
        table(
            ("コード", "意味"),
            [*((str(int(end)), _ENDS[end]) for end in Code), ("130", "Ctrl-C でやめた")],
        ),
        *(_section(name, command, doors[name].purpose, PASSES_NAMES[doors[name].passes]) for name, command in tree()),
    )


def tree() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words it is typed with, in the order of the program."""
    yield from _below(typer.main.get_command(program()), ())


def options(command: Any) -> list[tuple[str, str, str]]:
    """Arguments and options of a command: as typed, default, help."""
    return [_option(one) for one in command.params if not getattr(one, "hidden", False)]


def _below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if words and (children is None or getattr(command, "invoke_without_command", False)):
        yield " ".join(words), command
    for word, child in (children or {}).items():
        yield from _below(child, (*words, word))


def _section(name: str, command: Any, purpose: str, passes: str) -> str:
    help_text = (command.help or "").strip().replace("\n\n", "\n")
    text = f"## takuso {name}\n\n{help_text}\n\n登録簿: {purpose}。お客さまの情報: {passes}。"
    rows = options(command)
    if rows:
        text += "\n\n" + table(("引数・オプション", "既定", "内容"), rows)
    if name in EXAMPLES:
        text += f"\n\n```sh\n.venv/bin/{EXAMPLES[name]}\n```"
    return text


def _option(one: Any) -> tuple[str, str, str]:
    if one.param_type_name == "argument":
        typed = one.name.upper()
        return code(typed if one.required else f"[{typed}]"), "必須" if one.required else "", one.help or ""
    names = " ".join([*one.opts, *one.secondary_opts])
    if one.is_flag:
        return code(names), "", one.help or ""
    default = "必須" if one.required else _default(one)
    return code(f"{names} {_value(one)}"), default, one.help or ""


def _default(one: Any) -> str:
    value = one.default
    return "" if value in (None, (), []) or callable(value) else code(str(value))


def _value(one: Any) -> str:
    """What stands behind the option: the choices, or its name."""
    kind = one.type_descriptor.annotation
    if get_origin(kind) is Literal:
        return "|".join(map(str, get_args(kind)))
    return str(one.metavar or one.name.upper().replace("_", "-"))
