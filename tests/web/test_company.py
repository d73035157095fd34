"""会社の ID 基盤で入る, over HTTP: a provider that really answers, and everything that must not sign anybody in."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest

from takuso.barrier.credentials import external, rounds
from takuso.barrier.credentials.external import ExternalSignIn
from takuso.barrier.credentials.fetching import Limits
from takuso.barrier.credentials.provider import Provider
from takuso.barrier.credentials.rounds import Found
from takuso.barrier.signin import Proof, SignIns
from takuso.doors.web.company import BACK, FOUND, PAGE, ROUND
from takuso.doors.web.office import COOKIE, Office
from takuso.store.home import Home
from tests.area import AOI
from tests.idp import OTHER_KEY, SECRET, Idp, answer, running, signed, unprotected
from tests.signing import OTHER, PASSWORD, Enrolled, enrol, newcomer
from tests.web.conftest import Desk

LIMITS = Limits(seconds=0.6, silence=0.0)
REFUSED = "会社の ID 基盤ではサインインできませんでした。"


@pytest.fixture(scope="module")
def idp_server() -> Iterator[Idp]:
    with running() as made:
        yield made


@pytest.fixture
def idp(idp_server: Idp) -> Idp:
    """An honest provider, and a person there whom no other test knows."""
    fresh = Idp(issuer=idp_server.issuer)
    for field in dataclasses.fields(Idp):
        setattr(idp_server, field.name, getattr(fresh, field.name))
    idp_server.subject = f"sub-{Proof.new().cookie[:12]}"
    return idp_server


@pytest.fixture
def there(office: Office, signins: SignIns, idp: Idp) -> Office:
    """The office with a provider."""
    return dataclasses.replace(office, company=ExternalSignIn(signins, Provider(idp.settings, limits=LIMITS)))


@pytest.fixture
def person(office: Office, signins: SignIns, home: Home) -> Enrolled:
    return enrol(office.accounts, signins, newcomer(home))


Records = Callable[[], list[tuple[Any, ...]]]


@pytest.fixture
def records(admin: str) -> Iterator[Records]:
    """What was recorded since the test began: means, result, whether there was a person, whether a claim."""
    with psycopg.connect(admin, autocommit=True) as behind:
        last = behind.execute("SELECT coalesce(max(id), 0) FROM log.sign_in").fetchone()
        assert last

        def since() -> list[tuple[Any, ...]]:
            query = """SELECT means, result, person IS NOT NULL, claimed IS NOT NULL FROM log.sign_in
                        WHERE id > %s AND means = 'external' ORDER BY id"""
            return behind.execute(query, last).fetchall()

        yield since


def lead(body: str) -> str:
    """Where a page leads on to."""
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', body)
    assert found, body
    return found[1].replace("&amp;", "&")


def departs(desk: Desk, path: str = "/login/company", page: str = "/login") -> str:
    """To the provider."""
    gone = desk.form(path, page=page)
    assert gone.status_code == 200
    return lead(gone.content.decode())


def returns(desk: Desk, back: dict[str, str], path: str = BACK) -> Any:
    """Back from there: a browser brings no Strict cookie along."""
    strict = {name: desk.browser.cookies.pop(name) for name in (COOKIE, FOUND) if name in desk.browser.cookies}
    come = desk.browser.get(path, back)
    for name, morsel in strict.items():
        if name not in come.cookies:
            desk.browser.cookies[name] = morsel.value
    return come


def linked(there: Office, signins: SignIns, idp: Idp, who: str, password: str = PASSWORD) -> Desk:
    """A desk of a person who has added the account that the provider says."""
    desk = Desk(there)
    desk.browser.cookies[COOKIE] = signins.by_demo(who).cookie
    returns(desk, idp.grant(departs(desk, f"{PAGE}/begin", PAGE)))
    done = desk.form(f"{PAGE}/link", page=PAGE, old=password)
    assert done.headers["Location"] == f"{PAGE}?done=linked"
    return desk


def test_without_a_provider_there_is_no_door(at_desk: Callable[[str | None], Desk]) -> None:
    desk = at_desk("td-billing")
    assert "会社の ID 基盤" not in desk.text("/login")
    assert "会社の ID 基盤" not in desk.text("/account")
    assert desk.get(BACK).status_code == 404
    assert desk.get(PAGE).status_code == 404
    for path in ("/login/company", f"{PAGE}/begin", f"{PAGE}/link", f"{PAGE}/unlink"):
        assert desk.form(path).status_code == 404


def test_adding_an_account_and_signing_in(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, records: Records
) -> None:
    desk = Desk(there)
    desk.browser.cookies[COOKIE] = signins.by_demo(person.code).cookie
    assert PAGE in desk.text("/account")
    came = returns(desk, idp.grant(departs(desk, f"{PAGE}/begin", PAGE)))
    assert lead(came.content.decode()) == PAGE
    assert (came.cookies[FOUND]["httponly"], came.cookies[FOUND]["samesite"]) == (True, "Strict")
    assert idp.subject in desk.text(PAGE), "the person sees which account it is"
    done = desk.form(f"{PAGE}/link", page=PAGE, old=PASSWORD)
    assert (done.status_code, done.headers["Location"]) == (303, f"{PAGE}?done=linked")
    assert "会社の ID 基盤のアカウントを追加しました。" in desk.text(f"{PAGE}?done=linked")

    other = Desk(there)
    assert "葵のアカウントで入る" in other.text("/login")
    to = departs(other)
    cookie = other.browser.cookies[ROUND]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["max-age"]) == (
        True, "Lax", "/login/company", 600)  # fmt: skip
    came = returns(other, idp.grant(to))
    assert (came.status_code, lead(came.content.decode())) == (200, "/screens/MN00")
    assert (came.cookies[COOKIE]["httponly"], came.cookies[COOKIE]["samesite"]) == (True, "Strict")
    assert other.browser.cookies[ROUND].value == ""
    assert "料金・請求" in other.text("/screens/MN00")
    assert "会社の ID 基盤" in other.text("/account")
    assert records() == [("external", "linked", True, False), ("external", "signed-in", True, False)]


def test_the_former_sign_in_of_the_browser_ends(there: Office, signins: SignIns, idp: Idp, person: Enrolled) -> None:
    linked(there, signins, idp, person.code)
    desk = Desk(there)
    former = signins.by_demo("td-intake")
    desk.browser.cookies[COOKIE] = former.cookie
    came = returns(desk, idp.grant(departs(desk)))
    assert COOKIE in came.cookies
    assert signins.who(former) is None


Change = Callable[[Idp, Desk, dict[str, str]], dict[str, str]]


def _claim(**wrong: Any) -> Change:
    def change(idp: Idp, _desk: Desk, back: dict[str, str]) -> dict[str, str]:
        idp.claims = lambda claims: claims | wrong
        return back

    return change


def _sign(how: Callable[[dict[str, Any]], str]) -> Change:
    def change(idp: Idp, _desk: Desk, back: dict[str, str]) -> dict[str, str]:
        idp.sign = how
        return back

    return change


def _other_browser(idp: Idp, desk: Desk, _back: dict[str, str]) -> dict[str, str]:
    """A stranger's code and state, in this browser."""
    stranger = Desk(_office_of(desk))
    return idp.grant(departs(stranger))


def _other_code(idp: Idp, desk: Desk, back: dict[str, str]) -> dict[str, str]:
    """A stranger's code under this browser's state: PKCE and nonce are of another way."""
    return idp.grant(departs(Desk(_office_of(desk)))) | {"state": back["state"]}


def _tampered(_idp: Idp, desk: Desk, back: dict[str, str]) -> dict[str, str]:
    text = desk.browser.cookies[ROUND].value
    desk.browser.cookies[ROUND] = text[:-9] + ("A" if text[-9] != "A" else "B") + text[-8:]
    return back


def _cookie(value: str) -> Change:
    def change(_idp: Idp, desk: Desk, back: dict[str, str]) -> dict[str, str]:
        desk.browser.cookies[ROUND] = value
        return back

    return change


def _sealed_for_another_use(_idp: Idp, desk: Desk, back: dict[str, str]) -> dict[str, str]:
    home = _office_of(desk).signins.pools.home
    found = Found(issuer="x", subject="x", session="", expires=2**31)
    desk.browser.cookies[ROUND] = found.seal(home)
    return back


def _used(idp: Idp, desk: Desk, back: dict[str, str]) -> dict[str, str]:
    """The same address and the same cookie a second time, and the provider plays along."""
    kept, code = desk.browser.cookies[ROUND].value, dict(idp.codes[back["code"]])
    assert COOKIE in returns(desk, back).cookies
    del desk.browser.cookies[COOKIE]
    desk.browser.cookies[ROUND] = kept
    idp.codes[back["code"]] = code
    return back


def _office_of(desk: Desk) -> Office:
    found = desk.browser.defaults["takuso.office"]
    assert isinstance(found, Office)
    return found


ATTACKS: dict[str, Change] = {
    "wrong issuer": _claim(iss="https://evil.example"),
    "wrong audience": _claim(aud="other"),
    "wrong nonce": _claim(nonce="x"),
    "expired": _claim(exp=1),
    "alg none": _sign(lambda claims: unprotected({"alg": "none", "kid": "one"}, claims)),
    "unknown key": _sign(lambda claims: signed(claims, OTHER_KEY, kid="three")),
    "wrong state": lambda _idp, _desk, back: back | {"state": "x" * 43},
    "no state": lambda _idp, _desk, back: {name: back[name] for name in ("code", "iss")},
    "state of other letters": lambda _idp, _desk, back: back | {"state": "あ"},
    "no code": lambda _idp, _desk, back: back | {"code": ""},
    "invented code": lambda _idp, _desk, back: back | {"code": "x"},
    "huge code": lambda _idp, _desk, back: back | {"code": "x" * 3000},
    "another issuer answers": lambda _idp, _desk, back: back | {"iss": "https://evil.example"},
    "an issuer that should name itself does not": lambda _idp, _desk, back: {k: back[k] for k in ("code", "state")},
    "refused there": lambda _idp, _desk, back: back | {"error": "access_denied"},
    "another browser": _other_browser,
    "another browser's code": _other_code,
    "tampered cookie": _tampered,
    "no cookie": _cookie(""),
    "invented cookie": _cookie("A" * 400),
    "huge cookie": _cookie("A" * 3500),
    "cookie of another use": _sealed_for_another_use,
    "used before": _used,
}


@pytest.mark.parametrize("what", ATTACKS)
def test_what_signs_nobody_in(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, records: Records, what: str
) -> None:
    linked(there, signins, idp, person.code)
    desk = Desk(there)
    back = ATTACKS[what](idp, desk, idp.grant(departs(desk)))
    before = len(records())
    came = returns(desk, back)
    assert came.status_code == 400
    body = came.content.decode()
    assert REFUSED in body
    assert COOKIE not in came.cookies
    assert came.cookies[ROUND].value == "", "a way that failed is over"
    assert records()[before:] == [("external", "refused", False, False)]
    for told in (idp.subject, *(value for value in back.values() if len(value) > 2 and value != "x" * 43)):
        assert told not in body or told == idp.issuer


def test_every_failure_is_answered_alike(
    there: Office, signins: SignIns, idp: Idp, home: Home, person: Enrolled
) -> None:
    def said(subject: str, back: dict[str, str] | None = None) -> str:
        idp.subject, desk = subject, Desk(there)
        granted = idp.grant(departs(desk))
        body = returns(desk, back or granted).content.decode()
        return re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "CSRF", body)

    linked(there, signins, idp, person.code)
    mine = idp.subject
    pages = {said("unknown-subject"), said(mine, {"code": "x"}), said(mine, {"state": "x"})}
    assert len(pages) == 1


def test_an_unknown_account_leaves_a_keyed_hash(
    there: Office, idp: Idp, records: Records, admin: str, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(there)
    assert returns(desk, idp.grant(departs(desk))).status_code == 400
    assert records() == [("external", "refused", False, True)]
    with psycopg.connect(admin) as behind:
        kept = behind.execute("SELECT claimed::text FROM log.sign_in ORDER BY id DESC LIMIT 1").fetchone()
    assert kept
    assert idp.subject.encode().hex() not in kept[0]
    assert idp.subject not in "".join(capfd.readouterr())


def test_nothing_of_the_way_is_logged(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, capfd: pytest.CaptureFixture[str]
) -> None:
    tokens: list[str] = []
    idp.sign = lambda claims: tokens.append(signed(claims)) or tokens[-1]
    linked(there, signins, idp, person.code)
    desk = Desk(there)
    back = idp.grant(departs(desk))
    returns(desk, back)
    returns(desk, back)
    said = "".join(capfd.readouterr())
    assert '"request"' in said or "request" in said
    for secret in (*tokens, back["code"], back["state"], idp.subject, SECRET):
        assert secret not in said


def test_somebody_elses_account_cannot_be_added(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, home: Home, records: Records
) -> None:
    linked(there, signins, idp, person.code)
    thief = Desk(there)
    thief.browser.cookies[COOKIE] = signins.by_demo(newcomer(home)).cookie
    returns(thief, idp.grant(departs(thief, f"{PAGE}/begin", PAGE)))
    answered = thief.form(f"{PAGE}/link", page=PAGE)
    assert answered.status_code == 400
    assert "このアカウントは追加できません。" in answered.content.decode()
    assert records()[-1] == ("external", "refused", True, False)
    desk = Desk(there)
    returns(desk, idp.grant(departs(desk)))
    assert person.code in desk.text("/account"), "it is whose it was"


def test_an_account_is_added_with_the_password_alone(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled
) -> None:
    desk = Desk(there)
    desk.browser.cookies[COOKIE] = signins.by_demo(person.code).cookie
    returns(desk, idp.grant(departs(desk, f"{PAGE}/begin", PAGE)))
    for wrong in ("", OTHER):
        refused = desk.form(f"{PAGE}/link", page=PAGE, old=wrong)
        assert refused.status_code == 400
        assert "いまのパスワードを確かめてください" in refused.content.decode()
    stranger = Desk(there)
    assert returns(stranger, idp.grant(departs(stranger))).status_code == 400


def test_a_found_account_is_for_the_sign_in_that_looked_for_it(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, home: Home
) -> None:
    desk, other = Desk(there), Desk(there)
    desk.browser.cookies[COOKIE] = signins.by_demo(person.code).cookie
    returns(desk, idp.grant(departs(desk, f"{PAGE}/begin", PAGE)))
    other.browser.cookies[COOKIE] = signins.by_demo(newcomer(home)).cookie
    for text in (desk.browser.cookies[FOUND].value, "A" * 200, ""):
        other.browser.cookies[FOUND] = text
        assert idp.subject not in other.text(PAGE)
        assert other.form(f"{PAGE}/link", page=PAGE).headers["Location"] == f"{PAGE}?done=none"


def test_a_way_to_add_does_not_sign_in(there: Office, signins: SignIns, idp: Idp, person: Enrolled) -> None:
    linked(there, signins, idp, person.code)
    desk = Desk(there)
    desk.browser.cookies[COOKIE] = signins.by_demo("td-intake").cookie
    came = returns(desk, idp.grant(departs(desk, f"{PAGE}/begin", PAGE)))
    assert COOKIE not in came.cookies


def test_an_account_that_was_taken_back(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, records: Records
) -> None:
    desk = linked(there, signins, idp, person.code)
    other = Desk(there)
    returns(other, idp.grant(departs(other)))
    assert other.get("/account").status_code == 200
    assert desk.form(f"{PAGE}/unlink", page=PAGE, old=OTHER).status_code == 400
    assert desk.form(f"{PAGE}/unlink", page=PAGE, old=PASSWORD).headers["Location"] == f"{PAGE}?done=unlinked"
    assert other.get("/account").headers["Location"] == "/login", "what it opened is closed"
    assert returns(other, idp.grant(departs(other))).status_code == 400
    assert [row[1] for row in records()] == ["linked", "signed-in", "unlinked", "refused"]


def test_after_a_reset_the_account_no_longer_counts(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled
) -> None:
    linked(there, signins, idp, person.code)
    signins.reset(person.code)
    desk = Desk(there)
    assert returns(desk, idp.grant(departs(desk))).status_code == 400


def test_without_an_appointment_nobody_comes_in(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, admin: str, records: Records
) -> None:
    linked(there, signins, idp, person.code)
    with psycopg.connect(admin, autocommit=True) as behind:
        behind.execute(
            """UPDATE wall.appointment SET recorded_to = now()
                WHERE person = (SELECT id FROM wall.person WHERE code = %s)""",
            [person.code],
        )
    desk = Desk(there)
    assert returns(desk, idp.grant(departs(desk))).status_code == 400
    assert records()[-1] == ("external", "refused", True, False)


def test_two_appointments_are_none(there: Office, signins: SignIns, idp: Idp, admin: str, home: Home) -> None:
    who = newcomer(home)
    linked(there, signins, idp, who, "")
    with psycopg.connect(admin, autocommit=True) as behind:
        behind.execute(
            """INSERT INTO wall.appointment (person, employer, duty, valid)
               SELECT p.id, %s, 'retail.clerk', '[2016-04-01,)' FROM wall.person p WHERE p.code = %s""",
            [AOI, who],
        )
    desk = Desk(there)
    assert returns(desk, idp.grant(departs(desk))).status_code == 400


def test_a_pause_holds_here_too(there: Office, signins: SignIns, idp: Idp, person: Enrolled, records: Records) -> None:
    linked(there, signins, idp, person.code)
    for _ in range(5):
        Desk(there).form(
            "/login", person=person.code, password=OTHER, second="000000", more={"REMOTE_ADDR": "192.0.2.9"}
        )
    desk = Desk(there)
    assert returns(desk, idp.grant(departs(desk))).status_code == 400
    assert records()[-1] == ("external", "paused", True, False)


def test_in_production_a_link_adds_nothing_before_enrolment(
    there: Office, signins: SignIns, idp: Idp, home: Home, admin: str
) -> None:
    desk = Desk(there)
    assert desk.form(f"/login/once/{signins.issue_link(newcomer(home))}").status_code == 303
    with psycopg.connect(admin, autocommit=True) as behind:
        returns(desk, idp.grant(departs(desk, f"{PAGE}/begin", PAGE)))
        behind.execute("UPDATE wall.home SET kind = 'production'")
        try:
            assert desk.form(f"{PAGE}/begin", page=PAGE).headers["Location"] == "/account/credentials"
            assert desk.form(f"{PAGE}/link", page=PAGE).headers["Location"] == "/account/credentials"
        finally:
            behind.execute("UPDATE wall.home SET kind = 'demo'")
    assert desk.form(f"{PAGE}/link", page=PAGE).headers["Location"] == f"{PAGE}?done=linked"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
def test_a_provider_that_is_down(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, records: Records, path: str
) -> None:
    idp.instead = {path: lambda handler: answer(handler, 503, {})}
    desk = Desk(there)
    came = desk.form("/login/company")
    if path != "/.well-known/openid-configuration":
        came = returns(desk, idp.grant(lead(came.content.decode())))
    assert came.status_code == 503
    assert "会社の ID 基盤につながりません。" in came.content.decode()
    assert COOKIE not in came.cookies
    assert records() == [("external", "unreachable", False, False)]
    assert "パスワードと認証コードで入る" in came.content.decode(), "there is another way"


def test_late_is_too_late(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, admin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked(there, signins, idp, person.code)
    desk, now = Desk(there), rounds.time.time()
    with monkeypatch.context() as patch:
        patch.setattr(rounds.time, "time", lambda: now - 601)
        back = idp.grant(departs(desk))
    assert returns(desk, back).status_code == 400


def test_no_address_leads_elsewhere(there: Office, signins: SignIns, idp: Idp, person: Enrolled) -> None:
    linked(there, signins, idp, person.code)
    desk = Desk(there)
    back = idp.grant(departs(desk)) | {"next": "https://evil.example", "redirect_uri": "https://evil.example"}
    assert lead(returns(desk, back).content.decode()) == "/screens/MN00"
    to = departs(Desk(there), "/login/company")
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%2Flogin%2Fcompany%2Fcallback" in to
    assert Desk(there).get("/login/company").status_code == 405, "nobody is sent there by a link"


@pytest.mark.parametrize("path", ["/begin", "/link", "/unlink"])
def test_changes_need_token_and_sign_in(there: Office, signins: SignIns, path: str) -> None:
    desk = Desk(there)
    assert desk.browser.post(f"{PAGE}{path}").status_code == 403
    assert desk.browser.post("/login/company").status_code == 403
    assert desk.form(f"{PAGE}{path}").headers["Location"] == "/login"
    assert desk.get(PAGE).headers["Location"] == "/login"
    desk.browser.cookies[COOKIE] = "A" * 43
    assert desk.form(f"{PAGE}{path}").headers["Location"] == "/login"


def weakened(module: ModuleType, cut: str, instead: str) -> ModuleType:
    """The module without that guard."""
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert text.count(cut) == 1, f"no such guard any more, or more than one: {cut}"
    made = ModuleType(module.__name__)
    made.__dict__.update(__file__=module.__file__)
    exec(compile(text.replace(cut, instead), "weakened", "exec"), made.__dict__)  # noqa: S102 - our own text
    return made


_ISSUER = ('if not self._provider.answers_for(_one(answer, "iss")', 'if False and (_one(answer, "iss")')
GUARDS = {
    "wrong state": (' or not hmac.compare_digest(_one(answer, "state").encode(), begun.asked.state.encode())', ""),
    "used before": ("if not self._signins.call(once, [", "if False and not self._signins.call(once, ["),
    "another issuer answers": _ISSUER,
    "an issuer that should name itself does not": _ISSUER,
    "refused there": ('"error" in answer or ', ""),
}  # fmt: skip


@pytest.mark.parametrize("what", GUARDS)
def test_without_its_guard_the_way_is_open(
    there: Office, signins: SignIns, idp: Idp, person: Enrolled, what: str
) -> None:
    linked(there, signins, idp, person.code)
    made = weakened(external, *GUARDS[what])
    open_office = dataclasses.replace(there, company=made.ExternalSignIn(signins, Provider(idp.settings)))
    desk = Desk(open_office)
    assert COOKIE in returns(desk, ATTACKS[what](idp, desk, idp.grant(departs(desk)))).cookies


def test_without_its_guard_a_way_to_add_signs_in(there: Office, signins: SignIns, idp: Idp, person: Enrolled) -> None:
    linked(there, signins, idp, person.code)
    made = weakened(external, "if begun.links:", "if False:")
    desk = Desk(dataclasses.replace(there, company=made.ExternalSignIn(signins, Provider(idp.settings))))
    desk.browser.cookies[COOKIE] = signins.by_demo("td-intake").cookie
    assert COOKIE in returns(desk, idp.grant(departs(desk, f"{PAGE}/begin", PAGE))).cookies


@pytest.mark.parametrize(
    ("session", "expires", "issuer", "cut"),
    [
        ("00", 2**31, None, (rounds, "made.session == session and ", "")),
        (None, 1, None, (rounds, " and time.time() < made.expires", "")),
        (None, 2**31, "https://former.example", (external, " and waiting.issuer == self.issuer", "")),
    ],
    ids=["another sign-in", "too late", "another issuer"],
)
def test_what_waits_is_for_this_sign_in_now(
    there: Office, signins: SignIns, idp: Idp, session: str | None, expires: int, issuer: str | None,
    cut: tuple[ModuleType, str, str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    proof, home, company = signins.by_demo("td-intake"), signins.pools.home, there.company
    assert company
    text = Found(
        issuer=issuer or idp.issuer, subject=idp.subject, session=session or proof.digest.hex(), expires=expires
    ).seal(home)
    assert company.found(proof, text) is None
    made = weakened(*cut)
    if cut[0] is rounds:
        monkeypatch.setattr(external, "Found", made.Found)
    else:
        company = made.ExternalSignIn(signins, Provider(idp.settings))
    assert company.found(proof, text) == idp.subject
