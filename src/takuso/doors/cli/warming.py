"""A survey that asks for cold days: they are fetched first if that is configured, else it is refused."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from takuso.doors.cli.answers import could_not_run, say
from takuso.doors.cli.cold_place import fetches_by_itself

if TYPE_CHECKING:
    from takuso.survey.cold.manifest import ColdDays

Answer = TypeVar("Answer")


def once_warm(ask: Callable[[], Answer]) -> Answer:
    """What `ask` gives; asked again once the cold days that it needs are in the folder. Raises Refused, and what `ask`
    raises but ColdDays."""
    # Arrow is loaded only here.
    from takuso.survey.cold.manifest import ColdDays

    try:
        return ask()
    except ColdDays as cold:
        if not fetches_by_itself():
            raise could_not_run(str(cold)) from None
        say(f"冷たい日を {len(cold.days)} 日、取り寄せています")
        _fetch(cold)
    try:
        return ask()
    except ColdDays as cold:
        raise could_not_run(str(cold)) from None


def _fetch(cold: "ColdDays") -> None:
    from takuso.doors.cli.log_cold import moving
    from takuso.survey.cold.moving import fetch

    with moving(cold.folder) as (connection, objects, show):
        done = list(fetch(connection, cold.folder, objects, lambda day: day in cold.days, show))
    for one in done:
        for fault in one.faults:
            raise could_not_run(f"{one.day}: {fault.place}: {fault.what}")
