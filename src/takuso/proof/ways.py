"""The ways between screens, as the rendered pages have them: links, forms, redirections."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from takuso.proof.desk import Seen
from takuso.proof.program import Program

_SCREEN: Final = "/screens/"
_BY_API: Final = (
    (re.compile(r"^/api/v1/customers/[0-9]+(?=/)"), "/api/v1/customers/<customer>"),
    (re.compile(r"^(/api/v1/(?:applications|relays))/[0-9]{6}-[0-9A-Z]+"), r"\1/<number>"),
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Way:
    """From a door to a door: `how` is link, form or redirect; `method` that of the request."""

    origin: str
    target: str
    how: str
    method: str = "GET"

    @property
    def where(self) -> str:
        """`KF10→CI20`; forms and redirections say so."""
        arrow = {"link": "→", "form": "⇒", "redirect": "⇢"}[self.how]
        return f"{self.origin}{arrow}{self.target}"


def door_of(address: str) -> str:
    """The door an address leads to: the code of a screen, else the path, parts that vary by their pattern."""
    path = urlsplit(address).path or "/"
    if path.startswith(_SCREEN):
        return path.removeprefix(_SCREEN)
    if path.startswith("/login/once/"):
        return "/login/once/<str:token>"
    for pattern, name in _BY_API:
        path = pattern.sub(name, path)
    return "/static/<path:file>" if path.startswith("/static/") else path


def customer_of(address: str) -> str:
    """The customer code that an address names, or nothing."""
    return parse_qs(urlsplit(address).query).get("customer", [""])[-1]


@dataclass(slots=True)
class Page:
    """What a page leads to: (address) of links, (method, address) of forms."""

    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)


_TAG: Final = re.compile(r"<(a|area|base|link|form|button|input|script|img|iframe|meta)\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


@lru_cache(64)
def page_of(text: str) -> Page:
    """Links and forms of a page."""
    page = Page()
    for tag, attributes in _TAG.findall(text):
        given = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(attributes)}
        if tag.lower() == "form":
            page.forms.append((given.get("method", "get").upper(), given.get("action", "")))
        if "formaction" in given:
            page.forms.append(("POST", given["formaction"]))
        if "href" in given and not given["href"].startswith("#"):
            (page.links if tag.lower() in ("a", "area") else page.fetched).append(given["href"])
        if "src" in given:
            page.fetched.append(given["src"])
    return page


def ways_of(seen: Seen) -> Iterator[Way]:
    """Every way that this answer opens."""
    origin = door_of(seen.step.address)
    if seen.answer.status in (301, 302, 303, 307, 308):
        method = "GET" if seen.answer.status == 303 else seen.step.method
        yield Way(origin=origin, target=door_of(seen.answer.header("Location")), how="redirect", method=method)
        return
    if "html" not in seen.answer.header("Content-Type"):
        return
    page = page_of(seen.answer.text)
    for href in page.links:
        yield Way(origin=origin, target=door_of(href), how="link")
    for method, action in page.forms:
        yield Way(origin=origin, target=door_of(action or seen.step.address), how="form", method=method)


def all_ways(seen: Iterable[Seen]) -> frozenset[Way]:
    """The ways of a whole walk, from doors that exist: an attempt at an address that is none opens none."""
    return frozenset(way for one in seen if one.answer.status != 404 for way in ways_of(one))


def way_faults(ways: Iterable[Way], program: Program) -> Iterator[tuple[str, str]]:
    """Ways to somewhere outside the register, and screens whose declared successors no page leads to."""
    known = {door_of(door.name): door for door in program.doors if door.methods}
    found: dict[str, set[str]] = {}
    for way in sorted(ways):
        found.setdefault(way.origin, set()).add(way.target)
        door = known.get(way.target)
        if door is None:
            yield way.where, "登録簿にない行き先です"
        elif way.method not in door.methods:
            yield way.where, f"登録簿にないメソッド {way.method} で進みます"
    for code, page in program.pages.items():
        for target in sorted(page.leads_to - found.get(code, set())):
            yield f"{code}→{target}", "画面定義にはありますが、どのページにも現れません"
        # Esc leads back to wherever one came from.
        back = {other for other, shape in program.pages.items() if code in shape.leads_to}
        for target in sorted(found.get(code, set()) & program.pages.keys() - page.leads_to - back - {code}):
            yield f"{code}→{target}", "ページから進めますが、画面定義にありません"
