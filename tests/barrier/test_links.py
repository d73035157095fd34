"""ワンタイムリンク: used once, within its hours, which are at most 72 whoever issues it."""

import hashlib
from datetime import timedelta

import pytest

from takuso.barrier.signin import LinkRefused, SignIns, UnknownPerson
from tests.barrier.behind import Db, one, run


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _expires_in(eyes: Db, token: str, seconds: int) -> None:
    """As if it had been issued earlier: what is left of it."""
    [_] = run(
        eyes,
        "UPDATE wall.one_time_link SET expires = clock_timestamp() + make_interval(secs => %s)"
        " WHERE token_hash = %s RETURNING 1",
        [seconds, _digest(token)],
    )


@pytest.mark.parametrize("person", ["aoi-clerk", "td-contact", "contractor-clerk"])
def test_a_link_signs_its_person_in(signins: SignIns, person: str) -> None:
    viewer = signins.who(signins.by_link(signins.issue_link(person)))
    assert viewer is not None
    assert viewer.person_code == person


@pytest.mark.parametrize(
    ("asked", "given"), [(-5, 1), (0, 1), (1, 1), (24, 24), (72, 72), (73, 72), (10_000, 72), (2**31 - 1, 72)]
)
def test_a_link_lasts_three_days_at_most(signins: SignIns, eyes: Db, asked: int, given: int) -> None:
    token = signins.issue_link("aoi-clerk", hours=asked)
    lasts = one(eyes, "SELECT expires - issued FROM wall.one_time_link WHERE token_hash = %s", [_digest(token)])
    # two readings of the clock
    assert abs(lasts - timedelta(hours=given)) < timedelta(seconds=1)


@pytest.mark.parametrize(("left", "works"), [(60, True), (0, False), (-1, False), (-100_000, False)])
def test_a_link_ends(signins: SignIns, eyes: Db, left: int, works: bool) -> None:
    token = signins.issue_link("aoi-clerk")
    _expires_in(eyes, token, left)
    if works:
        signins.by_link(token)
        return
    with pytest.raises(LinkRefused):
        signins.by_link(token)


def test_a_link_that_has_ended_leaves_no_sign_in(signins: SignIns, eyes: Db) -> None:
    token = signins.issue_link("aoi-clerk")
    _expires_in(eyes, token, -1)
    before = one(eyes, "SELECT count(*) FROM wall.session")
    with pytest.raises(LinkRefused):
        signins.by_link(token)
    assert one(eyes, "SELECT count(*) FROM wall.session") == before
    assert one(eyes, "SELECT used FROM wall.one_time_link WHERE token_hash = %s", [_digest(token)]) is None


def test_refusals_are_one(signins: SignIns, eyes: Db) -> None:
    """Used, expired, unknown, not a code at all: the answer does not say which."""
    used, expired = signins.issue_link("aoi-clerk"), signins.issue_link("aoi-clerk")
    signins.by_link(used)
    _expires_in(eyes, expired, -1)
    said = set()
    for token in (used, expired, used[::-1], "", "あ"):
        with pytest.raises(LinkRefused) as refusal:
            signins.by_link(token)
        said.add(str(refusal.value))
    assert len(said) == 1


def test_no_link_for_nobody(signins: SignIns) -> None:
    with pytest.raises(UnknownPerson):
        signins.issue_link("nobody")
