"""The catalogue's fingerprint: the same wall, the same number; any change, another; undone, the same again."""

from collections.abc import Iterator

import psycopg
import pytest

from takuso.barrier.fingerprint import catalogue_hash, catalogue_lines
from takuso.store.home import Home
from tests.barrier.behind import Db, connect

CHANGES = {
    "policy": "ALTER POLICY ticket ON points.party USING (true)",
    "grant": "GRANT SELECT ON search.entry TO web",
    "column grant": "GRANT SELECT (holder_id) ON points.place TO reader_retailer",
    "function": "CREATE OR REPLACE FUNCTION wall.today() RETURNS date LANGUAGE sql AS $$ SELECT current_date $$",
    "function right": "GRANT EXECUTE ON FUNCTION wall.sweep() TO PUBLIC",
    "row security": "ALTER TABLE points.supply NO FORCE ROW LEVEL SECURITY",
    "trigger": "ALTER TABLE log.ticket DISABLE TRIGGER durable",
    "role": "ALTER ROLE reader_retailer BYPASSRLS",
    "role setting": "ALTER ROLE ticketer SET synchronous_commit = 'local'",
    "membership": "GRANT effector TO web",
    "view": "CREATE VIEW web.shortcut AS SELECT 1 AS one",
    "table": "CREATE TABLE web.pile (name text)",
    "column": "ALTER TABLE points.party ADD COLUMN memo text",
    "constraint": "ALTER TABLE points.party ADD CHECK (name <> '')",
    "default right": "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO reader_retailer",
    "schema right": "GRANT USAGE ON SCHEMA search TO web",
    "owner": "ALTER FUNCTION wall.sweep() OWNER TO effector",
    "rule": "CREATE RULE quiet AS ON INSERT TO log.alarm DO INSTEAD NOTHING",
}


@pytest.fixture
def superuser(admin: str) -> Iterator[Db]:
    with psycopg.connect(admin) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_changes_it(superuser: Db, name: str) -> None:
    before = catalogue_hash(superuser)
    with superuser.transaction(force_rollback=True):
        superuser.execute(CHANGES[name].encode())
        assert catalogue_hash(superuser) != before
    assert catalogue_hash(superuser) == before


def test_a_new_day_of_the_log_does_not(superuser: Db) -> None:
    before = catalogue_hash(superuser)
    with superuser.transaction(force_rollback=True):
        superuser.execute("SELECT log.extend(60)")
        assert catalogue_hash(superuser) == before


def test_a_day_of_the_log_that_is_opened_does(superuser: Db) -> None:
    before = catalogue_lines(superuser)
    row = superuser.execute(
        "SELECT min(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'log.ticket'::regclass"
    )
    (day,) = row.fetchone() or ("",)
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"GRANT SELECT ON {day} TO surveyor".encode())
        assert set(catalogue_lines(superuser)) - set(before) == {"right log.ticket t surveyor SELECT"}


def test_whoever_asks_gets_the_same(home: Home, superuser: Db) -> None:
    for login in ("web", "ticketer", "reader_retailer"):
        with connect(home, login) as asking:
            assert catalogue_hash(asking) == catalogue_hash(superuser)
