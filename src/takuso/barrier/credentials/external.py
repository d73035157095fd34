"""会社の ID 基盤で入る: signing in by an account of the company's provider, and saying whose account it is.

Whose it is, the person alone says, signed in and with the password; never a name, an address of mail, or a claim.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from takuso.barrier.credentials.accounts import Accounts, NotConfirmed
from takuso.barrier.credentials.fetching import Unreachable
from takuso.barrier.credentials.keys import keyed
from takuso.barrier.credentials.provider import Provider, TokenRefused
from takuso.barrier.credentials.rounds import Found, Round
from takuso.barrier.signin import Proof, SignIns
from takuso.store.home import Home

_LONGEST: Final = 2048
"""Characters of anything that comes back in an address."""


class ExternalRefused(Exception):
    """Nobody is signed in: forged, used, too late, unknown, paused or refused there; which of them is not said."""

    def __init__(self) -> None:
        super().__init__(
            "会社の ID 基盤ではサインインできませんでした。"
            "もう一度はじめから試すか、ほかの方法でサインインしてください。"
        )


class ExternalUnreachable(Exception):
    """The company's provider does not answer."""

    def __init__(self) -> None:
        super().__init__("会社の ID 基盤につながりません。しばらく待つか、パスワードと認証コードで入ってください。")


class AlreadyLinked(Exception):
    """The account is somebody's, or the person has one."""

    def __init__(self) -> None:
        super().__init__(
            "このアカウントは追加できません。すでに追加されているか、ほかの利用者に追加されています。"
            "心当たりがないときは、システム管理の担当へ知らせてください。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAccount:
    """The account that a person has added, if any. `must_enrol`: password and app come first."""

    subject: str | None
    since: datetime | None
    must_enrol: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What the way back has led to: a sign-in, or an account that waits to be added (the text of a cookie)."""

    proof: Proof | None = None
    found: str = ""


class ExternalSignIn:
    """Sign-in by the company's provider."""

    def __init__(self, signins: SignIns, provider: Provider) -> None:
        self._signins = signins
        self._accounts = Accounts(signins)
        self._provider = provider

    @property
    def name(self) -> str:
        """What its button says; empty: what buttons of that kind say."""
        return self._provider.settings.name

    @property
    def issuer(self) -> str:
        """How the provider names itself."""
        return self._provider.settings.issuer

    @property
    def _home(self) -> Home:
        return self._signins.pools.home

    def begin(self, redirect: str, proof: Proof | None, *, links: bool, terminal: str | None) -> tuple[str, str]:
        """Where the browser goes to, and the text of the cookie that it takes along. Raises ExternalUnreachable."""
        session = proof.digest.hex() if proof else ""
        begun = Round.new(redirect, session=session, links=links)
        try:
            return self._provider.address(begun.asked), begun.seal(self._home)
        except Unreachable:
            self._note("unreachable", terminal)
            raise ExternalUnreachable from None

    def arrive(self, cookie: str, answer: Mapping[str, list[str]], *, terminal: str | None) -> Arrival:
        """The way back: `answer` is what stood in the address. Raises ExternalRefused, ExternalUnreachable.

        Whatever fails is recorded, and nothing of it stays: the person begins anew.
        """
        try:
            begun, subject = self._came_back(cookie, answer)
        except TokenRefused:
            self._note("refused", terminal)
            raise ExternalRefused from None
        except Unreachable:
            self._note("unreachable", terminal)
            raise ExternalUnreachable from None
        if begun.links:
            found = Found(issuer=self.issuer, subject=subject, session=begun.session, expires=begun.expires)
            return Arrival(found=found.seal(self._home))
        return Arrival(proof=self._sign_in(subject, begun.session, terminal))

    def account(self, proof: Proof) -> ExternalAccount:
        """What the person of this sign-in has added. Raises SignInNeeded."""
        answer = self._signins.call("SELECT wall.external_account(%b, %s::text)", [proof.secret, self.issuer])
        since = answer["since"]
        return ExternalAccount(
            subject=answer["subject"],
            since=datetime.fromisoformat(since) if since else None,
            must_enrol=answer["must_enrol"],
        )

    def found(self, proof: Proof, cookie: str) -> str | None:
        """The account that waits to be added to the person of this sign-in, and to nobody else."""
        waiting = Found.unseal(self._home, cookie, session=proof.digest.hex())
        return waiting.subject if waiting and waiting.issuer == self.issuer else None

    def link(self, proof: Proof, cookie: str, password: str, *, terminal: str | None) -> bool:
        """Add the account that waits; False if none does. Raises NotConfirmed, AlreadyLinked, SignInNeeded."""
        subject = self.found(proof, cookie)
        if subject is None:
            return False
        confirmation = self._accounts.confirmation(proof, password)
        said = self._signins.call(
            "SELECT wall.link_external(%b, %b, %s::text, %s::text, %s::text)",
            [proof.secret, confirmation, self.issuer, subject, terminal],
        )
        if said == "not-confirmed":
            raise NotConfirmed
        if said == "taken":
            raise AlreadyLinked
        return bool(said == "linked")

    def unlink(self, proof: Proof, password: str, *, terminal: str | None) -> None:
        """Take the account back; the person's other sign-ins end. Raises NotConfirmed, SignInNeeded."""
        confirmation = self._accounts.confirmation(proof, password)
        if not self._signins.call(
            "SELECT wall.unlink_external(%b, %b, %s::text, %s::text)",
            [proof.secret, confirmation, self.issuer, terminal],
        ):
            raise NotConfirmed

    def _came_back(self, cookie: str, answer: Mapping[str, list[str]]) -> tuple[Round, str]:
        """The way that was begun in this browser, used up, and the account. Raises TokenRefused, Unreachable."""
        begun = Round.unseal(self._home, cookie)
        if begun is None or not hmac.compare_digest(_one(answer, "state").encode(), begun.asked.state.encode()):
            raise TokenRefused
        once = "SELECT wall.use_external_round(%b, %s::timestamptz)"
        if not self._signins.call(once, [begun.asked.state.encode(), datetime.fromtimestamp(begun.expires, UTC)]):
            raise TokenRefused
        if not self._provider.answers_for(_one(answer, "iss") if "iss" in answer else None):
            raise TokenRefused
        code = _one(answer, "code")
        if "error" in answer or not code:
            raise TokenRefused
        return begun, self._provider.subject(code, begun.asked)

    def _sign_in(self, subject: str, former: str, terminal: str | None) -> Proof:
        proof = Proof.new()
        claimed = keyed(self._home, "claimed", f"{self.issuer} {subject}".encode("utf-8", "replace"))
        parameters: list[object] = [self.issuer, subject, claimed, proof.digest, bytes.fromhex(former), terminal]
        statement = "SELECT wall.sign_in_by_external(%s::text, %s::text, %b, %b, %b, %s::text)"
        if not self._signins.call(statement, parameters):
            raise ExternalRefused
        return proof

    def _note(self, result: str, terminal: str | None) -> None:
        self._signins.call("SELECT wall.external_failed(%s::text, %s::text)", [result, terminal])


def _one(answer: Mapping[str, list[str]], name: str) -> str:
    """The one value of that name; empty if there is none, more than one, or too long a one."""
    values = answer.get(name, [])
    return values[0] if len(values) == 1 and len(values[0]) <= _LONGEST else ""
