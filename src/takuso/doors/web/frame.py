"""What stands around every screen: header strip, entry, breadcrumb, key bar; and the one way to bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.backends.utils import csrf_input
from django.utils.functional import SimpleLazyObject
from markupsafe import Markup

from takuso.barrier.gate import Sight
from takuso.barrier.matrix import DUTY_NAMES
from takuso.barrier.screen import Screen, ScreenKind
from takuso.barrier.viewer import Viewer
from takuso.doors.web.definitions import KF00, KS10, MN00, SCREENS
from takuso.doors.web.engine import template
from takuso.doors.web.keys import Key, KeyBar, screen_url
from takuso.doors.web.language import Language, _, language
from takuso.doors.web.office import came_from, office
from takuso.doors.web.palette import palette
from takuso.doors.web.persons import DEMO_PERSONS
from takuso.doors.web.wishes import enter, wishes

_BY_CODE = {screen.code: screen for screen in SCREENS}
HTML = "text/html; charset=utf-8"
NO_KEYS = KeyBar((Key(key="Escape", screen=MN00.code),))
FIND_KEYS = KeyBar((Key(key="F2", screen=KS10.code), Key(key="F4", screen=KF00.code), *NO_KEYS.keys))


class Answer(HttpResponse):
    """A response that says for the counters which screen it is of and how it ended."""

    def __init__(self, body: bytes = b"", *, screen: str = "", outcome: str = "form", status: int = 200) -> None:
        super().__init__(body, content_type=HTML, status=status)
        self.screen = screen
        self.outcome = outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One line of the error summary: the id of the field it is about and what to do."""

    field: str
    text: str

    @classmethod
    def about(cls, field: str, label: str, text: str) -> "Problem":
        """`label: text`, both in the reader's language."""
        return cls(field=field, text=f"{_(label)}: {_(text)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The surroundings of one page. `typed` is kept in the entry as it was typed."""

    title: str
    viewer: Viewer | None = None
    screen: str = ""
    typed: str = ""
    receipt: str | None = None
    today: date | None = None
    at: datetime | None = None
    keys: KeyBar = NO_KEYS
    customer: str = ""
    back: str = "/screens/MN00"
    problems: tuple[Problem, ...] = ()

    @classmethod
    def of_sight(cls, sight: Sight, *, title: str, screen: str, keys: KeyBar, customer: str = "") -> "Frame":
        """The surroundings of a page that a ticket was opened for."""
        return cls(
            title=title,
            viewer=sight.viewer,
            screen=screen,
            typed=customer,
            receipt=sight.receipt,
            today=sight.today,
            at=sight.at,
            keys=keys,
            customer=customer,
            back=back_to(sight.came_screen, screen=screen, customer=customer, receipt=sight.receipt),
        )

    def with_problems(self, problems: tuple[Problem, ...]) -> "Frame":
        """The same surroundings over a form that was not taken."""
        return replace(self, problems=problems)


def render(request: HttpRequest, name: str, frame: Frame, extra: Mapping[str, Any] | None = None) -> bytes:
    """The whole page as UTF-8."""
    here = office(request)
    person = frame.viewer
    wished = wishes(request)
    context = {
        "frame": frame,
        "came": frame.receipt or came_from(request) or "",
        "duty": _(DUTY_NAMES[person.duty]) if person else "",
        "contractor": person is not None and person.employer_name != person.organisation_name,
        "slots": frame.keys.slots(receipt=frame.receipt, customer=frame.customer, back=frame.back),
        "demo": here.demo,
        "persons": DEMO_PERSONS if here.demo else (),
        "switch_to": _switch_to(person.person_code, language()) if person and here.demo else "",
        "stamp": here.stamp,
        "wished": wished,
        "enter": enter(wished),
        "palette": palette(language(), person.duty, demo=here.demo) if person else "",
        # Made at its first use, once a page: a page without a form sets no cookie.
        "csrf": SimpleLazyObject(lambda: csrf_input(request)),
        **(extra or {}),
    }
    return template(name).render(context).encode()


@cache
def _switch_to(current: str, spoken: Language) -> Markup:  # noqa: ARG001 - the language is part of the key
    """The options of the switcher, of which there are as many as demo persons."""
    return Markup(template("parts/persons.html").render(persons=DEMO_PERSONS, current=current))  # noqa: S704


def screen_named(code: str) -> Screen | None:
    """The definition of that code, or None."""
    return _BY_CODE.get(code)


def back_to(came: str | None, *, screen: str, customer: str, receipt: str | None) -> str:
    """Where Esc leads: the screen this page was opened from, else the menu."""
    origin = _BY_CODE.get(came or "")
    if origin is None or origin.code == screen:
        return screen_url(MN00.code, receipt=receipt)
    if origin.kind is ScreenKind.CUSTOMER:
        return screen_url(origin.code, customer=customer, receipt=receipt)
    return screen_url(origin.code, receipt=receipt)
