"""Password and second factor against the real database: who gets in, how often one may guess, what is recorded."""

import re
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from takuso.accesslog.tickets import SignInNeeded
from takuso.barrier.credentials.accounts import Accounts, CodeRefused, NotConfirmed, SignInRefused
from takuso.barrier.credentials.keys import keyed
from takuso.barrier.credentials.passwords import Derivation
from takuso.barrier.credentials.totp import TotpSecret, Unreadable
from takuso.barrier.gate import EnrolmentNeeded, Gate, Visit
from takuso.barrier.signin import LinkRefused, Proof, SignIns
from takuso.store.home import Home
from tests.area import AOI, AOI_NW
from tests.signing import OTHER, PASSWORD, Enrolled, code_at, enrol, newcomer, tries


@pytest.fixture(scope="module")
def accounts(signins: SignIns) -> Accounts:
    return Accounts(signins)


@pytest.fixture
def person(accounts: Accounts, signins: SignIns, home: Home) -> Enrolled:
    """Someone who has just enrolled."""
    return enrol(accounts, signins, newcomer(home))


def _records(admin: str, person: str) -> list[tuple[str, str]]:
    with psycopg.connect(admin) as connection:
        return connection.execute(
            "SELECT s.means, s.result FROM log.sign_in s JOIN wall.person p ON p.id = s.person"
            " WHERE p.code = %s ORDER BY s.id",
            [person],
        ).fetchall()


def _behind(admin: str, statement: str, *values: object) -> None:
    with psycopg.connect(admin) as connection:
        connection.execute(statement, list(values))  # type: ignore[call-overload]


def _refused(
    accounts: Accounts, who: Enrolled, second: str, password: str = PASSWORD, terminal: str = "10.0.0.1"
) -> str:
    with pytest.raises(SignInRefused) as said:
        tries(accounts, who, second, password, terminal)
    return str(said.value)


def test_password_and_code_sign_in(accounts: Accounts, signins: SignIns, person: Enrolled) -> None:
    viewer = signins.who(tries(accounts, person, person.second()))
    assert viewer is not None
    assert viewer.person_code == person.code


def test_one_without_the_other_does_not(accounts: Accounts, person: Enrolled) -> None:
    _refused(accounts, person, "000000")
    _refused(accounts, person, person.second(), password=OTHER)
    _refused(accounts, person, "")
    assert tries(accounts, person, person.second())


def test_a_code_counts_once_and_none_before_it(accounts: Accounts, person: Enrolled) -> None:
    code = person.second()
    assert tries(accounts, person, code)
    _refused(accounts, person, code)
    _refused(accounts, person, person.second(-1))
    assert tries(accounts, person, person.second(1))


def test_a_code_of_another_minute_does_not_count(accounts: Accounts, person: Enrolled) -> None:
    _refused(accounts, person, person.second(3))
    _refused(accounts, person, person.second(-3))


def test_the_code_of_the_enrolment_is_used_up(accounts: Accounts, signins: SignIns, home: Home) -> None:
    proof = signins.by_link(signins.issue_link(newcomer(home)))
    viewer = signins.who(proof)
    assert viewer is not None
    accounts.set_password(proof, "", PASSWORD, about=(), terminal=None)
    accounts.begin_totp(proof, "", terminal=None)
    pending = accounts.pending_totp(proof)
    assert pending is not None
    with pytest.raises(CodeRefused):
        accounts.confirm_totp(proof, "000000", terminal=None)
    code = code_at(pending.text)
    codes = accounts.confirm_totp(proof, code, terminal=None)
    _refused(accounts, Enrolled(viewer.person_code, pending.text, codes), code)


def test_a_recovery_code_counts_once_however_it_is_typed(accounts: Accounts, person: Enrolled) -> None:
    first, second, *_ = person.recovery
    assert tries(accounts, person, f" {first.lower().replace('-', ' ')} ")
    _refused(accounts, person, first)
    assert tries(accounts, person, second)


def test_a_wrong_password_uses_no_recovery_code_up(accounts: Accounts, person: Enrolled) -> None:
    code = person.recovery[0]
    _refused(accounts, person, code, password=OTHER)
    assert tries(accounts, person, code)


def test_a_password_alone_is_no_way_in(accounts: Accounts, signins: SignIns, home: Home) -> None:
    name = newcomer(home)
    proof = signins.by_link(signins.issue_link(name))
    accounts.set_password(proof, "", PASSWORD, about=(), terminal=None)
    assert not accounts.account(proof).enrolled
    _refused(accounts, Enrolled(name, "A" * 32, ()), "")


def test_two_appointments_are_none(accounts: Accounts, signins: SignIns, person: Enrolled, admin: str) -> None:
    _behind(
        admin,
        "INSERT INTO wall.appointment (person, employer, duty, valid)"
        " SELECT id, %s, 'retail.clerk', '[2016-04-01,)' FROM wall.person WHERE code = %s",
        AOI,
        person.code,
    )
    _refused(accounts, person, person.second())


def test_five_failures_pause_even_the_right_password(accounts: Accounts, person: Enrolled, admin: str) -> None:
    for _ in range(5):
        _refused(accounts, person, "000000")
    said = _refused(accounts, person, person.second())
    assert said == _refused(accounts, Enrolled("nobody-here", "A" * 32, ()), "000000")
    assert _records(admin, person.code)[-1] == ("password", "paused")


def test_the_pause_ends_and_grows(accounts: Accounts, person: Enrolled, admin: str) -> None:
    def pass_by(seconds: int) -> None:
        _behind(
            admin,
            "UPDATE log.sign_in SET at = at - make_interval(secs => %s)"
            " WHERE person = (SELECT id FROM wall.person WHERE code = %s)",
            seconds,
            person.code,
        )

    for _ in range(5):
        _refused(accounts, person, "000000")
    pass_by(61)
    _refused(accounts, person, "000000")
    pass_by(61)
    _refused(accounts, person, person.second())
    assert _records(admin, person.code)[-1] == ("password", "paused"), "the sixth failure pauses for two minutes"
    pass_by(61)
    assert tries(accounts, person, person.second())
    _refused(accounts, person, "000000")
    assert tries(accounts, person, person.recovery[0]), "a sign-in ends the run"


def test_a_hundred_guesses_at_once_are_five(accounts: Accounts, person: Enrolled, admin: str) -> None:
    def guess() -> None:
        _refused(accounts, person, "000000")

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results = [result for means, result in _records(admin, person.code) if means == "password"]
    assert results.count("refused") == 5
    assert results.count("paused") == 7


def test_many_names_from_one_terminal_pause_it(accounts: Accounts, person: Enrolled, admin: str) -> None:
    _behind(admin, "UPDATE wall.sign_in_limit SET per_terminal = 3")
    try:
        for n in range(3):
            _refused(accounts, Enrolled(f"guess-{n}", "A" * 32, ()), "000000", terminal="10.9.9.9")
        _refused(accounts, person, person.second(), terminal="10.9.9.9")
        assert tries(accounts, person, person.second(), terminal="10.9.9.8")
    finally:
        _behind(admin, "UPDATE wall.sign_in_limit SET per_terminal = 50")


def test_a_name_that_nobody_has_is_paused_alike(accounts: Accounts, home: Home, admin: str) -> None:
    ghost = Enrolled(f"ghost-{newcomer(home)}", "A" * 32, ())
    for _ in range(6):
        _refused(accounts, ghost, "000000")
    with psycopg.connect(admin) as connection:
        rows = connection.execute(
            "SELECT result, person FROM log.sign_in WHERE claimed = %s ORDER BY id",
            [keyed(home, "claimed", ghost.code.encode())],
        ).fetchall()
    assert rows == [("refused", None)] * 5 + [("paused", None)]


def test_the_same_work_for_whoever_is_not_there(
    accounts: Accounts, person: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    real = Derivation.key

    def counted(self: Derivation, password: str) -> bytes:
        done.append(self.recipe.memory * self.recipe.passes)
        return real(self, password)

    monkeypatch.setattr(Derivation, "key", counted)
    for who in (person, Enrolled("not-a-person", "A" * 32, ())):
        _refused(accounts, who, "000000", password=OTHER)
    assert len(done) == 2
    assert done[0] == done[1]


def test_what_is_typed_in_the_wrong_field_is_not_kept(accounts: Accounts, admin: str) -> None:
    secret = "わたしのひみつのことば"
    _refused(accounts, Enrolled(secret, "A" * 32, ()), "000000", password=secret)
    with psycopg.connect(admin) as connection:
        rows = connection.execute("SELECT s::text FROM log.sign_in s").fetchall()
    assert rows
    assert not any(secret in text or secret.encode().hex() in text for (text,) in rows)


def test_every_attempt_and_change_is_a_record(accounts: Accounts, person: Enrolled, admin: str) -> None:
    _refused(accounts, person, "000000")
    tries(accounts, person, person.second())
    assert _records(admin, person.code) == [
        ("one-time-link", "issued"),
        ("one-time-link", "signed-in"),
        ("password", "changed"),
        ("totp", "changed"),
        ("password", "refused"),
        ("password", "signed-in"),
    ]


def test_neither_passwords_nor_secrets_stand_in_the_database(person: Enrolled, admin: str, home: Home) -> None:
    with psycopg.connect(admin) as connection:
        rows = connection.execute(
            "SELECT w::text FROM wall.password w UNION ALL SELECT t::text FROM wall.totp t"
            " UNION ALL SELECT r::text FROM wall.recovery_code r"
        ).fetchall()
        sealed, salt, verifier = connection.execute(
            "SELECT t.sealed, w.salt, w.verifier FROM wall.totp t JOIN wall.password w USING (person)"
            " JOIN wall.person p ON p.id = t.person WHERE p.code = %s",
            [person.code],
        ).fetchone() or (b"", b"", b"")
    whole = "\n".join(text for (text,) in rows)
    for secret in (PASSWORD, person.secret, *person.recovery):
        assert secret not in whole
        assert secret.encode().hex() not in whole
    assert verifier != Derivation(salt).key(PASSWORD), "the key outside the database is part of it"
    assert TotpSecret.unseal(home, person.code, sealed).text == person.secret
    with pytest.raises(Unreadable):
        TotpSecret.unseal(home, "somebody-else", sealed)


def test_the_process_never_gets_a_verifier(signins: SignIns, person: Enrolled, admin: str) -> None:
    given = str(signins.call("SELECT wall.sign_in_material(%s::text)", [person.code]))
    with psycopg.connect(admin) as connection:
        row = connection.execute(
            "SELECT encode(verifier, 'hex') FROM wall.password w JOIN wall.person p ON p.id = w.person"
            " WHERE p.code = %s",
            [person.code],
        ).fetchone()
    assert row is not None
    assert row[0] not in given


def test_changing_the_password_asks_for_the_old_one_and_ends_the_others(
    accounts: Accounts, signins: SignIns, person: Enrolled
) -> None:
    other, mine = tries(accounts, person, person.second()), tries(accounts, person, person.second(1))
    with pytest.raises(NotConfirmed):
        accounts.set_password(mine, OTHER, OTHER, about=(), terminal=None)
    assert signins.who(other) is not None
    accounts.set_password(mine, PASSWORD, OTHER, about=(), terminal=None)
    assert signins.who(other) is None
    assert signins.who(mine) is not None
    _refused(accounts, person, person.recovery[0])
    assert tries(accounts, person, person.recovery[0], password=OTHER)


def test_guessing_the_old_password_is_counted(accounts: Accounts, person: Enrolled, admin: str) -> None:
    mine = tries(accounts, person, person.second())
    for _ in range(5):
        with pytest.raises(NotConfirmed):
            accounts.begin_totp(mine, OTHER, terminal=None)
    with pytest.raises(NotConfirmed):
        accounts.begin_totp(mine, PASSWORD, terminal=None)
    assert _records(admin, person.code)[-1] == ("password", "paused")


def test_a_new_app_takes_over_with_its_first_code(accounts: Accounts, person: Enrolled) -> None:
    mine = tries(accounts, person, person.second())
    accounts.begin_totp(mine, PASSWORD, terminal=None)
    pending = accounts.pending_totp(mine)
    assert pending is not None
    assert tries(accounts, person, person.second(1)), "the former one counts until then"
    codes = accounts.confirm_totp(mine, code_at(pending.text), terminal=None)
    _refused(accounts, person, person.recovery[0])
    assert tries(accounts, Enrolled(person.code, pending.text, codes), code_at(pending.text, 1))


def test_an_enrolment_waits_for_half_an_hour(accounts: Accounts, signins: SignIns, home: Home, admin: str) -> None:
    name = newcomer(home)
    proof = signins.by_link(signins.issue_link(name))
    accounts.begin_totp(proof, "", terminal=None)
    pending = accounts.pending_totp(proof)
    assert pending is not None
    _behind(
        admin,
        "UPDATE wall.totp SET pending_since = pending_since - interval '31 minutes'"
        " WHERE person = (SELECT id FROM wall.person WHERE code = %s)",
        name,
    )
    with pytest.raises(CodeRefused):
        accounts.confirm_totp(proof, code_at(pending.text), terminal=None)


def test_new_recovery_codes_replace_the_former_ones(accounts: Accounts, person: Enrolled) -> None:
    mine = tries(accounts, person, person.second())
    with pytest.raises(NotConfirmed):
        accounts.renew_recovery_codes(mine, OTHER, terminal=None)
    codes = accounts.renew_recovery_codes(mine, PASSWORD, terminal=None)
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}", code) for code in codes)
    assert accounts.account(mine).recovery_left == 10
    _refused(accounts, person, person.recovery[0])
    assert tries(accounts, person, codes[0])
    assert accounts.account(mine).recovery_left == 9


def test_the_list_of_sign_ins_is_ones_own(accounts: Accounts, signins: SignIns, person: Enrolled, gate: Gate) -> None:
    one = tries(accounts, person, person.second(), terminal="192.0.2.7")
    two = signins.by_demo(person.code, terminal="192.0.2.8")
    gate.look(Visit(proof=one, screen="MN00"), render=lambda _: b"")
    found = accounts.account(two).sessions
    assert [(s.means, s.terminal, s.mine, s.used is not None) for s in found] == [
        ("demo", "192.0.2.8", True, False),
        ("password", "192.0.2.7", False, True),
    ]
    stranger = signins.by_demo("aoi-clerk")
    assert not accounts.end_session(stranger, found[1].id, terminal=None), "of other people's none ends"
    assert signins.who(one) is not None
    assert accounts.end_session(two, found[1].id, terminal=None)
    assert signins.who(one) is None
    assert accounts.end_others(two, terminal=None) == 0
    assert signins.who(two) is not None


def test_a_reset_is_a_new_beginning(accounts: Accounts, signins: SignIns, person: Enrolled, admin: str) -> None:
    former, mine = signins.issue_link(person.code), tries(accounts, person, person.second())
    token = signins.reset(person.code)
    assert signins.who(mine) is None
    _refused(accounts, person, person.second(1))
    _refused(accounts, person, person.recovery[0])
    with pytest.raises(LinkRefused):
        signins.by_link(former)
    assert not accounts.account(signins.by_link(token)).enrolled
    assert ("password", "reset") in _records(admin, person.code)


def test_an_ended_sign_in_changes_nothing(accounts: Accounts, signins: SignIns, person: Enrolled) -> None:
    mine = tries(accounts, person, person.second())
    signins.end(mine)
    attempts: list[Callable[[], object]] = [
        lambda: accounts.account(mine),
        lambda: accounts.set_password(mine, PASSWORD, OTHER, about=(), terminal=None),
        lambda: accounts.begin_totp(mine, PASSWORD, terminal=None),
        lambda: accounts.confirm_totp(mine, "000000", terminal=None),
        lambda: accounts.renew_recovery_codes(mine, PASSWORD, terminal=None),
        lambda: accounts.end_others(mine, terminal=None),
    ]
    for attempt in attempts:
        with pytest.raises(SignInNeeded):
            attempt()
    assert tries(accounts, person, person.second(1))


def _in_production(admin: str, use: Callable[[], None]) -> None:
    _behind(admin, "UPDATE wall.home SET kind = 'production'")
    try:
        use()
    finally:
        _behind(admin, "UPDATE wall.home SET kind = 'demo'")


def test_in_production_a_link_opens_nothing_before_the_enrolment(
    accounts: Accounts, signins: SignIns, gate: Gate, home: Home, admin: str
) -> None:
    def look(proof: Proof) -> bool:
        return gate.look(Visit(proof=proof, screen="MN00"), render=lambda _: b"").shown

    def there() -> None:
        name = newcomer(home)
        proof = signins.by_link(signins.issue_link(name))
        assert accounts.account(proof).must_enrol
        with pytest.raises(EnrolmentNeeded):
            look(proof)
        accounts.set_password(proof, "", PASSWORD, about=(), terminal=None)
        with pytest.raises(EnrolmentNeeded):
            look(proof)
        assert look(signins.by_link(signins.issue_link(name), command=True)), "a command has no screen to enrol on"
        accounts.begin_totp(proof, "", terminal=None)
        pending = accounts.pending_totp(proof)
        assert pending is not None
        accounts.confirm_totp(proof, code_at(pending.text), terminal=None)
        assert look(proof)

    _in_production(admin, there)


def test_the_key_is_made_once_and_is_private(home: Home) -> None:
    file = Path(home.secrets / "signin_key")
    assert file.stat().st_mode & 0o077 == 0
    assert len(home.secret("signin_key")) == 64


@pytest.mark.parametrize("org", [AOI_NW, AOI])
def test_compliance_alone_reads_the_record(admin: str, home: Home, org: int) -> None:
    """The policy on log.sign_in is the one of the log: a ticket for reading the log, as surveyor."""
    with psycopg.connect(admin) as connection:
        connection.execute("SET ROLE surveyor")
        assert connection.execute("SELECT count(*) FROM log.sign_in").fetchone() == (0,)
        for login in ("authn", "ticketer", "web", "reader_network", "writer"):
            connection.execute("RESET ROLE")
            row = connection.execute("SELECT has_table_privilege(%s, 'log.sign_in', 'SELECT')", [login]).fetchone()
            assert row == (False,), login
