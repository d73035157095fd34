"""Requests that cannot be taken: characters no database holds, other encodings, bodies that never arrive."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from takuso.doors.web.soundness import sound
from tests.web.conftest import Desk

Sit = Callable[[str | None], Desk]
SAID = "入力に使えない文字があります"
FORM = "application/x-www-form-urlencoded"


def _token(desk: Desk) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', desk.text("/login"))
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("text", "good"),
    [("", True), ("シルシ𠮷\u0007", True), ("a\x00b", False), ("\ud800", False), ("x\udfff", False), ("\ue000", True)],
)
def test_what_can_be_stored(text: str, good: bool) -> None:
    assert sound(text) is good


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/screens/KS10", "term"),
        ("/screens/KS10", "customer"),
        ("/screens/KF00", "after"),
        ("/screens/KF00", "from"),
        ("/purpose", "code"),
        ("/purpose", "reference"),
        ("/purpose", "next"),
        ("/go", "screen"),
        ("/go", "customer"),
        ("/login", "code"),
        ("/demo/switch", "person"),
        ("/logout", "a\x00name"),
    ],
)
def test_a_form_with_a_nul_is_refused(at_desk: Sit, path: str, field: str) -> None:
    desk = at_desk("td-billing")
    needed = {"how": "kana", "next": "/screens/KF00", "code": "TOI", "reference": "TOI-1"}
    answer = desk.form(path, page="/screens/KS10", **(needed | {field: "シル\x00シ"}))
    assert answer.status_code == 400
    assert SAID in answer.content.decode()


@pytest.mark.parametrize("path", ["/screens/CI10?customer=", "/purpose?next=", "/go?customer=", "/screens/KS10?x="])
def test_an_address_with_a_nul_is_refused(at_desk: Sit, path: str) -> None:
    answer = at_desk("aoi-clerk").get(f"{path}1%00")
    assert answer.status_code == 400
    assert SAID in answer.content.decode()


def test_a_path_with_a_nul_is_not_found(at_desk: Sit) -> None:
    assert at_desk(None).get("/login/once/a%00b").status_code == 404


@pytest.mark.parametrize(
    ("charset", "typed"),
    [("utf-7", "+2AA-"), ("unicode_escape", r"\ud800"), ("utf-16-le", "a"), ("nonsense", "シ")],
)
def test_another_encoding_stores_nothing_unsound(at_desk: Sit, charset: str, typed: str) -> None:
    """Address and form are read as UTF-8, or the request is refused."""
    desk = at_desk("aoi-clerk")
    body = f"how=kana&term={quote_plus(typed)}&csrfmiddlewaretoken={_token(desk)}"
    kind = f"{FORM}; charset={charset}"
    answer = desk.browser.generic("POST", f"/screens/KS10?x={quote(typed)}", body, content_type=kind)
    assert answer.status_code in ((200, 400) if charset == "nonsense" else (400,))
    assert desk.browser.get(f"/screens/CI10?customer={quote(typed)}", CONTENT_TYPE=kind).status_code == 400


class _Stuck:
    """A body that was announced and never arrives."""

    def read(self, *_: Any) -> bytes:
        raise TimeoutError("timed out")

    readline = read


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/screens/KS10", FORM),
        ("/login", FORM),
        ("/login", "multipart/form-data; boundary=x"),
        ("/demo/login", "application/json"),
    ],
)
def test_a_body_that_never_arrives_is_408(at_desk: Sit, path: str, kind: str) -> None:
    desk = at_desk("aoi-clerk")
    stuck: dict[str, Any] = {"wsgi.input": _Stuck()}
    answer = desk.browser.generic("POST", path, b"x", content_type=kind, **stuck)
    assert answer.status_code == 408
    assert "送信が途中で止まりました" in answer.content.decode()
