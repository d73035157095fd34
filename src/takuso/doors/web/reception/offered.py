"""選べる手続き: what RT40 offers a duty, and its addresses. What may be filed the wall decides."""

from typing import Final
from urllib.parse import urlencode

from takuso.barrier.matrix import ACTIONS, Duty
from takuso.doors.web.definitions import RT40
from takuso.flow.reception import operations
from takuso.flow.reception.procedures import Procedure

FILED: Final = (
    Procedure.TERMINATION_RELAY,
    Procedure.SWITCH_START,
    Procedure.SWITCH_END,
    Procedure.REENERGISATION,
    Procedure.MOVE_OUT,
    Procedure.CONSUMER_CHANGE,
    Procedure.AMENDMENT,
)


def procedures(duty: Duty) -> tuple[Procedure, ...]:
    """In the order of the work. The holder's half of a switch is for those who answered the relay that it names."""
    if duty in ACTIONS[operations.ENTER]:
        return FILED
    if duty not in ACTIONS[operations.APPLY]:
        return ()
    return tuple(one for one in FILED if one is not Procedure.SWITCH_END or duty in ACTIONS[operations.ANSWER])


def apply_url(
    procedure: Procedure, *, receipt: str | None = None, concerns: str = "", relay: str = "", screen: str = RT40.code
) -> str:
    """Address of the form of a procedure; of what is typed only a 受付番号 may stand in it."""
    query = {"procedure": procedure.value, "concerns": concerns, "relay": relay, "from": receipt or ""}
    return f"/screens/{screen}?{urlencode({name: value for name, value in query.items() if value})}"
