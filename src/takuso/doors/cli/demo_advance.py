"""`takuso demo advance`: the business clock of a demo or a sandbox goes on, and the nights between are worked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from takuso.barrier.deployment import deployer
from takuso.barrier.standing import declared_shift
from takuso.doors.cli.answers import Json, could_not_run, emit, say, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.demo import remember
from takuso.doors.cli.house import home
from takuso.kernel.periods import jst_day, jst_midnight
from takuso.store.home import Home
from takuso.store.pools import Pools

_FARTHEST: Final = 800
_A_LITTLE: Final = timedelta(seconds=1)


def advance_command(
    days: Annotated[int | None, typer.Option(help="進める日数", min=1)] = None,
    to: Annotated[datetime | None, typer.Option(help="この業務日まで進める", formats=["%Y-%m-%d"])] = None,
    json: Json = False,
) -> None:
    """デモ・試験のホームの業務日を進める。間の夜の処理（異動の効果、期限切れ）を、日ごとに行う。"""
    here = home()
    if here.kind == "production":
        raise wrong_use(
            "本番のホームの時計は進められません。\n対処: デモか試験のホームを TAKUSO_HOME に指定してください。"
        )
    if (days is None) == (to is None):
        raise wrong_use("--days か --to のどちらか一方を指定してください。")
    with database(here):
        today = jst_day(datetime.now(UTC) + declared_shift(here))
        last = to.date() if to is not None else today + timedelta(days=days or 0)
        if last <= today:
            raise wrong_use(f"業務日はもう {today} です。時計は戻せません。\n対処: 後の日を指定してください。")
        if (last - today).days > _FARTHEST:
            raise wrong_use(f"一度に進められるのは {_FARTHEST} 日までです。\n対処: 何度かに分けてください。")
        nights = list(_nights(here, today, last, quiet=json))
    if json:
        emit({"ok": True, "from": str(today), "today": str(last), "nights": nights})
    else:
        say(f"業務日は {last} です。")


def _nights(here: Home, today: date, last: date, *, quiet: bool) -> Iterator[dict[str, Any]]:
    """Each midnight in turn, worked until nothing more happens; then the same time of day as before."""
    from takuso.doors.jobs import LOGINS

    before = declared_shift(here)
    with deployer(here) as clock, Pools(here, LOGINS) as pools:

        def shifted(shift: timedelta) -> None:
            clock.execute("SELECT wall.declare_home(%s, %s)", [here.kind, shift])

        for ahead in range(1, (last - today).days + 1):
            day = today + timedelta(days=ahead)
            shifted(jst_midnight(day) + _A_LITTLE - datetime.now(UTC))
            done = _worked(pools)
            shifted(before + timedelta(days=ahead))
            if any(done.values()):
                if not quiet:
                    moves, points = done["reception.turn"], done["points.take_effect"]
                    say(f"{day}: 申込の動き {moves} 件、供給者の変わった地点 {points} 件")
                yield {"day": str(day), "moves": done["reception.turn"], "points": done["points.take_effect"]}
        remember(here, before + (last - today))


def _worked(pools: Pools) -> dict[str, int]:
    """The work of a night, until a round changes nothing."""
    from takuso.doors.jobs.work import one

    total = {"reception.turn": 0, "points.take_effect": 0}
    while True:
        round_ = [one(pools, name) for name in total]
        for done in round_:
            if done.error:
                raise could_not_run(
                    f"夜の処理 {done.job} ができませんでした（{done.error}）。業務日はその日で止まっています。\n"
                    "対処: takuso doctor で確かめて、もう一度実行してください。"
                )
            total[done.job] += done.changed
        if not any(done.changed for done in round_):
            return total
