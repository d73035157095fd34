"""The truth about a week: who and what must be found, as known at the view and as known now; what must not.

Written beside the source and never into it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from takuso.demo.legacy_kinds import KINDS
from takuso.demo.legacy_numbers import PointNumbers, person_id, session_strings, user_id
from takuso.demo.legacy_script import Case, Script
from takuso.demo.legacy_spells import Spell
from takuso.demo.legacy_week import FULL_CONTRACTS, FULL_ROWS, FULL_VIEWERS, PERIOD, RETAILERS, day_date

_EXAMPLES: Final = 3
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_RULE: Final = (
    f"contracts = max(1, round({FULL_CONTRACTS} × rows / {FULL_ROWS})), "
    f"viewers = max(1, min(contracts, round({FULL_VIEWERS} × rows / {FULL_ROWS}))), round half up"
)


def truth(script: Script, numbers: PointNumbers) -> dict[str, object]:
    """The document: figures and sets then and now, with contractors, and every kind with examples."""
    week, cases = script.week, script.cases
    return {
        "rows": week.rows,
        "points": week.points,
        "seed": week.seed,
        "missing_predecessors": week.missing,
        "period": [day.isoformat() for day in PERIOD],
        "rule": _RULE,
        "then": _figures(numbers, ((case, case.then) for case in cases)),
        "now": _figures(numbers, ((case, case.now) for case in cases)),
        "with_contractors": _figures(
            numbers, ((case, case.contract if "contractor" in case.kinds else case.then) for case in cases)
        ),
        "kinds": {name: _kind(name, cases, numbers) for name in KINDS},
    }


def _figures(numbers: PointNumbers, found: Iterable[tuple[Case, Spell | None]]) -> dict[str, object]:
    viewers, contracts = set(), set()
    for case, spell in found:
        if spell is not None:
            viewers.add(person_id(case.access.person))
            contracts.add(contract_key(numbers, spell))
    return {
        "viewers": len(viewers),
        "contracts": len(contracts),
        "viewer_ids": sorted(viewers),
        "contract_keys": sorted(contracts),
    }


def contract_key(numbers: PointNumbers, spell: Spell) -> str:
    """customer | retailer | from."""
    return f"{numbers.text(spell.point)}|{RETAILERS[spell.retailer]}|{day_date(spell.since)}"


def _kind(name: str, cases: list[Case], numbers: PointNumbers) -> dict[str, object]:
    kind = KINDS[name]
    found = [case for case in cases if name in case.kinds]
    return {
        "label": kind.label,
        "then": "in" if kind.then else "out",
        "now": "in" if kind.now else "out",
        "views": len(found),
        "found_then": sum(case.then is not None for case in found),
        "found_now": sum(case.now is not None for case in found),
        "viewers": len({case.access.person for case in found}),
        "customers": len({case.point for case in found}),
        "examples": [_example(case, numbers) for case in found[:_EXAMPLES]],
    }


def _example(case: Case, numbers: PointNumbers) -> dict[str, object]:
    return {
        "user_id": user_id(case.access.user),
        "person_id": person_id(case.access.person),
        "session_id": session_strings(np.array([case.session]))[0].as_py(),
        "customer": numbers.text(case.point),
        "at": (_EPOCH + timedelta(microseconds=case.at)).isoformat(timespec="microseconds"),
        "contract_then": case.then and contract_key(numbers, case.then),
        "contract_now": case.now and contract_key(numbers, case.now),
    }
