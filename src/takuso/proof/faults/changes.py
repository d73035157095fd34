"""Planting and undoing a fault in the home's database, as a superuser and in one transaction each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from takuso.proof.faults.fault import DatabaseFault
from takuso.store.errors import StoreError
from takuso.store.home import Home

_PATIENCE: Final = "15s"


class NotReached(StoreError):
    """The administrator's address does not lead to a superuser of this demo's database."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"デモのデータベースに管理者（スーパーユーザー）として接続できません（{why}）。\n"
            "対処: --admin-url の接続先を確かめてください。"
        )


class FaultMisfit(StoreError):
    """The database is not the one the fault was written for."""

    def __init__(self, fault: DatabaseFault, where: str) -> None:
        super().__init__(
            f"欠陥 {fault.name} を植えられません: {where} が思った形ではありません。\n"
            "対処: takuso doctor で異常がないことを確かめてから、もう一度実行してください。"
        )


def plant(home: Home, admin_url: str, fault: DatabaseFault, remember: Callable[[str | None], None]) -> None:
    """Change the database. `remember` is called with what was chosen before anything is changed."""
    with _inside(home, admin_url) as connection:
        chosen = _chosen(connection, fault)
        remember(chosen)
        _tell(connection, chosen)
        for edit in fault.bodies:
            if not _edit(connection, edit.function, edit.old, edit.new):
                raise FaultMisfit(fault, edit.function)
        for statement in fault.plant:
            connection.execute(statement.encode())


def undo(home: Home, admin_url: str, fault: DatabaseFault, chosen: str | None) -> None:
    """Take the fault back as far as a deployment does not; it may or may not be there."""
    with _inside(home, admin_url) as connection:
        _tell(connection, chosen)
        for edit in fault.bodies:
            _edit(connection, edit.function, edit.new, edit.old)
        for statement in fault.undo:
            connection.execute(statement.encode())


@contextmanager
def _inside(home: Home, admin_url: str) -> Iterator[Connection[Any]]:
    """A transaction of the superuser in the home's database, if that is a demo's. Raises NotReached."""
    try:
        database = str(conninfo_to_dict(home.database_url)["dbname"])
        connection = psycopg.connect(make_conninfo(admin_url, dbname=database))
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise NotReached(str(error).splitlines()[0]) from None
    with connection:
        connection.execute("SET LOCAL search_path = pg_catalog")
        connection.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
        row = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        if row is None or not row[0]:
            raise NotReached("スーパーユーザーではありません")
        found = connection.execute("SELECT to_regclass('wall.home') IS NOT NULL").fetchone()
        kind = connection.execute("SELECT kind FROM wall.home").fetchone() if found and found[0] else None
        if kind is None or kind[0] != "demo":
            raise NotReached("デモのデータベースではありません")
        yield connection


def _chosen(connection: Connection[Any], fault: DatabaseFault) -> str | None:
    if fault.choose is None:
        return None
    row = connection.execute(fault.choose.encode()).fetchone()
    if row is None or row[0] is None:
        raise FaultMisfit(fault, "区域")
    return str(row[0])


def _tell(connection: Connection[Any], chosen: str | None) -> None:
    connection.execute("SELECT set_config('drill.chosen', %s, true)", [chosen or ""])


def _edit(connection: Connection[Any], function: str, old: str, new: str) -> bool:
    """Put `new` in the place of `old`; False, and nothing done, if that does not stand there exactly once."""
    row = connection.execute("SELECT pg_get_functiondef(to_regprocedure(%s))", [function]).fetchone()
    text = str(row[0]) if row else ""
    if text.count(old) != 1:
        return False
    connection.execute(text.replace(old, new).encode())
    return True
