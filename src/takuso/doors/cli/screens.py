"""Screens that are not of the office: what statements of purpose and commands open tickets as."""

from typing import Final

from takuso.barrier.gate import PURPOSE_SCREEN
from takuso.barrier.matrix import DataClass
from takuso.barrier.screen import Screen, ScreenKind
from takuso.flow.points.operations import RECORD_SUPPLY_ACTION

PU10: Final = Screen(code=PURPOSE_SCREEN, name="利用目的", kind=ScreenKind.MENU)
AL30: Final = Screen(code="AL30", name="閲覧可否の説明", kind=ScreenKind.LOG, actions=frozenset({"log.read"}))
SP10: Final = Screen(
    code="SP10",
    name="供給者の記録",
    kind=ScreenKind.WRITE,
    classes=frozenset({DataClass.SUPPLY}),
    actions=frozenset({RECORD_SUPPLY_ACTION}),
)
SCREENS: Final = (PU10, AL30, SP10)
