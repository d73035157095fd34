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


_BY_ACCOUNT = (
    "SELECT wall.sign_in_by_external('https://id.example', 'sub-1', sha256('who'), sha256(%s), sha256(%s), %s)"
)
_ADD = "SELECT wall.link_external(%s, %s, 'https://id.example', %s, NULL)"


def _add(w: World, proof: Proof, key: bytes = b"right", subject: str = "sub-1") -> str:
    with wearing(w.conn, "authn"):
        return str(one(w.conn, _ADD, [proof.secret, key, subject]))


def _comes(w: World, former: bytes = b"", at: str = "10.1.1.3") -> Proof | None:
    proof = Proof.new()
    with wearing(w.conn, "authn"):
        return proof if one(w.conn, _BY_ACCOUNT, [proof.secret, former, at]) else None


def _added(w: World) -> Proof:
    """td-admin has added an account."""
    _enrol(w)
    proof = _signed_in(w, _PERSON)
    assert _add(w, proof) == "linked"
    return proof


def round_again(w: World) -> bool:
    """The same way back from the provider a second time."""
    use = "SELECT wall.use_external_round('round', now() + interval '1 hour')"
    with wearing(w.conn, "authn"):
        assert one(w.conn, use, [])
        return bool(one(w.conn, use, []))


def late_round(w: World) -> bool:
    """A way back after its time."""
    with wearing(w.conn, "authn"):
        return bool(one(w.conn, "SELECT wall.use_external_round('late', now() - interval '1 second')", []))


def account_taken_back(w: World) -> bool:
    """An account that its person has taken back."""
    proof = _added(w)
    with wearing(w.conn, "authn"):
        assert one(w.conn, "SELECT wall.unlink_external(%s, 'right', 'https://id.example', NULL)", [proof.secret])
    return _comes(w) is not None


def sign_in_of_a_taken_back_account(w: World) -> bool:
    """A sign-in that an account has opened, after its person has taken it back."""
    proof = _added(w)
    opened = _comes(w)
    assert opened
    with wearing(w.conn, "authn"):
        assert one(w.conn, "SELECT wall.unlink_external(%s, 'right', 'https://id.example', NULL)", [proof.secret])
        return one(w.conn, "SELECT wall.who(%s)", [opened.secret]) is not None


def account_after_a_reset(w: World) -> bool:
    """The account of a person whom an administrator has given a new beginning."""
    _added(w)
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.reset_link(%s, sha256('fresh'), 1)", [_PERSON])
    return _comes(w) is not None


def account_in_a_pause(w: World) -> bool:
    """The account of a person whose password is being guessed."""
    _added(w)
    for _ in range(5):
        assert not _tries(w, key=b"wrong", step=101)
    return _comes(w) is not None


def former_sign_in(w: World) -> bool:
    """What the browser was signed in as before."""
    _added(w)
    former = _signed_in(w, "td-intake")
    assert _comes(w, former.secret)
    with wearing(w.conn, "authn"):
        return one(w.conn, "SELECT wall.who(%s)", [former.secret]) is not None


def account_without_password(w: World) -> bool:
    """An account added from a terminal that was left signed in."""
    _enrol(w)
    return _add(w, _signed_in(w, _PERSON), b"wrong") == "linked"


def taking_back_without_password(w: World) -> bool:
    """The account taken back from such a terminal."""
    proof = _added(w)
    with wearing(w.conn, "authn"):
        back = "SELECT wall.unlink_external(%s, 'wrong', 'https://id.example', NULL)"
        return bool(one(w.conn, back, [proof.secret]))


def account_of_somebody(w: World) -> bool:
    """An account that another person has added."""
    _added(w)
    return _add(w, _signed_in(w, "td-intake"), b"") == "linked"


def second_account(w: World) -> bool:
    """A second account of the same provider for one person."""
    return _add(w, _added(w), subject="sub-2") == "linked"


def account_before_enrolment(w: World) -> bool:
    """An account added in a production home after a one-time link, before password and app."""
    run(w.conn, "UPDATE wall.home SET kind = 'production', shift = '0'")
    proof = Proof.new()
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.issue_link(%s, sha256('token'), 1)", [_PERSON])
        assert one(w.conn, "SELECT wall.sign_in_by_link('token', sha256(%s))", [proof.secret])
    return _add(w, proof) == "linked"


_BY_PASSKEY = (
    "SELECT wall.sign_in_by_passkey(%s, sha256('who'), %s, sha256(%s), %s::bigint, %s, now() + interval '1 hour',"
    " sha256(%s), '10.1.1.4')"
)
_REMOVE_BY = "SELECT wall.remove_passkey(%s, %s, %s, NULL)"


def _add_device(w: World, proof: Proof, key: bytes = b"right", device: bytes = b"device") -> str:
    add = (
        "SELECT wall.add_passkey(%s, %s, %s, now() + interval '1 hour', sha256(%s), 'key', 5, ARRAY[sha256('c')], NULL)"
    )
    with wearing(w.conn, "authn"):
        return str(one(w.conn, add, [proof.secret, key, device + b" asked", device]))


def _with_device(w: World) -> Proof:
    """td-admin has registered a device that has counted to five."""
    _enrol(w)
    proof = _signed_in(w, _PERSON)
    assert _add_device(w, proof) == "added"
    return proof


def _shows(w: World, count: int = 6, asked: bytes = b"q1", key: bytes = b"right", who: str = _PERSON) -> bool:
    proof = Proof.new()
    with wearing(w.conn, "authn"):
        return bool(one(w.conn, _BY_PASSKEY, [who, key, b"device", count, asked, proof.secret]))


def copied_device(w: World) -> bool:
    """A device whose counter is behind."""
    _with_device(w)
    return _shows(w, count=5)


def question_again(w: World) -> bool:
    """The same question answered twice."""
    _with_device(w)
    assert _shows(w)
    return _shows(w, count=7)


def passkey_alone(w: World) -> bool:
    """The right device with a wrong password."""
    _with_device(w)
    return _shows(w, key=b"wrong")


def passkey_in_a_pause(w: World) -> bool:
    """The right device and password after five wrong ones."""
    _with_device(w)
    for n in range(5):
        assert not _shows(w, key=b"wrong", asked=b"wrong %d" % n)
    return _shows(w)


def device_of_another(w: World) -> bool:
    """Somebody else's device with one's own password."""
    _with_device(w)
    other = "(SELECT id FROM wall.person WHERE code = 'td-intake')"
    run(w.conn, f"INSERT INTO wall.password SELECT {other}, salt, recipe, verifier, since FROM wall.password"
        " WHERE person = (SELECT id FROM wall.person WHERE code = %s)", [_PERSON])  # fmt: skip
    return _shows(w, who="td-intake")


def device_without_password(w: World) -> bool:
    """A device registered from a terminal that was left signed in."""
    _enrol(w)
    return _add_device(w, _signed_in(w, _PERSON), b"wrong").startswith("added")


def sixth_device(w: World) -> bool:
    """A sixth device."""
    proof = _with_device(w)
    for n in range(4):
        assert _add_device(w, proof, device=b"more %d" % n) == "added"
    return _add_device(w, proof, device=b"sixth") == "added"


def removing_without_password(w: World) -> bool:
    """A device removed from such a terminal."""
    proof = _with_device(w)
    with wearing(w.conn, "authn"):
        number = one(w.conn, "SELECT wall.passkeys(%s)", [proof.secret])[0]["id"]
        return bool(one(w.conn, _REMOVE_BY, [proof.secret, b"wrong", number]) == "removed")


def last_device(w: World) -> bool:
    """The only second factor, removed."""
    proof = _with_device(w)
    run(w.conn, "RESET SESSION AUTHORIZATION")
    run(w.conn, "DELETE FROM wall.totp")
    with wearing(w.conn, "authn"):
        number = one(w.conn, "SELECT wall.passkeys(%s)", [proof.secret])[0]["id"]
        return bool(one(w.conn, _REMOVE_BY, [proof.secret, b"right", number]) == "removed")


def device_after_a_reset(w: World) -> bool:
    """A device of a person who was given a new beginning, who has set the same password again."""
    _with_device(w)
    with wearing(w.conn, "authn"):
        run(w.conn, "SELECT wall.reset_link(%s, sha256('fresh'), 1)", [_PERSON])
    run(w.conn, "DELETE FROM wall.one_time_link")
    who = "(SELECT id FROM wall.person WHERE code = %s)"
    run(w.conn, f"INSERT INTO wall.password VALUES ({who}, substr(sha256('s'), 1, 16), 'x', sha256('right'), now())",
        [_PERSON])  # fmt: skip
    return _shows(w)
