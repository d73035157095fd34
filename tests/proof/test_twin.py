"""A twin carries the wall as it stands and nothing of anybody; what a killed run left behind is dropped."""

import time

import psycopg
import pytest

from takuso.barrier.fingerprint import catalogue_hash
from takuso.proof.twin import NotTheSame, twin
from takuso.store.home import Home
from tests.area import Area


def test_the_wall_comes_along_and_nobody_with_it(home: Home, server: str, admin: str, area: Area) -> None:
    area.add("own")
    with psycopg.connect(admin, autocommit=True) as real:
        real.execute("CREATE VIEW web.shortcut AS SELECT 1 AS one")
        try:
            with twin(home, server) as made, psycopg.connect(made.admin_url) as copy:
                assert catalogue_hash(copy) == catalogue_hash(real)
                assert copy.execute("SELECT one FROM web.shortcut").fetchone() == (1,)
                for table in (
                    "wall.person",
                    "wall.point",
                    "points.party",
                    "log.ticket",
                    "wall.session",
                    "search.entry",
                ):
                    assert copy.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,), table
                assert copy.execute("SELECT count(*) > 90 FROM wall.rule").fetchone() == (True,)
                assert made.home.kind == "demo"
        finally:
            real.execute("DROP VIEW web.shortcut")
        left = real.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'takuso_proof_%'").fetchone()
        assert left == (0,)


def test_other_days_of_the_log_stay_behind_unless_somebody_was_at_them(home: Home, server: str, admin: str) -> None:
    changes = {
        "ticket": "ALTER TABLE log.{} DISABLE ROW LEVEL SECURITY",
        "subject": "ALTER TABLE log.{} NO FORCE ROW LEVEL SECURITY",
        "outcome": "GRANT SELECT ON log.{} TO web",
        "payload": "CREATE POLICY extra ON log.{} USING (true)",
        "purpose": "GRANT SELECT (receipt) ON log.{} TO web",
        "leaf": "ALTER TABLE log.{} OWNER TO opener",
    }
    days = "SELECT count(DISTINCT right(relname, 8)) FROM pg_class WHERE relname ~ '^ticket_[0-9]{8}$'"
    with psycopg.connect(admin) as real:
        row = real.execute("SELECT to_char(log.last_day(), 'YYYYMMDD')").fetchone()
        assert row
        changed = {f"{name}_{row[0]}": text for name, text in changes.items()}
        with twin(home, server) as made, psycopg.connect(made.admin_url) as copy:
            assert copy.execute(days).fetchone() == (3,)
            assert copy.execute("SELECT count(*) FROM pg_class WHERE relname = ANY(%s)", [[*changed]]).fetchone() == (
                0,
            )
    with psycopg.connect(admin, autocommit=True) as real:
        try:
            for name, text in changed.items():
                real.execute(text.format(name).encode())
            with twin(home, server) as made, psycopg.connect(made.admin_url) as copy:
                found = copy.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [[*changed]]).fetchall()
        finally:
            for name in changed:
                _as_made(real, name)
    assert {name for (name,) in found} == {*changed}


def _as_made(real: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    for text in (
        "ALTER TABLE log.{} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, OWNER TO owner",
        "DROP POLICY IF EXISTS extra ON log.{}",
        "REVOKE ALL ON log.{} FROM web",
        "UPDATE pg_class SET relacl = NULL WHERE relname = '{}'",
    ):
        real.execute(text.format(name).encode())


def test_a_newer_pg_dump_beside_an_older_server(home: Home, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program brings its own pg_dump; the server behind DATABASE_URL may be of any supported major."""
    monkeypatch.delenv("PG_BINDIR", raising=False)
    with twin(home, server) as made, psycopg.connect(made.admin_url) as copy:
        assert copy.execute("SELECT count(*) > 90 FROM wall.rule").fetchone() == (True,)


def test_a_wall_that_does_not_come_along_whole_proves_nothing(home: Home, server: str, admin: str) -> None:
    """A setting of a login in this database alone is no part of a dump."""
    with psycopg.connect(admin, autocommit=True) as real:
        real.execute("ALTER ROLE reader_retailer IN DATABASE takuso SET row_security = off")
        try:
            with pytest.raises(NotTheSame, match="setting reader_retailer"), twin(home, server):
                pass
        finally:
            real.execute("ALTER ROLE reader_retailer IN DATABASE takuso RESET ALL")


def test_what_a_killed_run_left_is_dropped(home: Home, server: str, admin: str) -> None:
    old, young = f"takuso_proof_{int(time.time()) - 90_000}_dead", f"takuso_proof_{int(time.time())}_live"
    with psycopg.connect(admin, autocommit=True) as real:
        for name in (old, young):
            real.execute(f"CREATE DATABASE {name}".encode())
        try:
            with twin(home, server):
                rows = real.execute(
                    "SELECT datname FROM pg_database WHERE datname = ANY(%s)", [[old, young]]
                ).fetchall()
            assert rows == [(young,)]
        finally:
            real.execute(f"DROP DATABASE {young}".encode())
