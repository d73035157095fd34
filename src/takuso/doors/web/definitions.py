"""画面定義: code, name, kind and the most that each screen can ever be granted."""

from typing import Final

from takuso.barrier.matrix import DataClass, Duty, View
from takuso.barrier.screen import Screen, ScreenKind


def _classes(letters: str) -> frozenset[DataClass]:
    return frozenset(DataClass(letter) for letter in letters)


_READ_LOG: Final = frozenset({"log.read"})

MN00: Final = Screen(code="MN00", name="メニュー", kind=ScreenKind.MENU)
KF00: Final = Screen(code="KF00", name="口振異動通知 一覧", kind=ScreenKind.LIST, classes=_classes("ACH"))
KF10: Final = Screen(code="KF10", name="口振異動通知", kind=ScreenKind.CUSTOMER, classes=_classes("ABCH"))
CI10: Final = Screen(code="CI10", name="お客さま情報Ⅰ", kind=ScreenKind.CUSTOMER, classes=_classes("ABCDEGS"))
CI20: Final = Screen(code="CI20", name="お客さま情報Ⅱ", kind=ScreenKind.CUSTOMER, classes=_classes("ABCDEFI"))
PC10: Final = Screen(code="PC10", name="過去契約", kind=ScreenKind.CUSTOMER, classes=_classes("DEF"), view=View.PAST)
MY10: Final = Screen(code="MY10", name="個人設定", kind=ScreenKind.MENU)
KS10: Final = Screen(code="KS10", name="お客さま検索", kind=ScreenKind.LIST, classes=_classes("ABC"))
AL10: Final = Screen(code="AL10", name="閲覧記録", kind=ScreenKind.LOG, actions=_READ_LOG)
AL11: Final = Screen(code="AL11", name="閲覧記録 1 件", kind=ScreenKind.LOG, actions=_READ_LOG)
AL12: Final = Screen(
    code="AL12",
    name="閲覧記録の持出し",
    kind=ScreenKind.LOG,
    actions=_READ_LOG | frozenset({"log.export", "log.erase"}),
)
TR10: Final = Screen(code="TR10", name="はじめての案内", kind=ScreenKind.MENU)
"""Only in a demo home; elsewhere there is no such screen."""
AL20: Final = Screen(code="AL20", name="ログ調査", kind=ScreenKind.LOG, actions=_READ_LOG)
AL40: Final = Screen(code="AL40", name="権限の棚卸し", kind=ScreenKind.LOG, actions=_READ_LOG)
AL50: Final = Screen(code="AL50", name="サインインの記録", kind=ScreenKind.LOG, actions=_READ_LOG)
AD10: Final = Screen(
    code="AD10", name="人と発令", kind=ScreenKind.OFFICE, actions=frozenset({"office.read", "office.write"})
)
AD20: Final = Screen(
    code="AD20", name="会社と関係", kind=ScreenKind.OFFICE, actions=frozenset({"office.read", "office.write"})
)
AD30: Final = Screen(
    code="AD30",
    name="規則の変更と承認",
    kind=ScreenKind.OFFICE,
    actions=frozenset({"rule.read", "rule.propose", "rule.approve"}),
)
AD40: Final = Screen(code="AD40", name="画面の登録簿", kind=ScreenKind.OFFICE, actions=frozenset({"office.read"}))

_RETAIL: Final = frozenset({"reception.apply", "reception.answer"})
_INTAKE: Final = frozenset({"reception.read", "reception.handle"})
RT10: Final = Screen(code="RT10", name="申込一覧", kind=ScreenKind.CASES, classes=_classes("G"), actions=_RETAIL)
RT20: Final = Screen(code="RT20", name="申込 1 件", kind=ScreenKind.CASES, classes=_classes("G"), actions=_RETAIL)
RT30: Final = Screen(
    code="RT30",
    name="廃止取次の回答待ち",
    kind=ScreenKind.CASES,
    classes=_classes("G"),
    actions=frozenset({"reception.answer"}),
)
RT40: Final = Screen(
    code="RT40", name="申込の入力", kind=ScreenKind.CASES, classes=_classes("G"), actions=frozenset({"reception.apply"})
)
UK10: Final = Screen(code="UK10", name="受付一覧", kind=ScreenKind.CASES, classes=_classes("G"), actions=_INTAKE)
UK20: Final = Screen(code="UK20", name="案件 1 件", kind=ScreenKind.CASES, classes=_classes("ABCDEG"), actions=_INTAKE)
UK30: Final = Screen(
    code="UK30",
    name="申込の代行入力",
    kind=ScreenKind.CASES,
    classes=_classes("G"),
    actions=frozenset({"reception.enter"}),
)

SCREENS: Final = (
    RT10,
    RT20,
    RT30,
    RT40,
    UK10,
    UK20,
    UK30,
    MN00,
    KF00,
    KF10,
    CI10,
    CI20,
    PC10,
    KS10,
    AL10,
    AL11,
    AL12,
    AL20,
    AL40,
    AL50,
    AD10,
    AD20,
    AD30,
    AD40,
    MY10,
    TR10,
)
CUSTOMER_SCREENS: Final = tuple(screen for screen in SCREENS if screen.kind is ScreenKind.CUSTOMER)


def offered(duty: Duty) -> tuple[Screen, ...]:
    """The screens for the actions of the duty. It decides what is offered; the wall decides what is opened."""
    return tuple(screen for screen in SCREENS if screen.opens_for(duty))
