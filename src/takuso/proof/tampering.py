"""Check `tampering`: the log cannot be rewritten, opened twice, closed twice or kept from the disk."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from takuso.barrier.gate import RequestId
from takuso.barrier.signin import Proof, SignIns
from takuso.proof.desk import Site
from takuso.proof.judge import Wrong
from takuso.proof.walk import kinds_of
from takuso.store.logins import DEPLOYER, GROUP_NAMES, LOGIN_NAMES
from takuso.store.pools import dsn

Db = psycopg.Connection[Any]
_TABLES: Final = ("ticket", "subject", "outcome", "payload", "purpose", "alarm")
_OPEN: Final = "SELECT wall.open(%s, %s, %s, 'CI20', NULL, '', %s, NULL, %s)"
_CLOSE: Final = "SELECT wall.close(%s, %s, %s, 0, %s, %s, %s)"


def tampering_faults(site: Site) -> tuple[list[Wrong], int]:
    """(where, what) of everything that could be done to the log, and how much was tried."""
    wrong = [*_rights(site), *_rewritten(site), *_repeated(site), *_durable(site), *_lying(site)]
    return wrong, len(LOGIN_NAMES) * len(_TABLES) * 3 + 8


def _rights(site: Site) -> Iterator[Wrong]:
    """Nobody holds a right to rewrite, neither logins nor the roles behind functions; the owner cannot log in.

    What is counted of the log (ADR 25) is no record, and is counted anew by its own function.
    """
    with psycopg.connect(site.twin.admin_url) as connection:
        rows = connection.execute(
            """SELECT DISTINCT r.name, n.nspname || '.' || c.relname, p.name
                 FROM unnest(%s::text[]) r(name)
                CROSS JOIN unnest('{UPDATE,DELETE,TRUNCATE,TRIGGER}'::text[]) p(name)
                 JOIN pg_class c ON c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'log' AND NOT (r.name = 'opener' AND c.relname IN ('tally', 'tallied'))
                  AND has_table_privilege(r.name, c.oid, p.name) ORDER BY 1, 2, 3""",
            [sorted({*LOGIN_NAMES, *GROUP_NAMES} - {DEPLOYER, "owner"})],
        ).fetchall()
    yield from ((f"{role} × {table}", f"閲覧記録を書き換える権限 {right} があります") for role, table, right in rows)


def _rewritten(site: Site) -> Iterator[Wrong]:
    for login in (name for name in LOGIN_NAMES if name != DEPLOYER):
        with psycopg.connect(dsn(site.twin.home, login), autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            for table in _TABLES:
                for text in ("UPDATE log.{0} SET receipt = receipt", "DELETE FROM log.{0}", "TRUNCATE log.{0}"):
                    if _goes(connection, text.format(table)):
                        yield f"{login} × log.{table}", f"閲覧記録を書き換えられます（{text.split()[0]}）"


def _goes(connection: Db, text: str) -> bool:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(text.encode())
    except psycopg.Error:
        return False
    return True


def _repeated(site: Site) -> Iterator[Wrong]:
    """The same request again is the same ticket; with other arguments or of another sign-in it is refused."""
    signins = SignIns(site.pools)
    proof, other = signins.by_demo("proof-clerk"), signins.by_demo("proof-rival-clerk")
    request = RequestId.new()
    own, foreign = kinds_of()["own"], kinds_of()["foreign"]
    first = _ask(site, _OPEN, [proof.secret, request.day, request.uuid, [own], False])
    again = _ask(site, _OPEN, [proof.secret, request.day, request.uuid, [own], True])
    if not isinstance(first, dict) or not isinstance(again, dict) or first["receipt"] != again["receipt"]:
        yield "wall.open", "同じ要求の繰り返しが同じ閲覧票になりません"
    for secret, code, what in ((proof.secret, foreign, "別の内容"), (other.secret, own, "別のサインイン")):
        answer = _ask(site, _OPEN, [secret, request.day, request.uuid, [code], True])
        if isinstance(answer, dict):
            yield "wall.open", f"同じ要求番号を{what}で使えます"
    if isinstance(first, dict):
        yield from _closed_twice(site, proof, other, request, first["receipt"])


def _closed_twice(site: Site, proof: Proof, other: Proof, request: RequestId, receipt: str) -> Iterator[Wrong]:
    one, two = hashlib.sha256(b"one").digest(), hashlib.sha256(b"two").digest()
    if _ask(site, _CLOSE, [other.secret, request.day, receipt, [], [], one]) != "gone":
        yield "wall.close", "他人の閲覧票を閉じられます"
    if _ask(site, _CLOSE, [proof.secret, request.day, receipt, [], [], one]) != "closed":
        yield "wall.close", "閲覧票を閉じられません"
    if _ask(site, _CLOSE, [proof.secret, request.day, receipt, [], [], one]) != "closed":
        yield "wall.close", "同じ結果の繰り返しを受け付けません"
    if _ask(site, _CLOSE, [proof.secret, request.day, receipt, [], [], two]) != "conflict":
        yield "wall.close", "別の結果で上書きできます"
    if not _behind(site, "SELECT count(*) FROM log.alarm WHERE receipt = %s", receipt):
        yield "log.alarm", "別の結果が送られても警報が上がりません"


def _lying(site: Site) -> Iterator[Wrong]:
    """An outcome that names what the ticket does not is refused and alarmed."""
    proof, request = SignIns(site.pools).by_demo("proof-clerk"), RequestId.new()
    opened = _ask(site, _OPEN, [proof.secret, request.day, request.uuid, [kinds_of()["own"]], False])
    digest = hashlib.sha256(b"").digest()
    foreign = list(site.canaries.customers["foreign"].points)
    if _ask(site, _CLOSE, [proof.secret, request.day, opened["receipt"], ["A"], foreign, digest]) != "conflict":
        yield "wall.close", "閲覧票にない供給地点の結果を受け付けます"


def _durable(site: Site) -> Iterator[Wrong]:
    """A ticket's commit waits for the disk, whatever the login's own setting is."""
    proof, request = SignIns(site.pools).by_demo("proof-clerk"), RequestId.new()
    with psycopg.connect(dsn(site.twin.home, "ticketer")) as connection:
        connection.execute(_OPEN.encode(), [proof.secret, request.day, request.uuid, [kinds_of()["own"]], False])
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        row = connection.execute("SHOW synchronous_commit").fetchone()
        connection.rollback()
    if row is None or row[0] != "on":
        yield "log.ticket", "閲覧票のコミットがディスクを待ちません（synchronous_commit）"


def _ask(site: Site, statement: str, parameters: list[Any]) -> Any:
    """The answer, or None where the database refuses."""
    try:
        with site.pools.pool("ticketer").connection() as connection:
            row = connection.execute(statement.encode(), parameters).fetchone()
    except psycopg.Error:
        return None
    return row[0] if row else None


def _behind(site: Site, statement: str, receipt: str) -> int:
    with psycopg.connect(site.twin.admin_url) as connection:
        row = connection.execute(statement.encode(), [receipt]).fetchone()
    return int(row[0]) if row else 0
