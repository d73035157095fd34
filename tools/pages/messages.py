"""docs/reference/messages.md: what the program says when it refuses or fails, and what to do then."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Final

from takuso.barrier import gate
from takuso.doors.cli.program import SEE_HELP, WRONG_WORDS
from takuso.doors.register import FAILURES as DOORS
from takuso.doors.web.engine import TEMPLATES
from takuso.doors.web.failures import FAILURES, NO_SUCH_PAGE, UNSOUND
from takuso.doors.web.middleware import REFUSALS
from takuso.kernel.numbers import CustomerCode, MalformedNumber, SupplyPointNumber
from tools.pages import spoken
from tools.pages.markdown import code, table
from tools.pages.markdown import page as whole

_TRIED: Final[tuple[tuple[str, Callable[[str], object], str], ...]] = (
    ("お客さまコード: 13 桁", CustomerCode.parse, "1" * 13),
    ("お客さまコード: 数字でない文字", CustomerCode.parse, "12AB"),
    ("お客さまコード: 入力なし", CustomerCode.parse, ""),
    ("供給地点特定番号: 21 桁", SupplyPointNumber.parse, "0" * 21),
    ("供給地点特定番号: エリアにない先頭", SupplyPointNumber.parse, "99" + "0" * 20),
    ("供給地点特定番号: 数字でない文字", SupplyPointNumber.parse, "06-あいう"),
)
_FILLED: Final = re.compile(r"{[a-z_]*}")


def page() -> str:
    """The page."""
    return whole(
        "拒否とエラーの文",
        "文には、何が起きたか、どの欄の話か、次に何をするかを書きます。入力された値や、隠したものの中身は書きません。"
        "`…` は、その場で入る語です。",
        "## エラー画面",
        table(("状態", "見出し", "次にすること", "いつ"), _failures()),
        "どのエラー画面も、サインインなしに見られ、値も場所も言いません。",
        "## お客さまを出さない答え（状態 200）",
        "他社のお客さま、存在しない番号、昨日まで自社だったお客さまへの答えは、次の一枚です。違うのは入力した番号、"
        "受付番号、時刻、画面に出ない送信の鍵だけです。理由は閲覧記録にだけ残り、情報管理の担当が"
        "[可否の説明](../how-to/explain-a-look.md)で読めます。",
        _template("neutral.html"),
        "送配電の人の職務が、その画面のどの区分も扱わないときは、次の一枚です。",
        _template("no_class.html"),
        "一部の区分だけを扱わないときは、その部分に「非表示（職務の対象外）」と出ます。",
        "## 入力の欄（状態 400）",
        "入力したものは残り、先頭の一覧に欄の名と次の文が出ます。",
        table(("どこ", "文"), [(code(one.module), _FILLED.sub("…", one.text)) for one in spoken.of_fields()]),
        "### 番号の形",
        table(("入力", "文"), [(title, _said(parse, text)) for title, parse, text in _TRIED]),
        "### 利用目的の申告",
        table(("理由", "文"), _purposes()),
        "### ワンタイムコード",
        table(("文",), [(text,) for text in spoken.raised("barrier/signin.py", "LinkRefused")]),
        "## 関門が閉じるとき（状態 403・503）",
        table(
            ("例外", "文"),
            [
                (code(name), text)
                for name in ("ActionRefused", "GateClosed", "WrongDoor")
                for text in spoken.raised("barrier/gate.py", name)
            ],
        ),
        "## コマンド",
        "終了コード 2 は使い方の誤り、3 は実行できないことです（[コマンド](commands.md)）。",
        "言い方の誤りには、どのコマンドも次のように答えます（コード 2）。",
        table(("文",), [(f"{text.replace('{}', '…')}\n対処: {SEE_HELP}",) for _, text in WRONG_WORDS]),
        *(_module(name) for name in dict.fromkeys(one.module for one in spoken.of_commands())),
    )


def _failures() -> list[tuple[str, str, str, str]]:
    when = {int(door.name): door.purpose for door in DOORS}
    rows = [(str(status), one.title, one.advice, when[status]) for status, one in FAILURES.items()]
    rows += [
        (str(status), one.title, one.advice, code(error.__name__))
        for error, (status, one) in REFUSALS.items()
        if one is not None
    ]
    rows += [("400", one.title, one.advice, "") for one in (UNSOUND, NO_SUCH_PAGE)]
    return rows


def _purposes() -> list[tuple[str, str]]:
    rows = [(code(name), text) for name, text in gate.PURPOSE_REFUSED.items()]
    return rows + [("番号の形", text) for text in spoken.raised("barrier/gate.py", "PurposeRefused")]


def _said(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except MalformedNumber as error:
        return str(error)
    raise AssertionError(f"{text} was taken")


def _module(name: str) -> str:
    rows = [(str(one.code), one.text) for one in spoken.of_commands() if one.module == name]
    return f"### `{name}`\n\n" + table(("コード", "文"), rows)


class _Words(HTMLParser):
    """Headings, paragraphs and list entries of a template, without its own signs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("h2", "h3", "p", "li", "dt"):
            self.found.append({"li": "- ", "dt": "- ", "h2": "**", "h3": "**"}.get(tag, ""))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("h2", "h3"):
            self.found[-1] += "**"
        if tag in ("h2", "h3", "p", "li", "dt"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[-1] += data


def _template(name: str) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    text = re.sub(r"{#.*?#}|{%.*?%}", "", text, flags=re.DOTALL)
    words = _Words()
    words.feed(re.sub(r"{{.*?}}", "…", text))
    return "\n".join(f"> {line}\n>" for line in words.found).removesuffix("\n>")
