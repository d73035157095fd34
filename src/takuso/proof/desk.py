"""An office on a twin, with canaries in it, and the desks from which it is walked."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import psycopg

from takuso.barrier.credentials.external import ExternalSignIn
from takuso.barrier.credentials.provider import Provider, ProviderSettings
from takuso.barrier.deployment import Loader
from takuso.barrier.gate import Gate
from takuso.barrier.signin import SignIns
from takuso.barrier.standing import read_home
from takuso.kernel.periods import jst_day
from takuso.proof.applications import Application, plant_applications
from takuso.proof.browser import Answer, Browser
from takuso.proof.canary import Canaries, World, plant
from takuso.proof.listening import ListeningCursor, forget
from takuso.proof.people import REFERENCES, Walker, settle
from takuso.proof.program import Program, Wsgi
from takuso.proof.twin import Twin, twin
from takuso.store.home import Home
from takuso.store.pools import Pools

LOGINS: Final = ("web", "authn", "ticketer", "writer", "reader_network", "reader_retailer", "surveyor")
RECEIPT: Final = re.compile(r'(?:<p>受付番号 <code>|"receipt": ")([A-Za-z0-9_-]{32})(?:</code></p>|")')
SIGNED_OUT: Final = "nobody"
# A walk may go on past midnight, and not past two.
_DAYS_AHEAD: Final = 1


class NoSignIn(Exception):
    """A walker could not be signed in: the walk cannot begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """An office on a twin."""

    twin: Twin
    office: Wsgi
    canaries: Canaries
    pools: Pools
    program: Program
    applications: tuple[Application, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request. `where` names the cell it stands for: a door, a transition `A→B`, or an attempt `door *trick`."""

    where: str
    method: str
    address: str
    fields: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    form: bool = False
    json: str = ""

    @property
    def told(self) -> str:
        """What the walker typed or clicked: it may come back."""
        return " ".join((self.address, self.json, *(value for _, value in self.fields)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that was answered: by whom and for which kind of customer, what came back, what was said to the
    database."""

    walker: Walker | None
    kind: str
    step: Step
    answer: Answer
    statements: tuple[str, ...]
    told: str

    @property
    def person(self) -> str:
        """Code of the walker."""
        return self.walker.code if self.walker else SIGNED_OUT

    @property
    def receipt(self) -> str | None:
        """The receipt of the ticket this page was rendered under."""
        found = RECEIPT.search(self.answer.text)
        return found[1] if found else None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the body."""
        return hashlib.sha256(self.answer.body).digest()

    @property
    def where(self) -> str:
        """For a finding."""
        return f"{self.person} × {self.kind or '-'} × {self.step.where}"


@dataclass(slots=True)
class Desk:
    """A walker's browser; everything it asks is kept in `seen`."""

    site: Site
    walker: Walker | None
    seen: list[Seen] = field(default_factory=list)
    _browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self._browser = Browser(self.site.office)
        if self.walker is not None:
            body = json.dumps({"person": self.walker.code}).encode()
            answer = self._browser.send("POST", "/demo/login", body, "application/json")
            if answer.status != 204:
                raise NoSignIn(f"{self.walker.code}: {answer.status}")
            step = Step(
                where="/demo/login", method="POST", address="/demo/login", fields=(("person", self.walker.code),)
            )
            self.seen.append(Seen(walker=self.walker, kind="", step=step, answer=answer, statements=(), told=step.told))

    def take(self, step: Step, kind: str = "", told: str = "") -> Seen:
        """Make a request. `told` is what was typed on the way here."""
        forget()
        if step.form:
            if not self._browser.token:
                self._browser.get("/login")
            forget()
            answer = self._browser.post(step.address, dict(step.fields), dict(step.headers))
        else:
            kind_of_body = "application/json" if step.json else ""
            answer = self._browser.send(
                step.method, step.address, step.json.encode(), kind_of_body, more=dict(step.headers)
            )
        seen = Seen(
            walker=self.walker,
            kind=kind,
            step=step,
            answer=answer,
            statements=tuple(forget()),
            told=f"{step.told} {told}",
        )
        self.seen.append(seen)
        return seen

    def state(self, code: str, kind: str, address: str) -> Seen | None:
        """State a purpose for what stands at the address; None for a duty that has none to state."""
        purpose = self.walker.purpose if self.walker else None
        if purpose is None:
            return None
        fields = (("code", purpose), ("reference", REFERENCES[purpose]), ("next", address))
        return self.take(
            Step(where="/purpose", method="POST", address="/purpose", fields=fields, form=True), kind, code
        )


NOWHERE: Final = ProviderSettings(issuer="http://127.0.0.1:9", client="takuso", secret="x", name="会社")  # noqa: S106
"""A provider that does not answer: the doors to one are there to be tried, and nobody else's is asked."""


@contextmanager
def site(home: Home, admin_url: str, program: Program, world: World) -> Iterator[Site]:
    """A twin of the home's database with its people, canaries and office. Raises NoTwin and what the store raises."""
    rules = read_home(home).rules
    with twin(home, admin_url) as made:
        _extend(made)
        with Loader(made.home) as loader:
            settle(loader)
            canaries = plant(loader, world, jst_day(datetime.now(UTC)), rules)
        with psycopg.connect(made.admin_url) as behind:
            planted = plant_applications(behind, canaries, world)
        with Pools(made.home, LOGINS, dict.fromkeys(LOGINS, 2), cursors=ListeningCursor) as pools:
            signins = SignIns(pools)
            company = ExternalSignIn(signins, Provider(NOWHERE))
            office = program.office(Gate(pools), signins, made.home, ready=lambda: (), company=company)
            yield Site(twin=made, office=office, canaries=canaries, pools=pools, program=program, applications=planted)


def _extend(made: Twin) -> None:
    """Places for the log: a home that has stood still for long has none for today."""
    with psycopg.connect(made.admin_url, autocommit=True) as connection:
        connection.execute("SET ROLE migrator")
        connection.execute("SELECT log.extend(%s)", [_DAYS_AHEAD])
