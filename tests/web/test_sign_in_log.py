"""AL50 サインインの記録: for the one duty; every filter narrows; what is refused is counted by person and terminal."""

import re
from collections.abc import Callable
from datetime import date

import psycopg
import pytest

from takuso.doors.web.desk.attempts import MEANS, RESULTS, read_asked
from tests.area import PERSONS
from tests.web.conftest import Desk

At = Callable[[str | None], Desk]
AL50 = "/screens/AL50"
TERMINAL = "192.0.2.77"


@pytest.fixture
def attempts(admin: str) -> None:
    """Three refusals of 葵電力's clerk and one of nobody from one terminal, and a sign-in of another person there."""
    with psycopg.connect(admin, autocommit=True) as connection:
        for person, result in (
            *[("aoi-clerk", "refused")] * 3,
            (None, "refused"),
            ("asahi-clerk", "signed-in"),
        ):
            connection.execute(
                "INSERT INTO log.sign_in (means, result, person, claimed, terminal, session) VALUES ('password', %s,"
                " (SELECT id FROM wall.person WHERE code = %s), %s, %s, %s)",
                [result, person, None if person else b"x", TERMINAL, 1 if result == "signed-in" else None],
            )


def _section(text: str, id_: str) -> str:
    found = re.search(rf'<section[^>]*aria-labelledby="{id_}">(.*?)</section>', text, re.DOTALL)
    return found[1] if found else ""


def _rows(text: str, id_: str = "attempts-title") -> list[str]:
    body = re.search(r"<tbody>(.*?)</tbody>", _section(text, id_), re.DOTALL)
    return re.findall(r"<tr>.*?</tr>", body[1], re.DOTALL) if body else []


@pytest.mark.parametrize("person", PERSONS)
def test_only_compliance_opens_it(at_desk: At, attempts: None, person: str) -> None:
    answer = at_desk(person).get(f"{AL50}?terminal={TERMINAL}")
    allowed = person == "td-compliance"
    assert answer.status_code == (200 if allowed else 403)
    assert ("asahi-clerk さん" in answer.content.decode().partition("<main")[2]) is allowed
    assert (AL50 in at_desk(person).text("/screens/MN00")) is allowed


@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ("person=aoi-clerk", "aoi-clerk", "asahi-clerk"),
        ("person=-", "いない人の名前", "aoi-clerk"),
        ("result=signed-in", "サインインした", ">断られた<"),
        ("result=refused", "断られた", "asahi-clerk"),
    ],
)
def test_each_filter_narrows(at_desk: At, attempts: None, query: str, present: str, absent: str) -> None:
    rows = _rows(at_desk("td-compliance").text(f"{AL50}?terminal={TERMINAL}&{query}"))
    assert rows
    assert all(present in row for row in rows)
    assert not any(absent in row for row in rows)


def test_refusals_are_counted_by_person_and_terminal(at_desk: At, attempts: None) -> None:
    text = at_desk("td-compliance").text(f"{AL50}?terminal={TERMINAL}")
    persons, terminals = _rows(text, "refused-persons"), _rows(text, "refused-terminals")
    assert len(persons) == 2
    assert "aoi-clerk" in persons[0]
    assert "いない人の名前" in persons[1]
    assert len(terminals) == 1
    assert TERMINAL in terminals[0]
    assert "asahi-clerk" not in _section(text, "refused-persons")


def test_days_narrow_and_a_second_page_goes_on(at_desk: At, attempts: None, admin: str) -> None:
    desk = at_desk("td-compliance")
    old = f"{AL50}?since=2001-01-01&until=2001-01-02&terminal={TERMINAL}"
    assert _rows(desk.text(old)) == []
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO log.sign_in (at, means, result, terminal) SELECT '2001-01-01 12:00+09'::timestamptz"
            " + n * interval '1 s', 'password', 'refused', '192.0.2.78' FROM generate_series(1, 130) n"
        )
    text = desk.text(f"{AL50}?since=2001-01-01&until=2001-01-02&terminal=192.0.2.78")
    assert len(_rows(text)) == 100
    onward = re.search(r'<a href="([^"]+before=\d+[^"]*)">次の100件', text)
    assert onward
    rest = desk.text(onward[1].replace("&amp;", "&"))
    assert len(_rows(rest)) == 30
    assert not {*_rows(text)} & {*_rows(rest)}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"since": "2026-02-30"}, "filter-since"),
        ({"until": "yesterday"}, "filter-until"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "filter-since"),
        ({"since": "2024-01-01", "until": "2026-11-01"}, "filter-since"),
        ({"person": "<b>"}, "filter-person"),
        ({"result": "maybe"}, "filter-result"),
        ({"terminal": "<b>"}, "filter-terminal"),
    ],
)
def test_a_wrong_filter_is_named(at_desk: At, given: dict[str, str], field: str) -> None:
    _, problems = read_asked(given, date(2026, 11, 27))
    assert [problem.field for problem in problems] == [field]
    query = "&".join(f"{name}={value}" for name, value in given.items())
    answer = at_desk("td-compliance").get(f"{AL50}?{query}")
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.content.decode()


def test_every_word_that_the_wall_writes_has_a_name(admin: str) -> None:
    from takuso.main import SCRIPTS

    text = "".join(script.read_text(encoding="utf-8") for script in SCRIPTS)
    written = re.findall(r"note_sign_in\('([a-z-]+)', '([a-z-]+)'", text)
    assert written
    assert {means for means, _ in written} <= MEANS.keys()
    assert {result for _, result in written} <= RESULTS.keys()
