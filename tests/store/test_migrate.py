"""Migrations that are SQL files, run by the deployment login, in a process of their own each."""

import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from takuso.store.django_database import django_database
from takuso.store.home import Home
from takuso.store.init import init
from takuso.store.logins import LOGIN_NAMES
from takuso.store.migrate import migration_settings, sql_migration
from takuso.store.pools import NoSuchLogin, dsn

from .conftest import Running

FIRST = """
CREATE SCHEMA toy;
CREATE TABLE toy.note (id bigint GENERATED ALWAYS AS IDENTITY, text text CHECK (text LIKE '100%'));
CREATE FUNCTION toy.share(n numeric) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN RETURN format('%s%%', n); END $$;
INSERT INTO toy.note (text) VALUES ('100% of 電気 %s %(name)s');
CREATE TABLE unqualified ();
"""
SECOND = "ALTER TABLE toy.note ADD extra int;"
PYTHON = """
from django.db import migrations
from takuso.store.migrate import sql_migration

class Migration(migrations.Migration):
    dependencies = {dependencies}
    operations = sql_migration(__file__, "{name}.sql")
"""

Run = Callable[..., str]


def write(folder: Path, name: str, text: str, after: str | None = None) -> None:
    """A migration of the toy application: module and SQL file."""
    migrations = folder / "toy" / "migrations"
    migrations.mkdir(parents=True, exist_ok=True)
    for package in (folder / "toy", migrations):
        (package / "__init__.py").touch()
    dependencies = [("toy", after)] if after else []
    (migrations / f"{name}.py").write_text(PYTHON.format(dependencies=dependencies, name=name))
    (migrations / f"{name}.sql").write_text(text, encoding="utf-8")


@pytest.fixture
def fresh(shared: Running) -> Running:
    """A database of this test's own on the shared server."""
    database = "toys"
    with shared.admin() as admin:
        admin.execute("DROP DATABASE IF EXISTS toys")
    home = Home(shared.home.path, database_url=make_conninfo(shared.home.database_url, dbname=database))
    init(home, shared.server.admin_url)
    return Running(home=home, server=shared.server)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run one expression with the toy application installed; returns what it printed or its error."""
    write(tmp_path, "0001_first", FIRST)

    def _run(home: Home, expression: str, before: str = "", *, new: bool = False) -> str:
        program = (
            "import sys, pathlib, warnings; warnings.simplefilter('error')\n"
            f"sys.path.insert(0, {str(tmp_path)!r}); sys.dont_write_bytecode = True\n"
            "from takuso.store.home import Home\n"
            "from takuso.store.migrate import migrate, pending\n"
            f"home = Home(pathlib.Path({str(home.path)!r}), database_url={_url(home)!r})\n"
            f"{before}\nprint({expression}, end='', flush=True)"
        )
        return _in_a_new_interpreter(program) if new else _in_a_child(program)

    return _run


def _url(home: Home) -> str | None:
    return None if home.embedded else home.database_url


def _in_a_new_interpreter(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def _in_a_child(program: str) -> str:
    """Forked: as separate as a process, without loading Django again."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(into, 1)
            sys.stdout = os.fdopen(1, "w", encoding="utf-8")
            exec(program, {})  # noqa: S102 - the tests' own text
        except BaseException:  # noqa: BLE001 - the child must not return into pytest
            os.write(into, traceback.format_exc().encode())
        finally:
            os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said


def test_sql_files_run_whole_and_once(fresh: Running, run: Run, tmp_path: Path) -> None:
    home = fresh.home
    assert run(home, "pending(home, ['toy'])") == "['toy.0001_first']"
    with fresh.admin("toys") as admin:
        assert admin.execute("SELECT to_regclass('web.django_migrations')").fetchone() == (None,)
    assert run(home, "migrate(home, ['toy'])") == "['toy.0001_first']"
    assert run(home, "(pending(home, ['toy']), migrate(home, ['toy']))") == "([], [])"
    write(tmp_path, "0002_second", SECOND, after="0001_first")
    assert run(home, "(pending(home, ['toy']), migrate(home, ['toy']))") == (
        "(['toy.0002_second'], ['toy.0002_second'])"
    )
    with fresh.admin("toys") as admin:
        assert admin.execute("SELECT text, extra FROM toy.note").fetchall() == [("100% of 電気 %s %(name)s", None)]
        assert admin.execute("SELECT toy.share(5)").fetchone() == ("5%",)
        assert admin.execute("SELECT app, name FROM web.django_migrations ORDER BY id").fetchall() == [
            ("toy", "0001_first"),
            ("toy", "0002_second"),
        ]
        owners = admin.execute(
            """SELECT DISTINCT relowner::regrole::text FROM pg_class
                WHERE relnamespace::regnamespace::text IN ('toy', 'web')"""
        ).fetchall()
        assert owners == [("migrator",)]
    with psycopg.connect(dsn(home, "web"), autocommit=True) as web:
        assert web.execute("SELECT count(*) FROM web.django_migrations").fetchone() == (2,)
        assert web.execute("SELECT count(*) FROM web.unqualified").fetchone() == (0,)
        for forbidden in ("DELETE FROM web.django_migrations", "SELECT * FROM toy.note", "SELECT toy.share(5)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(forbidden.encode())


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("CREATE TABLE toy.half (); SELECT 1/0;", "division by zero"),
        ("CREATE TABLE toy.half (); COMMIT;", "TransactionLeft"),
        ("CREATE TABLE toy.half (); ROLLBACK;", "TransactionLeft"),
    ],
)
def test_a_failing_file_is_not_recorded(fresh: Running, run: Run, tmp_path: Path, text: str, error: str) -> None:
    run(fresh.home, "migrate(home, ['toy'])")
    write(tmp_path, "0002_bad", text, after="0001_first")
    assert error in run(fresh.home, "migrate(home, ['toy'])")
    assert run(fresh.home, "pending(home, ['toy'])") == "['toy.0002_bad']"
    with fresh.admin("toys") as admin:
        committed = "COMMIT" in text
        assert admin.execute("SELECT to_regclass('toy.half') IS NOT NULL").fetchone() == (committed,)


def test_two_runs_at_once_follow_each_other(fresh: Running, run: Run, tmp_path: Path) -> None:
    write(tmp_path, "0001_first", FIRST + "SELECT pg_sleep(0.3);")
    script = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "pending(home, ['toy'])\n"
        "with ThreadPoolExecutor() as threads:\n"
        "    found = list(threads.map(lambda _: migrate(home, ['toy']), range(3)))"
    )
    assert run(fresh.home, "sorted(found)", script) == "[[], [], ['toy.0001_first']]"


def test_no_other_login_can_keep_a_deployment_waiting(fresh: Running, run: Run) -> None:
    run(fresh.home, "migrate(home, ['toy'])")
    names = [name for name in LOGIN_NAMES if name != "migrator"]
    for name in names:
        with psycopg.connect(dsn(fresh.home, name), autocommit=True) as login:
            login.execute("SET default_transaction_read_only = off")
            for mode in ("ACCESS SHARE", "ROW EXCLUSIVE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), login.transaction():
                    login.execute(f"LOCK TABLE web.applied_script IN {mode} MODE".encode())
            login.execute("SELECT pg_advisory_lock(n) FROM generate_series(0, 5) n")
            login.execute("SELECT pg_advisory_lock(1835624306)")
            assert run(fresh.home, "migrate(home, ['toy'], patience=2)") == "[]"


def test_a_deployment_does_not_wait_for_ever(fresh: Running, run: Run) -> None:
    run(fresh.home, "migrate(home, ['toy'])")
    with psycopg.connect(dsn(fresh.home, "migrator")) as other:
        other.execute("LOCK TABLE web.applied_script IN SHARE ROW EXCLUSIVE MODE")
        said = run(fresh.home, "migrate(home, ['toy'], patience=0.2)")
    assert "AnotherDeployment" in said
    assert "対処" in said
    assert run(fresh.home, "migrate(home, ['toy'], patience=0.2)") == "[]"


def test_several_homes_and_django_s_own_apps_in_one_process(fresh: Running, run: Run, tmp_path: Path) -> None:
    more = "django.contrib.sessions"
    expected = "(['sessions.0001_initial'], ['toy.0001_first'], [])"
    expression = f"(migrate(home, [{more!r}]), migrate(home, ['toy']), pending(home, ['toy', {more!r}]))"
    assert run(fresh.home, expression) == expected
    with psycopg.connect(dsn(fresh.home, "web")) as web:
        web.execute("INSERT INTO web.django_session VALUES ('k', 'd', now())")


def test_a_configured_django_is_used_as_it_is(fresh: Running, run: Run) -> None:
    before = (
        "from django.conf import settings\n"
        "from takuso.store.migrate import AppNotInstalled, migration_settings\n"
        "settings.configure(INSTALLED_APPS=['toy'], USE_TZ=True,"
        " DATABASES={'default': {}} | migration_settings(home))\n"
        "try:\n    migrate(home, ['django.contrib.sessions'])\n"
        "except AppNotInstalled as error:\n    refused = 'INSTALLED_APPS' in str(error)\n"
        "applied = migrate(home, ['toy'])\n"
        "from django.db import connections\n"
        "tables = connections['migrator'].introspection.table_names()"
    )
    assert run(fresh.home, "(refused, applied, sorted(tables))", before, new=True) == (
        "(True, ['toy.0001_first'], ['applied_script', 'django_migrations', 'unqualified'])"
    )


def test_no_server_and_no_login_are_told(run: Run, tmp_path: Path) -> None:
    home = Home(tmp_path / "home", database_url="postgresql://127.0.0.1:1/takuso")
    assert "NoSuchLogin" in run(home, "migrate(home, ['toy'])")
    home.write_secret("migrator", "x")
    assert "StoreUnavailable" in run(home, "migrate(home, ['toy'])")
    assert "StoreUnavailable" in run(home, "pending(home, ['toy'])")


def test_a_missing_sql_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sql_migration(str(tmp_path / "0001.py"), "0001.sql")


def test_an_sql_migration_cannot_be_undone(tmp_path: Path) -> None:
    (tmp_path / "0001.sql").write_text("SELECT 1")
    [operation] = sql_migration(str(tmp_path / "0001.py"), "0001.sql")
    assert not operation.reversible


def test_django_s_form_of_a_login(shared: Running) -> None:
    web = django_database(shared.home, "web")
    assert (web["NAME"], web["USER"]) == ("takuso", "web")
    assert "search_path=web" in web["OPTIONS"]["options"]
    assert migration_settings(shared.home)["migrator"]["USER"] == "migrator"
    with pytest.raises(NoSuchLogin):
        django_database(shared.home, "owner")
