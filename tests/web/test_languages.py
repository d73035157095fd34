"""Japanese first, English complete: every message has its English, and an English page says nothing in Japanese."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from jinja2 import TemplateSyntaxError

from takuso.doors.web.engine import ENGINES
from takuso.doors.web.filters import both, month, period, slash
from takuso.doors.web.language import COOKIE, speaking
from takuso.doors.web.screens import PAGES
from tests.area import Area
from tests.web.conftest import Desk
from tests.web.messages import JAPANESE, WEB, english, glued, needed

Sit = Callable[[str | None], Desk]
# Both languages are written by code.
_BY_CODE = {"filters.py"}
# What the tests' own customers have where an installation has coded values.
_INVENTED = re.compile(r"(電灯標準)?印\d+(期\d+)?|命を守る機器|マッチング済")


def test_every_message_has_its_english() -> None:
    have = english()
    assert {text: where for text, where in needed().items() if not have.get(text)} == {}


def test_no_entry_is_left_over() -> None:
    assert sorted(english().keys() - needed().keys()) == []


def test_translations_have_the_same_values_and_markup() -> None:
    shape = re.compile(r"%\([a-z_]+\)s|\{[a-z_]*\}|<[^>]*>|%%")
    wrong = {ja: en for ja, en in english().items() if sorted(shape.findall(ja)) != sorted(shape.findall(en))}
    assert wrong == {}
    assert [en for en in english().values() if JAPANESE.search(en)] == []


def test_no_message_is_glued_together() -> None:
    found = {f.name: list(glued(f)) for f in WEB.rglob("*.py") if f.name not in _BY_CODE}
    assert {name: texts for name, texts in found.items() if texts} == {}


def test_values_in_translations_are_escaped() -> None:
    template = ENGINES["en"].from_string("{% trans %}{{ name }}へ進む{% endtrans %} 100%")
    assert template.render(name="<b>") == "Go on to &lt;b&gt; 100%"
    assert (
        ENGINES["ja"].from_string("{% trans %}{{ name }}へ進む{% endtrans %}").render(name="<b>") == "&lt;b&gt;へ進む"
    )
    with pytest.raises((NotImplementedError, TemplateSyntaxError)):
        ENGINES["en"].from_string("{% trans n=1 %}a{% pluralize %}b{% endtrans %}")


def test_dates_in_english_carry_both_calendars_or_the_weekday() -> None:
    from datetime import date
    from types import SimpleNamespace

    with speaking("en"):
        assert both(date(2026, 11, 27)) == "27 Nov 2026 (Reiwa 8)"
        assert slash(date(2026, 11, 27)) == "27 Nov 2026 (Fri)"
        assert month(date(2026, 11, 1)) == "Nov 2026"
        assert period(SimpleNamespace(since=date(2026, 11, 27), until=None)) == "27 Nov 2026 (Fri) –"
    assert slash(date(2026, 11, 27)) == "2026/11/27(金)"


class _Words(HTMLParser):
    """What a page says outside data: texts, and attributes that are read out. Data is marked lang="ja"."""

    VOID = frozenset({"meta", "link", "input", "br", "line", "rect"})
    SPOKEN = frozenset({"aria-label", "title", "alt", "placeholder", "aria-description"})

    def __init__(self, body: str) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.said: list[str] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        data = dict(attrs).get("lang") == "ja" or (bool(self.open) and self.open[-1])
        if not data:
            self.said += [value or "" for name, value in attrs if name in self.SPOKEN]
        if tag not in self.VOID:
            self.open.append(data)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without an end tag."""

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not (self.open and self.open[-1]):
            self.said.append(data)


def _japanese(body: str) -> list[str]:
    return [text for text in map(str.strip, _Words(body).said) if JAPANESE.search(_INVENTED.sub("", text))]


@pytest.mark.parametrize("person", ["aoi-clerk", "contractor-clerk", "td-billing", "td-contact", "td-admin", None])
def test_english_pages_say_nothing_in_japanese(at_desk: Sit, area: Area, person: str | None) -> None:
    own = area.add("own-past")
    desk = at_desk(person)
    if person in ("td-billing", "td-contact"):
        desk.state(own.code)
        desk.form("/purpose", code="TOI", reference="TOI-1", next="/screens/KF00")
    desk.browser.cookies[COOKIE] = "en"
    paths = [
        *(f"/screens/{code}" for code in PAGES),
        *(f"/screens/{code}?customer={own.code}" for code, page in PAGES.items() if page.for_customer),
        "/screens/CI10?customer=99999999999999",
        "/screens/CI10?customer=1",
        "/screens/CI10?customer=0612345678901234567890",
        "/screens/ZZ99",
        "/go?screen=ZZ99",
        f"/purpose?next=%2Fscreens%2FCI10%3Fcustomer%3D{own.code}",
        "/purpose?next=%2Fscreens%2FKF00",
        "/purpose",
        "/login",
        "/login/once/abc",
        "/logout",
    ]
    found = {path: _japanese(desk.text(path)) for path in paths}
    assert {path: texts for path, texts in found.items() if texts} == {}
    if person:
        answer = desk.form("/screens/KS10", how="kana", term="シルシ")
        assert _japanese(answer.content.decode()) == []
        answer = desk.form("/screens/KS10", how="kana", term="")
        assert _japanese(answer.content.decode()) == []
    answer = desk.form("/login", code="wrong")
    assert 'lang="en"' in answer.content.decode()
    assert _japanese(answer.content.decode()) == []


def test_a_japanese_word_on_an_english_page_would_be_noticed() -> None:
    assert _japanese('<p>Menu</p><p lang="ja">葵電力</p><br><img alt="図">') == ["図"]
    assert _japanese('<p lang="ja">葵電力</p><p>メニュー</p>') == ["メニュー"]
