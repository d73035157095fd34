"""Using a home's database: its own server runs while anyone needs it, and stops with the last of them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO

from takuso.doors.cli.answers import could_not_run
from takuso.doors.cli.house import House
from takuso.store import embedded, settings
from takuso.store.embedded import EmbeddedServer
from takuso.store.home import Home
from takuso.store.init import init

_NEEDED = "ticketer"


def must_be_prepared(home: Home) -> None:
    """Raise Refused if nobody has initialised this home yet."""
    if not home.has_secret(_NEEDED):
        raise could_not_run(
            f"このホーム（{home.path}）はまだ用意されていません。\n"
            "対処: 試すだけなら takuso demo、実際に使うなら takuso store init を実行してください。"
        )


@contextmanager
def database(home: Home, *, fresh: bool = False) -> Iterator[EmbeddedServer | None]:
    """The database of a home, started if it is the home's own and is not running; None for DATABASE_URL.

    Whoever leaves last stops it, unless `takuso store start` asked for it to stay. `fresh` allows a home that
    is not prepared. Raises Refused and the errors of the store.
    """
    if not fresh:
        must_be_prepared(home)
    if not home.embedded:
        yield None
        return
    home.create()
    mine = os.getpid()
    with _users(home).open("a", encoding="ascii") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield embedded.start(home)
        finally:
            # A worker forked from the server leaves through here as well; it must not stop anything.
            if os.getpid() == mine and _last(users) and not stays(home):
                embedded.stop(home)


def keep_running(home: Home) -> EmbeddedServer | None:
    """Start the home's own server and let it run after the command. Raises the errors of the store."""
    with database(home) as server:
        if server is not None:
            _mark(home).touch(mode=0o600)
        return server


def stop_running(home: Home) -> bool:
    """Stop the home's own server; False if others are using it, and then it stops after them."""
    _mark(home).unlink(missing_ok=True)
    if not home.path.is_dir():
        return True
    with _users(home).open("a", encoding="ascii") as users:
        if not _last(users):
            return False
        embedded.stop(home)
    return True


def stays(home: Home) -> bool:
    """Whether the server was told to stay."""
    return _mark(home).exists()


def bring_up(house: House, home: Home, server: EmbeddedServer | None, *, shift: timedelta) -> int:
    """Logins of the home's own server, then migrations, scripts, rules and screens; returns the rule version."""
    # Django is loaded only where migrations run.
    from takuso.barrier.deployment import deploy

    if server is not None:
        init(home, server.admin_url)
    return deploy(home, apps=house.apps, scripts=house.scripts, screens=house.screens, shift=shift)


def _users(home: Home) -> Path:
    return home.path / settings.USERS.name


def _mark(home: Home) -> Path:
    return home.path / settings.STAYS.name


def _last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
