"""What the cookies of a request say about how its reader likes pages; anything unknown is the usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from django.http import HttpRequest
from markupsafe import Markup

from takuso.barrier.signin import Preference
from takuso.doors.web.language import Language, _, language

ENTER: Final = "takuso_enter"
DENSITY: Final = "takuso_density"
CHOICES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "language": MappingProxyType({"ja": "日本語", "en": "English"}),
        "enter": MappingProxyType({"submit": "入力を送る", "next": "次の項目へ進む(Shift+Enter で前の項目)"}),
        "density": MappingProxyType({"close": "詰める", "middle": "標準", "wide": "広げる"}),
    }
)
"""Each setting with its values and their names; the first value is the usual one."""


def wishes(request: HttpRequest) -> Preference:
    """The settings of this request."""
    enter, density = request.COOKIES.get(ENTER, ""), request.COOKIES.get(DENSITY, "")
    return Preference(
        language=language(),
        enter=enter if enter in CHOICES["enter"] else "submit",
        density=density if density in CHOICES["density"] else "close",
    )


@dataclass(frozen=True, slots=True)
class Enter:
    """What a form writes about Enter: an attribute of its own, a hint for its reader, and the hint's id for fields."""

    form: Markup
    hint: Markup
    described: str


_SENDS: Final = Enter(form=Markup(), hint=Markup(), described="")


def enter(wished: Preference) -> Enter:
    """For forms in which Enter may move on."""
    return _moves(language()) if wished.enter == "next" else _SENDS


@cache
def _moves(spoken: Language) -> Enter:  # noqa: ARG001 - the language is part of the key
    hint = Markup('<p class="hint" id="enter-hint">{}</p>\n')
    return Enter(
        form=Markup(" data-enter"),
        hint=hint.format(_("Enter で次の項目、Shift+Enter で前の項目へ移ります。F10 で送ります。")),
        described=" enter-hint",
    )
