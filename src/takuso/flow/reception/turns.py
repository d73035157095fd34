"""進行と台帳: one turn of a supply point, from what is known to what is carried out, in one transaction.

`decide` is pure: the JSON of reception.turn in, the moves for reception.carry out. The rules are those of `advance` and
`settle`; nothing here decides. What a holder answered or the staff ordered comes before what happens by itself, as of
the moment it was given: an answer in time counts however late the turn is.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import psycopg
import structlog
from psycopg.types.json import Jsonb

from takuso.flow.reception import wire
from takuso.flow.reception.advance import Moved, Occurrence, advance
from takuso.flow.reception.case import Case
from takuso.flow.reception.copies import Copy, copies
from takuso.flow.reception.effects import carry_out
from takuso.flow.reception.facts import Circumstances, PointFacts, Voltage
from takuso.flow.reception.menus import menus_of
from takuso.flow.reception.model import ConsumerChange, MoveOut, Reenergisation, SwitchEnd, SwitchStart
from takuso.flow.reception.procedures import CATALOGUE
from takuso.flow.reception.proceedings import settle
from takuso.flow.reception.refusals.decisions import Refused
from takuso.flow.reception.states import LAPSING
from takuso.flow.reception.tables import TABLES
from takuso.flow.reception.vocabulary import COMMITTED, STATE_NAMES, Actor, Event, State

log: Final = structlog.get_logger("takuso.flow.reception")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """一回の進行: moves in order, the next day of each case, and what became of each instruction, as JSON."""

    moves: list[Json]
    wakes: list[Json]
    done: list[Json]


def take_turns(connection: psycopg.Connection[Any], *, most: int) -> Generator[int]:
    """Every point at which something is to be done, one transaction each; yields the number of moves of each turn.

    As `reception`, on an autocommit connection. A turn that fails is counted and waits, and the others have their
    turn; the error is logged by its name, never with what it says. Raises what the store raises when it is gone.
    """
    for (application,) in connection.execute("SELECT reception.due(%s)", [most]).fetchall():
        try:
            with connection.transaction():
                moved = _turn(connection, application)
        except Exception as error:
            if connection.closed or isinstance(error, psycopg.OperationalError):
                raise
            log.warning("turn failed", error=type(error).__name__)
            with suppress(psycopg.Error):
                connection.execute("SELECT reception.stumbled(%s)", [application])
            continue
        if moved is not None:
            yield moved


def _turn(connection: psycopg.Connection[Any], application: int) -> int | None:
    row = connection.execute("SELECT reception.turn(%s)", [application]).fetchone()
    if row is None or row[0] is None:
        return None
    turn = decide(row[0])
    made = connection.execute(
        "SELECT reception.carry(%s, %s, %s, %s)", [application, Jsonb(turn.moves), Jsonb(turn.wakes), Jsonb(turn.done)]
    ).fetchone()
    return int(made[0]) if made else 0


def decide(known: Mapping[str, Any]) -> Turn:
    """All that is to be done at this point now, in order."""
    circumstances = _circumstances(known)
    origin = {case.number: case for case in circumstances.cases}
    made: list[tuple[Moved, int | None]] = []
    done: list[Json] = []
    for instruction in known["instructions"]:
        moves, refused = _instructed(instruction, circumstances)
        made += [(moved, instruction["id"]) for moved in moves]
        circumstances = _after(circumstances, moves)
        refusals = refused.refusals if refused else ()
        done.append({"id": instruction["id"], "refusals": [wire.refusal_json(one) for one in refusals]})
    settled = settle(circumstances)
    made += [(moved, None) for moved in settled.moves]
    return Turn(
        moves=list(_carried(made, origin, _circumstances(known))),
        wakes=[{"number": case.number, "day": _iso(wake(case, settled.known.today))} for case in settled.known.cases],
        done=done,
    )


def wake(case: Case, today: date) -> date | None:
    """The next day after today on which this case may move by itself: its effect, or the day after its deadline."""
    if not case.is_open:
        return None
    deadline = TABLES[case.application.procedure].deadlines.get(case.state)
    days = [case.day] if case.state in COMMITTED else []
    if deadline in LAPSING and case.due is not None:
        days.append(case.due + timedelta(days=1))
    return min((day for day in days if day is not None and day > today), default=None)


def _circumstances(known: Mapping[str, Any]) -> Circumstances:
    point = known["point"]
    facts = None
    if point is not None:
        menus = menus_of(Voltage(point["voltage"]), point["kind"])
        facts = wire.facts_of({key: value for key, value in point.items() if key != "kind"} | {"menus": sorted(menus)})
    return Circumstances(
        at=datetime.fromisoformat(known["at"]),
        area=known["area"] or "",
        retailers={one["code"]: wire.retailer_of(one) for one in known["retailers"]},
        point=facts,
        cases=tuple(map(wire.case_of, known["cases"])),
    )


def _instructed(instruction: Mapping[str, Any], known: Circumstances) -> tuple[tuple[Moved, ...], Refused | None]:
    """The move that was ordered, with that of the other half where one cannot be without the other."""
    case = known.case(instruction["number"])
    if case is None:
        return (), None
    occurrence = Occurrence(
        event=Event(instruction["event"]),
        by=Actor.NETWORK if instruction["network"] else Actor.HOLDER,
        at=datetime.fromisoformat(instruction["at"]),
        retailer="" if instruction["network"] else instruction["org"],
        reason=wire.refusal_of(instruction["reason"]) if instruction["reason"] else None,
    )
    moved = advance(case, occurrence, known)
    if isinstance(moved, Refused):
        return (), moved
    other = known.case(case.partner) if occurrence.event is Event.CORRECT and case.partner else None
    second = advance(other, occurrence, known) if other is not None else None
    return (moved, second) if isinstance(second, Moved) else (moved,), None


def _after(known: Circumstances, moves: Iterable[Moved]) -> Circumstances:
    for moved in moves:
        cases = tuple(moved.case if one.number == moved.case.number else one for one in known.cases)
        point = known.point and carry_out(moved.by.effect, moved.case, known.point)
        known = replace(known, cases=cases, point=point)
    return known


def _carried(made: Iterable[tuple[Moved, int | None]], cases: dict[str, Case], known: Circumstances) -> Iterator[Json]:
    for moved, instruction in made:
        before, point = cases[moved.case.number], known.point
        known = _after(known, [moved])
        changed = known.point if known.point != point else None
        yield _move(moved, before) | {
            "instruction": instruction,
            "facts": None if changed is None else _facts(moved.case, changed, known.today),
            "reason": f"受付番号 {moved.case.number}（{CATALOGUE[moved.case.application.procedure].name}）",
        }
        cases[moved.case.number] = moved.case


def _move(moved: Moved, before: Case) -> Json:
    case = moved.case
    return {
        "number": case.number,
        "event": moved.by.event.value,
        "from": before.state.value,
        "state": case.state.value,
        "by": "・".join(sorted(one.value for one in moved.by.by)),
        "since": case.since.isoformat(),
        "due": _iso(case.due),
        "day": _iso(case.day),
        "content": wire.content_json(case.content),
        "amended_at": None if case.application.amended_at is None else case.application.amended_at.isoformat(),
        "partner": case.partner,
        "counterparts": sorted(case.counterparts),
        "refusals": [wire.refusal_json(one) for one in case.refusals],
        "open": case.is_open,
        "effect": None if moved.by.effect is None else moved.by.effect.value,
        "told": sorted(one.value for one in moved.by.told),
        "copies": [_copy(one) for one in copies(case)],
        "planned": case.state in COMMITTED and isinstance(case.content, _CHANGING),
        "pending": _pending(case),
    }


_CHANGING: Final = (SwitchStart, SwitchEnd, MoveOut, Reenergisation)


def _pending(case: Case) -> Json | None:
    """申込中の異動 as customer screens show it to whoever applied.

    A switch away is not shown there: whoever sells at the holder would see it.
    """
    if not case.is_open or case.day is None or case.state is State.RECEIVED or isinstance(case.content, SwitchEnd):
        return None
    name = CATALOGUE[case.application.procedure].name
    return {"procedure": name, "day": case.day.isoformat(), "state": STATE_NAMES[case.state]}


def _facts(case: Case, point: PointFacts, today: date) -> Json:
    """What points.rewrite makes of the point: the history as it is after the move."""
    content = case.content
    new = content if isinstance(content, SwitchStart | Reenergisation) else None
    named = content if isinstance(content, Reenergisation | ConsumerChange) else None
    return {
        "day": _iso(case.day),
        "status": "供給中" if point.holding_on(today) else "廃止中",
        "disconnection": point.disconnection,
        "menu": None if new is None or case.state is not State.EFFECTIVE else new.menu,
        "holdings": [
            {
                "retailer": one.retailer,
                "from": _iso(one.valid.start),
                "to": _iso(one.valid.end),
                "customer_no": one.customer_no,
                "balancing_group": new.balancing_group if new and one.valid.start == case.day else None,
            }
            for one in point.holdings
        ],
        "tenures": [
            {
                "name": one.name,
                "kana": one.kana,
                "from": _iso(one.valid.start),
                "to": _iso(one.valid.end),
                "phone": named.phone if named and (one.name, one.kana) == (named.name, named.kana) else None,
            }
            for one in point.tenures
        ],
    }


def _copy(one: Copy) -> Json:
    return {
        "party": one.party,
        "role": one.role.value,
        "confidential": one.confidential,
        "content": one.content_json,
        "day": _iso(one.day),
        "state": one.state.value,
        "since": one.since.isoformat(),
        "due": _iso(one.due),
        "refusals": [wire.refusal_json(refused) for refused in one.refusals],
    }


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
