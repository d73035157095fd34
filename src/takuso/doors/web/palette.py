"""コマンド (Ctrl+K): the screens and the operations that have no key, as one list for the palette and for a page.

The list is the same for everybody of a duty and on every page: no person and no customer is in it. What belongs to the
page, its keys, its number and its receipt, the script takes from the page itself.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

from markupsafe import Markup

from takuso.barrier.matrix import Duty
from takuso.barrier.screen import Screen, ScreenKind
from takuso.doors.web.definitions import AL11, RT20, TR10, UK20, offered
from takuso.doors.web.engine import template
from takuso.doors.web.language import Language
from takuso.doors.web.readings import words

OF_ONE: Final = frozenset({AL11, RT20, UK20})
"""Screens that show one record alone: they are reached from its list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One line: a screen (`code`; `customer`: opened for the customer of the page) or a page of `href`."""

    name: str
    href: str
    code: str = ""
    customer: bool = False

    @property
    def words(self) -> str:
        """What it is found by, folded."""
        return f"{self.code.lower()} {words(self.name)}" if self.code else words(self.name)


def _command(screen: Screen) -> Command:
    customer = screen.kind is ScreenKind.CUSTOMER
    return Command(name=screen.name, href=f"/screens/{screen.code}", code=screen.code, customer=customer)


@cache
def commands(duty: Duty, *, demo: bool) -> tuple[Command, ...]:
    """The commands of a duty."""
    left_out = OF_ONE if demo else OF_ONE | {TR10}
    screens = (screen for screen in offered(duty) if screen not in left_out)
    return (*map(_command, screens), Command(name="キー操作の一覧", href="/help/keys"))


@cache
def palette(spoken: Language, duty: Duty, *, demo: bool) -> Markup:  # noqa: ARG001 - the language is part of the key
    """The dialog, written once a language and duty."""
    return Markup(template("parts/palette.html").render(commands=commands(duty, demo=demo)))  # noqa: S704
