"""docs/reference/routes.md: addresses of the office, its screens, their links and keys."""

from typing import Final

from takuso.barrier.matrix import ACTIONS, DUTY_NAMES, RULES, Duty, Verdict
from takuso.barrier.screen import Screen, ScreenKind
from takuso.doors.register import ADDRESSES, PASSES_NAMES, Door
from takuso.doors.web.keys import PLACES, Key
from takuso.doors.web.menu import ABOUT
from takuso.doors.web.page import Page
from takuso.doors.web.screens import PAGES
from tools.pages.markdown import code, listed, table
from tools.pages.markdown import page as whole

_KINDS: Final = {
    ScreenKind.MENU: "お客さまを出さない画面",
    ScreenKind.CUSTOMER: "お客さま 1 件の画面。アドレスに `customer=お客さまコード`、遷移元は `from=受付番号`",
    ScreenKind.LIST: "一覧・検索の画面（50 件ずつ）",
    ScreenKind.LOG: "閲覧記録の画面",
    ScreenKind.WRITE: "登録・変更の画面",
    ScreenKind.OFFICE: "管理の画面",
    ScreenKind.CASES: "申込の画面",
}
_CAPS: Final = {"Escape": "Esc"}


def page() -> str:
    """The page."""
    return whole(
        "アドレスと画面",
        "登録簿（`doors/register.py`）にないアドレスは、証明の検査 `doors` が指摘します。区分の記号は"
        "[データの種類](classes.md)、目的の要る職務は[利用目的](purposes.md)を見てください。",
        "## すべてのアドレス",
        "メソッドは、何かを行うものだけです。ほかのメソッドの答えは 405 です"
        "（[拒否とエラーの文](messages.md)）。区分は、誰が前に立っても、それより多くは通らない上限です。",
        table(
            ("アドレス", "メソッド", "目的", "お客さまの情報", "区分の上限", "誰に"),
            [_address(door) for door in ADDRESSES],
        ),
        "## 画面",
        *(_screen(one) for one in PAGES.values()),
        "## キー",
        "場所はどの画面でも同じです。画面が使わないキーは薄く出ます。F1、F3、F5、F11、F12 はブラウザーのものです。",
        table(("キー", "ふだんの名"), [(f"`{_CAPS.get(key, key)}`", label) for key, label in PLACES.items()]),
    )


def _address(door: Door) -> tuple[str, ...]:
    return (
        code(door.name),
        " ".join(sorted(door.methods)),
        door.purpose,
        PASSES_NAMES[door.passes],
        "".join(sorted(door.classes)),
        _whom(door.name),
    )


def _whom(address: str) -> str:
    code_ = address.removeprefix("/screens/")
    if code_ not in PAGES:
        return ""
    screen = PAGES[code_].screen
    if screen.actions:
        return listed(DUTY_NAMES[duty] for duty in Duty if all(duty in ACTIONS[name] for name in screen.actions))
    return _duties(screen) if screen.classes else "サインインした人"


def _duties(screen: Screen) -> str:
    """Duties that some rule shows any class of the screen to."""
    shown = [duty for duty in Duty if _letters(duty, screen)]
    network = [duty for duty in Duty if duty.is_network]
    missing = [DUTY_NAMES[duty] for duty in network if duty not in shown]
    retail = [DUTY_NAMES[duty] for duty in shown if not duty.is_network]
    names = [f"送配電の職務（{listed(missing)}を除く）" if missing else "送配電のすべての職務"]
    return listed([*(names if len(missing) < len(network) else []), *retail])


def _letters(duty: Duty, screen: Screen) -> str:
    classes = {
        rule.data_class
        for rule in RULES
        if rule.duty is duty and rule.view is screen.view and rule.verdict is Verdict.SHOW
    }
    return "".join(sorted(classes & screen.classes))


def _screen(one: Page) -> str:
    screen = one.screen
    rows = [(DUTY_NAMES[duty], letters) for duty in Duty if (letters := _letters(duty, screen))]
    parts = [
        f"### {screen.code} {screen.name}",
        f"`/screens/{screen.code}`　{ABOUT.get(screen.code, '業務の入口')}。{_KINDS[screen.kind]}。",
        f"- 行ける画面: {listed(sorted(one.leads_to)) or 'なし'}",
        f"- キー: {listed(_key(key) for key in one.keys.keys)}",
    ]
    text = "\n".join([parts[0], "", parts[1], "", *parts[2:]])
    if one.panels:
        text += "\n- 部分: " + listed(f"{p.title}（{''.join(sorted(p.query.classes))}）" for p in one.panels)
    if rows:
        text += "\n\n" + table(("職務", "見られる区分（小売は自社のお客さま）"), rows)
    return text


def _key(key: Key) -> str:
    cap = _CAPS.get(key.key, key.key)
    to = key.screen or ("この画面の実行" if key.form else "印刷" if key.prints else "戻る")
    return f"`{cap}` {to}"
