"""個人のアカウント: signing in by password and second factor, and what a person may do about it.

Passwords and codes never reach the database: it gets the key derived from a password, the step of the clock that a code
belongs to, and hashes. It compares, counts failures, and answers yes or no.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from takuso.barrier.credentials.keys import keyed
from takuso.barrier.credentials.passwords import LONGEST, SALT_BYTES, Derivation, Recipe, must_be_good
from takuso.barrier.credentials.totp import TotpSecret, Unreadable, new_recovery_codes, recovery_hash, typed
from takuso.barrier.signin import Proof, SignIns
from takuso.store.home import Home

REFUSED: Final = (
    "サインインできません。利用者コード・パスワード・認証コードを確かめてください。"
    "続けて間違えると、しばらくの間は正しく入力してもサインインできません。"
)


class SignInRefused(Exception):
    """Wrong, unknown or paused: which of them is not said."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


class NotConfirmed(Exception):
    """The present password was wrong, or guessed too often."""

    def __init__(self) -> None:
        super().__init__("いまのパスワードを確かめてください。続けて間違えると、しばらくの間は受け付けません。")


class CodeRefused(Exception):
    """The code of the app does not fit, or the enrolment was begun too long ago."""

    def __init__(self) -> None:
        super().__init__(
            "認証アプリに表示されている6桁を入力してください。合わないときは、端末の時刻を確かめるか、最初から登録し直して"
            "ください。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """One sign-in of the person. `used`: when something was last opened under it; `mine`: the one that asks."""

    id: int
    began: datetime
    used: datetime | None
    means: str
    terminal: str
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a person signs in with, and where. `must_enrol`: nothing is opened before that."""

    enrolled: bool
    must_enrol: bool
    password_since: datetime | None
    totp_since: datetime | None
    recovery_left: int
    sessions: tuple[SignedIn, ...]

    @property
    def must_confirm(self) -> bool:
        """Whether a change asks for the present password."""
        return self.enrolled and self.password_since is not None


@dataclass(frozen=True, slots=True)
class _Material:
    """Salts and sealed secrets of a person; None for what is not there."""

    person: str | None
    derivation: Derivation | None
    sealed: bytes | None
    pending: bytes | None

    @classmethod
    def of(cls, answer: Mapping[str, str | None]) -> "_Material":
        salt, recipe = answer["salt"], answer["recipe"]
        sealed, pending = answer["sealed"], answer["pending"]
        return cls(
            person=answer["person"],
            derivation=Derivation(bytes.fromhex(salt), Recipe.parse(recipe)) if salt and recipe else None,
            sealed=bytes.fromhex(sealed) if sealed else None,
            pending=bytes.fromhex(pending) if pending else None,
        )


class Accounts:
    """Sign-in by password, and every person's own account."""

    def __init__(self, signins: SignIns) -> None:
        self._signins = signins

    @property
    def _home(self) -> Home:
        return self._signins.pools.home

    def sign_in(self, person: str, password: str, code: str, *, terminal: str | None) -> Proof:
        """Sign in. The same work is done for whoever is not there. Raises SignInRefused, LogUnavailable."""
        found = _Material.of(self._signins.call("SELECT wall.sign_in_material(%s::text)", [person]))
        derived = self._derived(person, password, found.derivation)
        step = self._step(person, found.sealed, code)
        proof = Proof.new()
        signed_in = self._signins.call(
            "SELECT wall.sign_in_by_password(%s::text, %b, %b, %s::bigint, %b, %b, %s::text)",
            [
                person,
                keyed(self._home, "claimed", person.encode("utf-8", "replace")),
                derived,
                step,
                recovery_hash(self._home, person, code),
                proof.digest,
                terminal,
            ],
        )
        if not signed_in:
            raise SignInRefused
        return proof

    def derived(self, person: str, password: str) -> bytes:
        """What the database compares a password with; of whoever is not there, the same work."""
        found = _Material.of(self._signins.call("SELECT wall.sign_in_material(%s::text)", [person]))
        return self._derived(person, password, found.derivation)

    def recovery(self, proof: Proof) -> tuple[tuple[str, ...], list[bytes]]:
        """Ten fresh recovery codes of whoever is signed in, and what the database has of them. Raises SignInNeeded."""
        return self._codes(self._material(proof).person or "")

    def account(self, proof: Proof) -> Account:
        """The account of whoever is signed in. Raises SignInNeeded."""
        answer = self._signins.call("SELECT wall.account(%b)", [proof.secret])
        return Account(
            enrolled=answer["enrolled"],
            must_enrol=answer["must_enrol"],
            password_since=_moment(answer["password_since"]),
            totp_since=_moment(answer["totp_since"]),
            recovery_left=answer["recovery_left"],
            sessions=tuple(_signed_in(row) for row in answer["sessions"]),
        )

    def set_password(self, proof: Proof, old: str, new: str, *, about: tuple[str, ...], terminal: str | None) -> None:
        """Take a new password; the person's other sign-ins end.

        Raises PasswordRefused, NotConfirmed, SignInNeeded.
        """
        must_be_good(new, *about)
        fresh = Derivation.new()
        done = self._signins.call(
            "SELECT wall.set_password(%b, %b, %b, %s::text, %b, %s::text)",
            [
                proof.secret,
                self.confirmation(proof, old),
                fresh.salt,
                str(fresh.recipe),
                self._key(fresh, new),
                terminal,
            ],
        )
        if not done:
            raise NotConfirmed

    def begin_totp(self, proof: Proof, password: str, *, terminal: str | None) -> None:
        """Begin with an authenticator app: a secret that counts from its first right code on. Raises NotConfirmed,
        SignInNeeded."""
        confirmation, person = self.confirmation(proof, password), self._material(proof).person or ""
        sealed = TotpSecret.new().seal(self._home, person)
        if not self._signins.call(
            "SELECT wall.begin_totp(%b, %b, %b, %s::text)", [proof.secret, confirmation, sealed, terminal]
        ):
            raise NotConfirmed

    def pending_totp(self, proof: Proof) -> TotpSecret | None:
        """The secret that waits for its first code. Raises SignInNeeded."""
        found = self._material(proof)
        if found.pending is None or found.person is None:
            return None
        try:
            return TotpSecret.unseal(self._home, found.person, found.pending)
        except Unreadable:
            return None

    def confirm_totp(self, proof: Proof, code: str, *, terminal: str | None) -> tuple[str, ...]:
        """The app's first code: it counts from now on. Returns recovery codes. Raises CodeRefused, SignInNeeded."""
        found = self._material(proof)
        person = found.person or ""
        step = self._step(person, found.pending, code)
        if step is None or found.pending is None:
            raise CodeRefused
        codes, hashes = self._codes(person)
        if not self._signins.call(
            "SELECT wall.confirm_totp(%b, %b, %s::bigint, %s::bytea[], %s::text)",
            [proof.secret, found.pending, step, hashes, terminal],
        ):
            raise CodeRefused
        return codes

    def renew_recovery_codes(self, proof: Proof, password: str, *, terminal: str | None) -> tuple[str, ...]:
        """Ten new ones; the former ones no longer count. Raises NotConfirmed, SignInNeeded."""
        confirmation = self.confirmation(proof, password)
        codes, hashes = self._codes(self._material(proof).person or "")
        if not self._signins.call(
            "SELECT wall.renew_recovery_codes(%b, %b, %s::bytea[], %s::text)",
            [proof.secret, confirmation, hashes, terminal],
        ):
            raise NotConfirmed
        return codes

    def end_session(self, proof: Proof, session: int, *, terminal: str | None) -> bool:
        """End one of one's own sign-ins; False if there is no such one. Raises SignInNeeded."""
        statement = "SELECT wall.end_sessions(%b, %s::bigint, %s::text)"
        return bool(self._signins.call(statement, [proof.secret, session, terminal]))

    def end_others(self, proof: Proof, *, terminal: str | None) -> int:
        """End all of one's own sign-ins but this one; returns how many. Raises SignInNeeded."""
        return int(self._signins.call("SELECT wall.end_sessions(%b, NULL, %s::text)", [proof.secret, terminal]))

    def _material(self, proof: Proof) -> _Material:
        return _Material.of(self._signins.call("SELECT wall.account_material(%b)", [proof.secret]))

    def confirmation(self, proof: Proof, password: str) -> bytes:
        """What the database compares a password with, for whoever is signed in. Raises SignInNeeded."""
        found = self._material(proof)
        return self._derived(found.person or "", password, found.derivation)

    def _derived(self, person: str, password: str, derivation: Derivation | None) -> bytes:
        """The key of a password; from a salt that is made up of the name for whoever has none."""
        salt = keyed(self._home, "salt", person.encode("utf-8", "replace"))[:SALT_BYTES]
        return self._key(derivation or Derivation(salt), password[:LONGEST])

    def _key(self, derivation: Derivation, password: str) -> bytes:
        return keyed(self._home, "password", derivation.key(password))

    def _step(self, person: str, sealed: bytes | None, code: str) -> int | None:
        try:
            secret = TotpSecret.unseal(self._home, person, sealed) if sealed else TotpSecret.new()
        except Unreadable:
            return None
        step = secret.step_of(typed(code))
        return step if sealed else None

    def _codes(self, person: str) -> tuple[tuple[str, ...], list[bytes]]:
        codes = new_recovery_codes()
        return codes, [recovery_hash(self._home, person, code) for code in codes]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _signed_in(row: Mapping[str, Any]) -> SignedIn:
    return SignedIn(
        id=row["id"],
        began=datetime.fromisoformat(row["began"]),
        used=_moment(row["used"]),
        means=row["means"],
        terminal=row["terminal"] or "",
        mine=row["mine"],
    )
