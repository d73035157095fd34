"""A home of its own, in which changes of the rules are approved and deployed: in force for nobody else's tests."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg

from takuso.barrier.changes import RuleChange, applied, proved
from takuso.barrier.deployment import deploy
from takuso.barrier.gate import Gate, Visit
from takuso.barrier.matrix import RULES, DataClass, Duty, Relation, Rule, Verdict, View
from takuso.barrier.signin import SignIns
from takuso.barrier.standing import Standing, read_home
from takuso.kernel.periods import jst_day
from takuso.main import APPS, SCREENS, SCRIPTS, program
from takuso.store import embedded
from takuso.store.findings import Finding
from takuso.store.home import Home
from takuso.store.init import init
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import Pools
from tests.area import Area

PROPOSE: Final[LiteralString] = "SELECT wall.propose_rule(%(proof)s, %(day)s, %(receipt)s, %(content)s, %(reason)s)"
DECIDE: Final[LiteralString] = (
    "SELECT wall.decide_proposal(%(proof)s, %(day)s, %(receipt)s, %(id)s, %(verdict)s, '', %(hash)s, %(place)s,"
    " %(base)s)"
)
TODAY: Final = jst_day(datetime.now(UTC))


def row(duty: Duty, letter: str, on: date, relation: Relation = Relation.OWN) -> Rule:
    """A row that is none of the program's."""
    return Rule(
        duty=duty,
        relation=relation,
        view=View.CURRENT,
        data_class=DataClass(letter),
        verdict=Verdict.SHOW,
        article="電気事業法23条1項1号 自社の需要家",
        note="",
        since=on,
    )


def added(rule: Rule) -> RuleChange:
    return RuleChange(do="add", row=rule, on=rule.since)


def ended(rule: Rule, on: date) -> RuleChange:
    return RuleChange(do="end", row=replace(rule, until=on), on=on)


def program_row(duty: Duty, letter: str) -> Rule:
    return next(r for r in RULES if (r.duty, r.data_class, r.view) == (duty, DataClass(letter), View.CURRENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Such a home while it runs."""

    home: Home
    admin: str
    pools: Pools

    def deployed(self, days: int = 0) -> int:
        """Deploy, with the business day so many days ahead; returns the rule version."""
        return deploy(self.home, apps=APPS, scripts=SCRIPTS, screens=SCREENS, shift=timedelta(days=days))

    def behind(self, statement: LiteralString, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """As a superuser."""
        with psycopg.connect(self.admin, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def administer(self, person: str, action: str, statement: LiteralString, **parameters: object) -> str:
        visit = Visit(proof=SignIns(self.pools).by_demo(person), screen="AD30")
        return Gate(self.pools).administer(visit, action=action, statement=statement, parameters=parameters)

    def proposed(self, change: RuleChange) -> int:
        content = json.dumps(change.content(), ensure_ascii=False)
        self.administer("td-admin", "rule.propose", PROPOSE, content=content, reason="試験")
        return int(self.behind("SELECT max(id) FROM wall.proposal")[0][0])

    def approved(self, number: int, change: RuleChange, **other: object) -> str:
        """As the screen does it: proved over the table with all approvals before, by the second person."""
        coming = read_home(self.home).coming
        row = self.behind(
            "SELECT (SELECT coalesce(max(place), 0) + 1 FROM wall.proposal), max(version) FROM wall.rule_version"
        )[0]
        given = {"hash": proved(applied(coming, change), change.on).digest, "place": row[0], "base": row[1]} | other
        return self.administer("td-compliance", "rule.approve", DECIDE, id=number, verdict="approved", **given)

    def change(self, change: RuleChange) -> int:
        number = self.proposed(change)
        assert self.approved(number, change) == "approved"
        return number

    def findings(self) -> dict[str, Finding]:
        whole = program()
        with Pools(self.home, ["web", "ticketer"]) as pools:
            made = Standing(pools, screens=whole.screens, functions=whole.functions)
            return {finding.name: finding for finding in made.findings()}


@contextmanager
def apart(folder: Path) -> Iterator[Place]:
    """Make one, deployed, with the twelve persons; its server stops at the end."""
    home = Home(folder)
    home.declare("demo")
    server = embedded.start(home)
    try:
        init(home, server.admin_url)
        admin = server.admin_url.replace("dbname=postgres", "dbname=takuso")
        with Pools(home, LOGIN_NAMES, dict.fromkeys(LOGIN_NAMES, 2)) as pools:
            made = Place(home=home, admin=admin, pools=pools)
            made.deployed()
            Area(home, TODAY).people()
            yield made
    finally:
        embedded.stop(home)
