"""Pools: one a login, one error for an unreachable database, statements' own errors untouched."""

import os
import time
from pathlib import Path

import psycopg
import pytest

from takuso.store import open_store
from takuso.store.embedded import start, status, stop
from takuso.store.home import CorruptHome, Home
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import NoSuchLogin, Pools, StoreUnavailable, as_unavailable, dsn

from .conftest import Running


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits in front of these tests."""
    monkeypatch.setattr("takuso.store.pools._WAIT_SECONDS", 0.5)


def test_every_login_has_a_pool_of_its_own(shared: Running) -> None:
    with Pools(shared.home, LOGIN_NAMES) as pools:
        for name in LOGIN_NAMES:
            with pools.pool(name).connection() as connection:
                row = connection.execute(
                    "SELECT session_user::text, application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
                ).fetchone()
                assert row == (name, f"takuso:{name}")
                assert connection.autocommit
                assert connection.prepare_threshold == 2
            assert pools.pool(name) is pools.pool(name)


def test_times_are_read_in_japan_s_time(shared: Running) -> None:
    with Pools(shared.home, {"web"}) as pools, pools.pool("web").connection() as connection:
        row = connection.execute("SELECT '2026-03-31 15:00:00+00'::timestamptz").fetchone()
        assert row is not None
        assert row[0].isoformat() == "2026-04-01T00:00:00+09:00"
        day = connection.execute("SELECT '2026-03-31 15:00:00+00'::timestamptz::date::text").fetchone()
        assert day == ("2026-04-01",)


def test_a_pool_opens_at_first_use_and_keeps_its_size(shared: Running) -> None:
    def connected() -> int:
        with shared.admin() as admin:
            row = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'bank'").fetchone()
            assert row is not None
            return int(str(row[0]))

    with Pools(shared.home, {"bank"}, {"bank": 2}) as pools:
        assert connected() == 0
        pool = pools.pool("bank")
        with pool.connection(), pool.connection():
            assert connected() == 2
            with pytest.raises(StoreUnavailable), pool.connection(timeout=0.05):
                pass
    for _ in range(100):
        if connected() == 0:
            return
        time.sleep(0.05)
    raise AssertionError("connections were left open")


@pytest.mark.parametrize("name", ["reader_network", "owner", "postgres", "nobody", "../home"])
def test_a_login_that_was_not_given_does_not_exist(shared: Running, name: str) -> None:
    with Pools(shared.home, {"reader_retailer"}) as pools, pytest.raises(NoSuchLogin):
        pools.pool(name)


@pytest.mark.parametrize("name", ["owner", "postgres", "nobody"])
def test_only_logins_of_the_list_have_a_dsn(shared: Running, name: str) -> None:
    with pytest.raises(NoSuchLogin):
        dsn(shared.home, name)


def test_a_home_without_the_password_has_no_such_login(shared: Running, tmp_path: Path) -> None:
    retailer = Home(tmp_path, database_url=shared.home.database_url)
    retailer.write_secret("reader_retailer", shared.home.secret("reader_retailer"))
    with Pools(retailer, LOGIN_NAMES) as pools:
        with pools.pool("reader_retailer").connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(NoSuchLogin, match="reader_network"):
            pools.pool("reader_network")
        (retailer.secrets / "writer").write_text("x")
        (retailer.secrets / "writer").chmod(0o644)
        with pytest.raises(CorruptHome):
            pools.pool("writer")


@pytest.mark.usefixtures("quick")
def test_no_server_is_one_error_without_details(tmp_path: Path) -> None:
    home = Home(tmp_path, database_url="postgresql://127.0.0.1:1/takuso")
    home.write_secret("web", "s3cret")
    with Pools(home, {"web"}) as pools:
        pool = pools.pool("web")
        with pytest.raises(StoreUnavailable) as caught, pool.connection():
            pass
        with pytest.raises(StoreUnavailable):
            pool.getconn()
    for detail in ("127.0.0.1", "web", "s3cret", "takuso:"):
        assert detail not in str(caught.value)
    assert caught.value.__suppress_context__
    assert "接続できません" in str(caught.value)


@pytest.mark.usefixtures("quick")
def test_a_wrong_password_is_the_same_error(shared: Running, tmp_path: Path) -> None:
    home = Home(tmp_path, database_url=shared.home.database_url)
    home.write_secret("web", "wrong")
    with Pools(home, {"web"}) as pools, pytest.raises(StoreUnavailable), pools.pool("web").connection():
        pass


@pytest.mark.usefixtures("quick")
def test_a_restart_is_survived(embedded: Running) -> None:
    with Pools(embedded.home, {"web"}) as pools:
        pool = pools.pool("web")
        with pool.connection() as connection:
            connection.execute("SELECT 1")

        def interrupted() -> None:
            with pool.connection() as connection:
                stop(embedded.home)
                connection.execute("SELECT 1")

        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                interrupted()
        start(embedded.home)
        with pool.connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        # A connection that died in the pool is not handed out, so nobody sees this second restart.
        stop(embedded.home)
        start(embedded.home)
        with pool.connection() as connection:
            assert connection.execute("SELECT 2").fetchone() == (2,)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT 1/0", psycopg.errors.DivisionByZero),
        ("SET statement_timeout = 10; SELECT pg_sleep(5)", psycopg.errors.QueryCanceled),
        ("SELEC", psycopg.errors.SyntaxError),
        ("CREATE TABLE public.t ()", psycopg.errors.InsufficientPrivilege),
    ],
)
def test_errors_of_statements_pass(shared: Running, statement: str, error: type[psycopg.Error]) -> None:
    with Pools(shared.home, {"writer"}, {"writer": 1}) as pools:
        with pytest.raises(error), pools.pool("writer").connection() as connection:
            connection.execute(statement.encode())
        with pools.pool("writer").connection() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_readers_cannot_write_and_a_transaction_ends_with_its_checkout(shared: Running) -> None:
    with Pools(shared.home, {"reader_retailer"}, {"reader_retailer": 1}) as pools:
        pool = pools.pool("reader_retailer")
        with pool.connection() as connection, connection.transaction():
            connection.execute("SELECT set_config('wall.ticket', 'mine', true)")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), pool.connection() as connection:
            connection.execute("CREATE TABLE public.t ()")
        with pool.connection() as connection:
            row = connection.execute("SELECT nullif(current_setting('wall.ticket', true), '')").fetchone()
            assert row == (None,)


def test_a_forked_worker_opens_its_own(shared: Running) -> None:
    with Pools(shared.home, {"web"}) as pools, pools.pool("web").connection() as connection:
        mine = connection.info.backend_pid
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with pools.pool("web").connection() as other:
                    code = 0 if other.info.backend_pid != mine else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    ("error", "unavailable"),
    [
        (psycopg.OperationalError("lost"), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.ConnectionFailure(), True),
        (psycopg.errors.QueryCanceled(), False),
        (psycopg.errors.DeadlockDetected(), False),
        (psycopg.errors.SerializationFailure(), False),
        (psycopg.errors.LockNotAvailable(), False),
        (psycopg.errors.InvalidAuthorizationSpecification(), False),
        (psycopg.InterfaceError("cursor closed"), False),
        (ValueError("ours"), False),
    ],
)
def test_which_errors_mean_unavailable(error: Exception, unavailable: bool) -> None:
    with pytest.raises(StoreUnavailable if unavailable else type(error)), as_unavailable():
        raise error


def test_an_embedded_home_opens_in_one_call(embedded: Running) -> None:
    stop(embedded.home)
    with open_store(embedded.home, {"web"}) as pools, pools.pool("web").connection() as connection:
        assert connection.execute("SELECT current_user::text").fetchone() == ("web",)
    assert status(embedded.home).running


def test_a_home_with_a_database_url_is_left_as_it_is(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", database_url="postgresql://127.0.0.1:1/takuso")
    with open_store(home, {"web"}) as pools, pytest.raises(NoSuchLogin):
        pools.pool("web")
    assert not home.path.exists()
