"""One pool of connections a login, opened at first use, and one error for an unreachable database."""

import os
import select
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final

from psycopg import Connection, Cursor, OperationalError, pq
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool, PoolClosed

from takuso.store.errors import StoreError
from takuso.store.home import Home
from takuso.store.logins import LOGIN_NAMES

DEFAULT_SIZE: Final = 4
# Waiting longer than this for a connection is no use to the person in front of a screen.
_WAIT_SECONDS: Final = 5.0
_UNAVAILABLE_CLASSES: Final = ("08", "53", "57P", "58")
_MESSAGE: Final = (
    "データベースに接続できません。しばらく待って、もう一度操作してください。"
    "続くときは、運用担当者が takuso doctor で状態を確かめてください。"
)


class NoSuchLogin(StoreError):
    """This process was not given that login, or this home holds no password for it."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"データベースのログイン {login} は、ここでは使えません（このプロセスに割り当てがないか、"
            "ホームにパスワードがありません）。\n"
            "対処: takuso serve の --doors の指定と、ホームの secrets を確かめてください。"
        )
        self.login = login


class StoreUnavailable(StoreError):
    """The database cannot be reached or is shutting down.  The message names neither host nor user."""

    def __init__(self) -> None:
        super().__init__(_MESSAGE)


class LoginPool(ConnectionPool[Connection[tuple[Any, ...]]]):
    """A pool whose connection errors surface as StoreUnavailable; errors of statements pass unchanged."""

    @contextmanager
    def connection(self, timeout: float | None = None) -> Iterator[Connection[tuple[Any, ...]]]:
        """One autocommit connection; given back at the end, rolled back on an error."""
        with as_unavailable(), super().connection(timeout) as connection:
            yield connection

    def getconn(self, timeout: float | None = None) -> Connection[tuple[Any, ...]]:
        """One connection, to be handed back by ``putconn``; raises StoreUnavailable."""
        with as_unavailable():
            return super().getconn(timeout)


class Pools:
    """The pools of one process, for exactly the logins it was given.

    ``sizes`` is the largest number of connections a login may hold (default 4 each); a pool starts with one.
    ``cursors`` takes the place of psycopg's own class, for whoever listens to the statements.
    Raises NoSuchLogin for a login that was not given or has no password in this home.
    """

    def __init__(
        self,
        home: Home,
        logins: Iterable[str],
        sizes: Mapping[str, int] | None = None,
        cursors: type[Cursor[Any]] | None = None,
    ) -> None:
        self._home = home
        self._cursors = {} if cursors is None else {"cursor_factory": cursors}
        self._logins = frozenset(logins)
        self._sizes = dict(sizes or {})
        self._open: dict[str, LoginPool] = {}
        self._process = os.getpid()
        self._guard = threading.Lock()

    def __enter__(self) -> "Pools":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def home(self) -> Home:
        """The home whose logins these are."""
        return self._home

    @property
    def logins(self) -> frozenset[str]:
        """The logins this process was given."""
        return self._logins

    def pool(self, login: str) -> LoginPool:
        """The pool of a login, opened now if this is its first use in this process."""
        if login not in self._logins:
            raise NoSuchLogin(login)
        with self._guard:
            if self._process != os.getpid():
                # Sockets and worker threads do not survive a fork; the parent's pools are not ours to close.
                self._open, self._process = {}, os.getpid()
            if login not in self._open:
                self._open[login] = self._opened(login)
            return self._open[login]

    def close(self) -> None:
        """Close every open pool; the object can be used again afterwards."""
        with self._guard:
            pools, self._open = list(self._open.values()), {}
        if self._process == os.getpid():
            for pool in pools:
                pool.close()

    def _opened(self, login: str) -> LoginPool:
        return LoginPool(
            dsn(self._home, login),
            kwargs={"autocommit": True, "prepare_threshold": 2, **self._cursors},
            min_size=1,
            max_size=self._sizes.get(login, DEFAULT_SIZE),
            timeout=_WAIT_SECONDS,
            reconnect_timeout=_WAIT_SECONDS,
            check=_refuse_if_hung_up,
            name=login,
            open=True,
        )


def dsn(home: Home, login: str) -> str:
    """The connection string of a login, password included.

    Raises NoSuchLogin when the home holds no password for it, CorruptHome when the file cannot be trusted.
    """
    if login not in LOGIN_NAMES or not home.has_secret(login):
        raise NoSuchLogin(login)
    return make_conninfo(
        home.database_url,
        user=login,
        password=home.secret(login),
        application_name=f"takuso:{login}",
        connect_timeout=5,
        client_encoding="UTF8",
        **scram_only(),
    )


def answers(home: Home, login: str) -> bool:
    """Whether a server answers at all where this home's database is, whatever it thinks of the login.

    Raises NoSuchLogin, CorruptHome.
    """
    return pq.PGconn.ping(dsn(home, login).encode()) in (pq.Ping.OK, pq.Ping.REJECT)


def scram_only() -> dict[str, str]:
    """Connection options that refuse a server asking for anything but SCRAM (libpq 16 and later)."""
    return {"require_auth": "scram-sha-256"} if pq.version() >= 160000 else {}


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn connection errors inside the block into StoreUnavailable; other errors pass."""
    try:
        yield
    except PoolClosed:
        raise StoreUnavailable from None
    except OperationalError as error:
        # Cancelled statements, lock time-outs and deadlocks are OperationalErrors too: they have a cause
        # of their own and pass unchanged.
        if error.sqlstate is None or error.sqlstate.startswith(_UNAVAILABLE_CLASSES):
            raise StoreUnavailable from None
        raise


def _refuse_if_hung_up(connection: Connection[tuple[Any, ...]]) -> None:
    """Raise OperationalError if the server has hung up, without a round trip: then the socket is readable."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    for _ in range(4):
        if not poll.poll(0):
            return
        connection.pgconn.consume_input()
        if connection.closed or connection.pgconn.status != pq.ConnStatus.OK:
            break
    with suppress(OperationalError):
        connection.close()
    raise OperationalError("hung up")
