"""画面定義: code, name, kind and the most that each screen can ever be granted."""

from typing import Final

from takuso.barrier.matrix import DataClass, View
from takuso.barrier.screen import Screen, ScreenKind


def _classes(letters: str) -> frozenset[DataClass]:
    return frozenset(DataClass(letter) for letter in letters)


MN00: Final = Screen(code="MN00", name="メニュー", kind=ScreenKind.MENU)
KF00: Final = Screen(code="KF00", name="口振異動通知 一覧", kind=ScreenKind.LIST, classes=_classes("ACH"))
KF10: Final = Screen(code="KF10", name="口振異動通知", kind=ScreenKind.CUSTOMER, classes=_classes("ABCH"))
CI10: Final = Screen(code="CI10", name="お客さま情報Ⅰ", kind=ScreenKind.CUSTOMER, classes=_classes("ABCDEGS"))
CI20: Final = Screen(code="CI20", name="お客さま情報Ⅱ", kind=ScreenKind.CUSTOMER, classes=_classes("ABCDEFI"))
PC10: Final = Screen(code="PC10", name="過去契約", kind=ScreenKind.CUSTOMER, classes=_classes("DEF"), view=View.PAST)
KS10: Final = Screen(code="KS10", name="お客さま検索", kind=ScreenKind.LIST, classes=_classes("ABC"))

SCREENS: Final = (MN00, KF00, KF10, CI10, CI20, PC10, KS10)
CUSTOMER_SCREENS: Final = tuple(screen for screen in SCREENS if screen.kind is ScreenKind.CUSTOMER)
