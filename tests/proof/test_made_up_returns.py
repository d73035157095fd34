"""A way back from the company's provider that nobody went: the walk sees it when one is let in."""

import pytest

from takuso.proof.attempts import RETURN, sign_in_attempts
from takuso.proof.browser import Answer
from takuso.proof.desk import Seen, Step
from takuso.proof.judge import came_back


def _seen(step: Step, status: int, *headers: tuple[str, str]) -> Seen:
    answer = Answer(status=status, headers=headers, body=b"")
    return Seen(walker=None, kind="", step=step, answer=answer, statements=(), told="")


STEPS = [step for step in sign_in_attempts() if step.where == RETURN]


def test_they_are_tried_with_and_without_a_cookie() -> None:
    assert len(STEPS) == 16
    assert {bool(dict(step.headers).get("HTTP_COOKIE")) for step in STEPS} == {True, False}


@pytest.mark.parametrize(
    ("status", "headers", "found"),
    [
        (400, (), 0),
        (400, (("Set-Cookie", 'takuso_session=""; HttpOnly; SameSite=Strict'),), 0),
        (200, (), 1),
        (303, (("Location", "/screens/MN00"),), 1),
        (400, (("Location", "/screens/MN00"),), 1),
        (400, (("Set-Cookie", "takuso_session=AAAA; HttpOnly; SameSite=Strict"),), 1),
        (200, (("set-cookie", "takuso_session=AAAA"),), 2),
    ],
)
def test_being_let_in_is_a_finding(status: int, headers: tuple[tuple[str, str], ...], found: int) -> None:
    assert len(list(came_back([_seen(STEPS[0], status, *headers)]))) == found
