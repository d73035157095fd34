"""Living SQL: applied whole when one file changed, not at all when none did, nothing kept of a failure."""

from pathlib import Path

import psycopg
import pytest

from takuso.store.pools import dsn
from takuso.store.scripts import apply_scripts

from .conftest import Running


def test_scripts_follow_their_files(shared: Running, tmp_path: Path) -> None:
    with shared.admin() as admin:
        admin.execute("DROP SCHEMA IF EXISTS living CASCADE; DROP TABLE IF EXISTS web.applied_script")
    first, second = tmp_path / "a.sql", tmp_path / "b.sql"
    first.write_text("CREATE SCHEMA IF NOT EXISTS living; CREATE TABLE IF NOT EXISTS living.t (n text);")
    second.write_text("INSERT INTO living.t VALUES ('100%');")

    def rows() -> int:
        with shared.admin() as admin:
            return len(admin.execute("SELECT n FROM living.t").fetchall())

    assert apply_scripts(shared.home, [first, second]) == ["a.sql", "b.sql"]
    assert apply_scripts(shared.home, [first, second]) == []
    assert rows() == 1
    second.write_text("INSERT INTO living.t VALUES ('100%'); SELECT 1/0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        apply_scripts(shared.home, [first, second])
    assert rows() == 1
    second.write_text("INSERT INTO living.t VALUES ('200%');")
    assert apply_scripts(shared.home, [first, second]) == ["b.sql"]
    assert rows() == 2
    with psycopg.connect(dsn(shared.home, "web"), autocommit=True) as web:
        for forbidden in ("DELETE FROM web.applied_script", "UPDATE web.applied_script SET digest = ''"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(forbidden.encode())
