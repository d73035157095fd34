"""The plan's answers: which customers a demo person may see, and which not.

Answered from a file that the plan leaves in the home, never from the database: the demo has no exemption there.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from os import O_CREAT, O_EXCL, O_WRONLY, close
from os import open as open_file
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, get_args

from takuso.demo.companies import BY_ID, PERSONS
from takuso.demo.histories import Scenario
from takuso.demo.plan import Plan
from takuso.demo.premises import Contract, CustomerKind, Site

Kind = Literal["own", "foreign", "switched", "vacant"]
KINDS: Final[tuple[str, ...]] = get_args(Kind)

_FILE: Final = Path("demo") / "customers.sqlite"
_GROUPS: Final = {pair: n for n, pair in enumerate((s, k) for s in Scenario for k in CustomerKind)}


class NotInThePlan(ValueError):
    """A kind or a person that the demo does not have."""


class NoDemo(RuntimeError):
    """The home holds no demo."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"このホーム（{home}）にデモの区域がありません。先に作ってください: takuso demo")


class AnswerBook:
    """Writes the answer file, whole or not at all; replaces a former one.

    Customers are numbered so that a walk in that order meets every kind of history and of customer in turn.
    """

    def __init__(self, home: Path, plan: Plan) -> None:
        self._file = home / _FILE
        self._new = self._file.with_suffix(".new")
        self._today = plan.today
        self._counts = [0] * len(_GROUPS)

    def __enter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._new.unlink(missing_ok=True)
        close(open_file(self._new, O_CREAT | O_EXCL | O_WRONLY, 0o600))
        self._connection = sqlite3.connect(self._new)
        self._connection.executescript(
            "CREATE TABLE plan (today TEXT NOT NULL);"
            "CREATE TABLE customer (turn INTEGER PRIMARY KEY, facts TEXT NOT NULL);"
        )
        self._connection.execute("INSERT INTO plan VALUES (?)", (self._today.isoformat(),))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._connection.commit()
        self._connection.close()
        if kind is None:
            self._new.replace(self._file)
        else:
            self._new.unlink(missing_ok=True)

    def add(self, site: Site) -> None:
        """Note one customer."""
        group = _GROUPS[site.contracts[0].history.scenario, site.kind]
        turn = self._counts[group] * len(_GROUPS) + group
        self._counts[group] += 1
        facts = {"code": site.customer_code, "points": [_facts(contract) for contract in site.contracts]}
        self._connection.execute("INSERT INTO customer VALUES (?, ?)", (turn, json.dumps(facts, ensure_ascii=False)))


def customers(
    home: Path, kind: str, person: str, limit: int, *, today: date | None = None
) -> list[dict[str, str | None]]:
    """Customers of this kind as seen by this person, one entry a customer code, at most `limit`.

    `own`: every point of the code is supplied today by the person's organisation (of a contractor: the
    principal). `foreign`: every point is supplied and named, and the organisation never held, applied for or
    was recorded for any. `switched`: once its own, all points now with others. `vacant`: no point has a
    supplier; `name` is the last tenant's, `holder` None. For the network company: `own` is any occupied
    customer, `foreign` none, `switched` any whose supplier has changed. `today` defaults to the plan's day.
    Raises NoDemo, NotInThePlan.
    """
    organisation = _organisation(person)
    if kind not in KINDS:
        raise NotInThePlan(f"お客さまの種類「{kind}」はありません。次から選んでください: {', '.join(KINDS)}")
    file = Path(home) / _FILE
    if not file.exists():
        raise NoDemo(Path(home))
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        (plan_day,) = connection.execute("SELECT today FROM plan").fetchone()
        day = today or date.fromisoformat(plan_day)
        return list(islice(_matching(connection, kind, organisation, day.isoformat()), max(limit, 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    """What is known of a point on one day: holder and name today (None: nobody), and who ever had to do with it."""

    supply_point: str
    holder: str | None
    name: str | None
    last_name: str | None
    former: frozenset[str]
    involved: frozenset[str]


_Test = Callable[[list[_Point], str], _Point | None]


def _own(points: list[_Point], organisation: str) -> _Point | None:
    return points[0] if all(point.holder == organisation and point.name for point in points) else None


def _foreign(points: list[_Point], organisation: str) -> _Point | None:
    strange = all(point.holder and point.name and organisation not in point.involved for point in points)
    return points[0] if strange else None


def _switched(points: list[_Point], organisation: str) -> _Point | None:
    if all(point.holder not in (None, organisation) for point in points):
        return next((point for point in points if organisation in point.former), None)
    return None


def _vacant(points: list[_Point], _organisation: str) -> _Point | None:
    return points[0] if all(point.holder is None for point in points) else None


def _occupied(points: list[_Point], _organisation: str) -> _Point | None:
    return points[0] if all(point.holder and point.name for point in points) else None


def _changed(points: list[_Point], _organisation: str) -> _Point | None:
    return next((point for point in points if point.holder and point.former - {point.holder}), None)


def _none(_points: list[_Point], _organisation: str) -> _Point | None:
    return None


_FOR_RETAILERS: Final[Mapping[str, _Test]] = {
    "own": _own,
    "foreign": _foreign,
    "switched": _switched,
    "vacant": _vacant,
}
_FOR_NETWORK: Final[Mapping[str, _Test]] = {
    "own": _occupied,
    "foreign": _none,
    "switched": _changed,
    "vacant": _vacant,
}


def _matching(
    connection: sqlite3.Connection, kind: str, organisation: tuple[str, bool], day: str
) -> Iterator[dict[str, str | None]]:
    code, network = organisation
    test = (_FOR_NETWORK if network else _FOR_RETAILERS)[kind]
    if test is _none:
        return
    for (text,) in connection.execute("SELECT facts FROM customer ORDER BY turn"):
        facts = json.loads(text)
        found = test([_on(day, point) for point in facts["points"]], code)
        if found is not None:
            yield {
                "customer_code": facts["code"],
                "supply_point": found.supply_point,
                "holder": found.holder,
                "name": found.name or found.last_name,
            }


def _on(day: str, point: Mapping[str, list[list[str]]]) -> _Point:
    # ISO days sort as texts; an open end is the text "~", which sorts after every day.
    holders = [org for org, start, end in point["held"] if start <= day < end]
    names = [name for name, start, end in point["named"] if start <= day < end]
    past = [name for name, start, _ in point["named"] if start <= day]
    return _Point(
        supply_point=point["supply_point"][0][0],
        holder=holders[0] if holders else None,
        name=names[0] if names else None,
        last_name=past[-1] if past else None,
        former=frozenset(org for org, _, end in point["held"] if end <= day),
        involved=frozenset(org for org, *_ in point["held"]) | frozenset(org for (org,) in point["involved"]),
    )


def _facts(contract: Contract) -> dict[str, list[list[str]]]:
    history = contract.history
    involved = {draft.retailer for spell in history.spells for draft in spell.drafts}
    involved |= {application.party for application in history.applications}
    named: dict[int, list[str]] = {}
    for number, spell in enumerate(history.spells):
        since = history.since if number == 0 else spell.now.start
        name = contract.tenants[spell.tenant].name.written
        named.setdefault(spell.tenant, [name, since.isoformat(), "~"])[2] = _end(spell.now.end)
    return {
        "supply_point": [[contract.supply_point]],
        "held": [
            [BY_ID[spell.now.retailer].code, spell.now.start.isoformat(), _end(spell.now.end)]
            for spell in history.spells
        ],
        "named": list(named.values()),
        "involved": [[BY_ID[org].code] for org in sorted(involved)],
    }


def _end(day: date | None) -> str:
    return "~" if day is None else day.isoformat()


def _organisation(person: str) -> tuple[str, bool]:
    for known in PERSONS:
        if known.code == person:
            return known.organisation.code, known.organisation.kind == "network"
    everyone = ", ".join(known.code for known in PERSONS)
    raise NotInThePlan(f"担当者「{person}」はデモにいません。次から選んでください: {everyone}")
