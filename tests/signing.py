"""People of their own for the tests of sign-in, and what a person with a telephone does."""

import random
import time
from dataclasses import dataclass

import pyotp

from takuso.barrier.credentials.accounts import Accounts
from takuso.barrier.deployment import Loader
from takuso.barrier.signin import Proof, SignIns
from takuso.store.home import Home
from tests.area import AOI_NW

PASSWORD = "ゆうやけ こやけの赤とんぼ"
OTHER = "まっかな秋に囲まれている"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person who can sign in: code, the app's secret and the recovery codes."""

    code: str
    secret: str
    recovery: tuple[str, ...]

    def second(self, steps: int = 0) -> str:
        """The app's code, so many steps of 30 seconds from now."""
        return code_at(self.secret, steps)


def code_at(secret: str, steps: int = 0) -> str:
    """What an app shows so many steps of 30 seconds from now."""
    return pyotp.TOTP(secret.replace(" ", "")).at(time.time() + 30 * steps)


def newcomer(home: Home, duty: str = "network.billing", orgs: tuple[int, ...] = (AOI_NW,)) -> str:
    """A person who has just been appointed, and has nothing to sign in with; returns the code."""
    # Not the next after the highest: other tests of the same process count from there.
    number = random.randrange(10**6, 10**9)
    code = f"new-{number}"
    with Loader(home) as loader:
        loader.load("wall.person", [{"id": number, "code": code, "name": f"新人 {number}"}])
        loader.load(
            "wall.appointment",
            [{"person": number, "employer": org, "duty": duty, "valid": "[2016-04-01 00:00+09,)"} for org in orgs],
        )
    return code


def enrol(accounts: Accounts, signins: SignIns, person: str) -> Enrolled:
    """Through a one-time link to password and app. The app's first code is of the step before this one."""
    proof = signins.by_link(signins.issue_link(person))
    accounts.set_password(proof, "", PASSWORD, about=(), terminal=None)
    accounts.begin_totp(proof, "", terminal=None)
    pending = accounts.pending_totp(proof)
    assert pending is not None
    codes = accounts.confirm_totp(proof, code_at(pending.text, -1), terminal=None)
    signins.end(proof)
    return Enrolled(person, pending.text, codes)


def tries(
    accounts: Accounts, who: Enrolled, second: str, password: str = PASSWORD, terminal: str = "10.0.0.1"
) -> Proof:
    """One attempt."""
    return accounts.sign_in(who.code, password, second, terminal=terminal)
