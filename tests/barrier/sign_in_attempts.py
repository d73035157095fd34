"""Attempts at signing in, each of which one guard alone stops: True where it got through.

Like those of `attempts`, they run in one superuser's transaction that is rolled back.
"""

from takuso.barrier.signin import Proof
from tests.barrier.attempts import World, opens
from tests.barrier.behind import one, run, wearing

_PERSON = "td-admin"
_BY_PASSWORD = "SELECT wall.sign_in_by_password(%s, sha256('who'), %s, %s::bigint, sha256(%s), sha256(%s), %s)"


def _enrol(w: World) -> None:
    """td-admin has the derived key `right`, an app whose last step was 100, and the recovery code `spare`."""
    who = "(SELECT id FROM wall.person WHERE code = %s)"
    run(w.conn, f"INSERT INTO wall.password VALUES ({who}, sha256('s'), 'x', sha256('right'), now())".replace(
        "sha256('s')", "substr(sha256('s'), 1, 16)"), [_PERSON])  # fmt: skip
    run(w.conn, f"INSERT INTO wall.totp VALUES ({who}, 'sealed', 100, now(), NULL, NULL)", [_PERSON])
    run(w.conn, f"INSERT INTO wall.recovery_code VALUES ({who}, sha256('spare'), NULL)", [_PERSON])


def _tries(
    w: World,
    key: bytes = b"right",
    step: int | None = None,
    code: bytes = b"",
    at: str = "10.1.1.1",
    who: str = _PERSON,
) -> bool:
    proof = Proof.new()
    with wearing(w.conn, "authn"):
        return bool(one(w.conn, _BY_PASSWORD, [who, key, step, code, proof.secret, at]))


def code_again(w: World) -> bool:
    """The same code of the app a second time."""
    _enrol(w)
    assert _tries(w, step=101)
    return _tries(w, step=101)


def recovery_code_again(w: World) -> bool:
    """The same recovery code a second time."""
    _enrol(w)
    assert _tries(w, code=b"spare")
    return _tries(w, code=b"spare")


def sixth_guess(w: World) -> bool:
    """The right password after five wrong ones."""
    _enrol(w)
    for _ in range(5):
        assert not _tries(w, key=b"wrong", step=101)
    return _tries(w, step=102)


def guesses_at_many(w: World) -> bool:
    """The right password from a terminal that has guessed at fifty names."""
    _enrol(w)
    run(w.conn, "UPDATE wall.sign_in_limit SET per_person = 100, per_terminal = 10")
    for n in range(10):
        assert not _tries(w, at="10.1.1.2", who=f"nobody-{n}")
    return _tries(w, step=101, at="10.1.1.2")


def password_alone(w: World) -> bool:
    """The right password without a code."""
    _enrol(w)
    return _tries(w)


def code_alone(w: World) -> bool:
    """The right code with a wrong password."""
    _enrol(w)
    return _tries(w, key=b"wrong", step=101)


def _signed_in(w: World, person: str) -> Proof:
    proof = Proof.new()
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.sign_in_demo(%s, sha256(%s))", [person, proof.secret])
    return proof


def change_without_password(w: World) -> bool:
    """A new password from a terminal that was left signed in."""
    _enrol(w)
    proof = _signed_in(w, _PERSON)
    with wearing(w.conn, "authn"):
        return bool(
            one(
                w.conn,
                "SELECT wall.set_password(%s, 'wrong', substr(sha256('t'), 1, 16), 'x', 'mine', NULL)",
                [proof.secret],
            )
        )


def end_of_a_stranger(w: World) -> bool:
    """Somebody else's sign-in, ended by its number."""
    mine, theirs = _signed_in(w, _PERSON), _signed_in(w, "td-intake")
    number = one(w.conn, "SELECT id FROM wall.session WHERE proof_hash = sha256(%s)", [theirs.secret])
    with wearing(w.conn, "authn"):
        return bool(one(w.conn, "SELECT wall.end_sessions(%s, %s, NULL)", [mine.secret, number]))


def look_before_enrolment(w: World) -> bool:
    """A menu in a production home, opened after a one-time link by somebody who has enrolled nothing."""
    run(w.conn, "UPDATE wall.home SET kind = 'production', shift = '0'")
    proof = Proof.new()
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.issue_link(%s, sha256('token'), 1)", [_PERSON])
        assert one(w.conn, "SELECT wall.sign_in_by_link('token', sha256(%s))", [proof.secret])
    return opens(w, proof, "MN00") is not None
