"""Making and repairing the logins and the database of a home; idempotent, run as a superuser."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from takuso.store.checks import (
    FUNCTION_OWNERS,
    LARGE_OBJECT_WRITERS,
    database_rights,
    expected_memberships,
    memberships,
    server_findings,
    settings_of,
)
from takuso.store.errors import StoreError
from takuso.store.findings import Finding
from takuso.store.home import Home, new_secret
from takuso.store.logins import DEPLOYER, GROUP_NAMES, LOGIN_NAMES, LOGINS, Login
from takuso.store.pools import dsn
from takuso.store.scripts import PATIENCE, AnotherDeployment, lock

__all__ = [
    "AnotherDeployment",
    "DatabaseNotOurs",
    "Finding",
    "NotAdministrator",
    "RolesNotOurs",
    "drop_spares",
    "init",
    "server_findings",
    "spare_database",
]

Admin = Connection[tuple[Any, ...]]

_MARK: Final = "takuso: "


class NotAdministrator(StoreError):
    """The admin URL does not lead to a superuser."""


class RolesNotOurs(StoreError):
    """Roles of our names exist that this home did not make."""


class DatabaseNotOurs(StoreError):
    """The database exists and is someone else's, or does not answer to this home's logins."""


def init(home: Home, admin_url: str, *, reset_passwords: bool = False, patience: float = PATIENCE) -> None:
    """Make or repair the logins, the database of ``home.database_url`` and its rights.

    Passwords are sent as SCRAM verifiers only.  Roles that exist while this home holds no matching password
    are refused unless ``reset_passwords``, which gives every login a new one.
    Of two runs on one server the second waits, at most ``patience`` seconds.
    Raises NotAdministrator, RolesNotOurs, DatabaseNotOurs, CorruptHome, AnotherDeployment.
    """
    home.create()
    database = str(conninfo_to_dict(home.database_url)["dbname"])
    with _alone(admin_url, patience), _administrator(admin_url) as admin:
        if not reset_passwords:
            _refuse_foreign_roles(admin, home)
        with admin.transaction():
            for role in LOGINS:
                _make_role(admin, home, role, reset_passwords)
            _make_memberships(admin)
        _make_database(admin, database)
        with _administrator(admin_url, database) as inside, inside.transaction():
            _close_database(inside, database)
            _open_web_schema(inside)
            _reset_local_settings(inside, database)
    _prove(home)


def drop_spares(admin_url: str, unwanted: Callable[[str], bool]) -> list[str]:
    """Drop the databases of this server that are unwanted by their name; returns which. Raises NotAdministrator."""
    with _administrator(admin_url) as admin:
        names = [
            name for (name,) in admin.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
        ]
        dropped = [name for name in names if unwanted(name)]
        for name in dropped:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    return dropped


@contextmanager
def spare_database(admin_url: str, name: str) -> Iterator[str]:
    """An empty database beside the home's own, closed to the public likewise; yields its administrator's address.

    It is dropped at the end, whoever is connected. Raises NotAdministrator.
    """
    with _administrator(admin_url) as admin:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        admin.execute(drop)
        try:
            _make_database(admin, name)
            with _administrator(admin_url, name) as inside, inside.transaction():
                _close_database(inside, name)
            yield make_conninfo(admin_url, dbname=name)
        finally:
            admin.execute(drop)


@contextmanager
def _administrator(admin_url: str, database: str | None = None) -> Iterator[Admin]:
    try:
        url = make_conninfo(admin_url, dbname=database) if database else admin_url
        admin = psycopg.connect(url, autocommit=True)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise NotAdministrator(
            f"管理者として接続できません: {error}\n対処: --admin-url の接続先とパスワードを確かめてください。"
        ) from None
    with admin:
        row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        if row is None or not row[0]:
            raise NotAdministrator(
                "この接続先の利用者はスーパーユーザーではありません。\n"
                "対処: スーパーユーザー（例: postgres）の接続先を --admin-url に指定してください。"
            )
        # The server's own log must not receive the verifiers.
        admin.execute("SET log_statement = 'none'; SET log_min_duration_statement = -1")
        admin.execute("SET log_min_error_statement = 'panic'; SET search_path = pg_catalog")
        yield admin


@contextmanager
def _alone(admin_url: str, patience: float) -> Iterator[None]:
    """On a connection of its own, since databases are not made in transactions.

    The lock is one that superusers alone can take, and that stands in the way of no other work on roles.
    """
    with _administrator(admin_url) as admin, admin.transaction():
        admin.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        lock(admin, "pg_catalog.pg_authid", "SHARE UPDATE EXCLUSIVE", patience)
        yield


def _refuse_foreign_roles(admin: Admin, home: Home) -> None:
    found = admin.execute(
        """SELECT a.rolname, a.rolpassword, shobj_description(a.oid, 'pg_authid')
             FROM pg_authid a WHERE a.rolname = ANY(%s)""",
        [[*LOGIN_NAMES, *GROUP_NAMES]],
    ).fetchall()
    foreign = [
        name
        for name, verifier, comment in found
        if (
            not (home.has_secret(name) and _matches(home.secret(name), verifier))
            if name in LOGIN_NAMES
            else not (comment or "").startswith(_MARK)
        )
    ]
    if foreign:
        raise RolesNotOurs(
            f"同じ名前のロールがすでにあり、そのパスワードがこのホームにありません: "
            f"{', '.join(sorted(foreign))}\n"
            "対処: 元のホームの secrets をこのホームに写すか、ほかで使われていないことを確かめてから "
            "--reset-passwords を付けてください（元のホームからは接続できなくなります）。"
        )


def _matches(password: str, verifier: str | None) -> bool:
    """Whether a SCRAM-SHA-256 verifier (RFC 5803, as PostgreSQL keeps it) was made from this password."""
    scheme, _, rest = (verifier or "").partition("$")
    if scheme != "SCRAM-SHA-256":
        return False
    head, _, keys = rest.partition("$")
    rounds, _, salt = head.partition(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored = base64.b64encode(hashlib.sha256(client_key).digest()).decode()
    return hmac.compare_digest(stored, keys.partition(":")[0])


def _make_role(admin: Admin, home: Home, role: Login, reset: bool) -> None:
    name = sql.Identifier(role.name)
    exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role.name]).fetchone()
    if not exists:
        admin.execute(sql.SQL("CREATE ROLE {}").format(name))
    attributes = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOREPLICATION CONNECTION LIMIT -1"
    attributes += " LOGIN" if role.can_login else " NOLOGIN PASSWORD NULL"
    attributes += " INHERIT" if role.member_of else " NOINHERIT"
    admin.execute(sql.SQL("ALTER ROLE {} {} VALID UNTIL 'infinity'").format(name, sql.SQL(attributes)))
    if role.can_login and (reset or not exists):
        _set_password(admin, home, role.name, reset)
    admin.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
    for setting, value in role.settings.items():
        admin.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value)))
    admin.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(name, sql.Literal(_MARK + role.description_ja)))


def _set_password(admin: Admin, home: Home, name: str, reset: bool) -> None:
    # Written before the commit: a password without its role is repaired by the next run,
    # a role without its password is refused.
    if reset or not home.has_secret(name):
        home.write_secret(name, new_secret())
    verifier = admin.pgconn.encrypt_password(home.secret(name).encode(), name.encode(), b"scram-sha-256")
    admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(verifier.decode())))


def _make_memberships(admin: Admin) -> None:
    newer = admin.info.server_version >= 160_000
    wanted = expected_memberships()
    for link, grantor, exact in memberships(admin):
        if link in wanted and exact:
            wanted.discard(link)
            continue
        role, member = map(sql.Identifier, link)
        by = sql.SQL(" GRANTED BY {}").format(sql.Identifier(grantor)) if newer else sql.SQL("")
        admin.execute(sql.SQL("REVOKE {} FROM {}{} CASCADE").format(role, member, by))
    options = sql.SQL(" WITH ADMIN FALSE, INHERIT TRUE, SET TRUE" if newer else "")
    for link in sorted(wanted):
        admin.execute(sql.SQL("GRANT {} TO {}{}").format(*map(sql.Identifier, link), options))


def _make_database(admin: Admin, database: str) -> None:
    row = admin.execute(
        """SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database
            WHERE datname = %s""",
        [database],
    ).fetchone()
    if row is None:
        modern = " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER owner TEMPLATE template0 ENCODING 'UTF8' {} LOCALE 'C.UTF-8'").format(
                sql.Identifier(database), sql.SQL(modern if admin.info.server_version >= 170_000 else "")
            )
        )
        return
    owner, encoding = row
    if encoding != "UTF8":
        raise DatabaseNotOurs(
            f"データベース {database} の文字コードが {encoding} です。\n"
            "対処: 文字コード UTF8 で作り直すか、別の名前を DATABASE_URL に指定してください。"
        )
    if owner != "owner":
        _take_over(admin, database)


def _take_over(admin: Admin, database: str) -> None:
    with _administrator(_same_server(admin), database) as inside:
        row = inside.execute(
            """SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                               WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
                                 AND n.nspname NOT LIKE 'pg\\_toast%')"""
        ).fetchone()
    if row and row[0]:
        raise DatabaseNotOurs(
            f"データベース {database} は別の用途で使われています（表があります）。\n"
            "対処: 空のデータベースか、まだない名前を DATABASE_URL に指定してください。"
        )
    admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO owner").format(sql.Identifier(database)))


def _close_database(inside: Admin, database: str) -> None:
    """Leave nothing to PUBLIC: no connecting, no temporary tables, no DO blocks, no large objects."""
    name = sql.Identifier(database)
    granted = inside.execute(
        """SELECT DISTINCT pg_get_userbyid(a.grantee) FROM pg_database d, aclexplode(d.datacl) a
            WHERE d.datname = %s AND a.grantee NOT IN (0, d.datdba)""",
        [database],
    ).fetchall()
    for (grantee,) in granted:
        inside.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(name, sql.Identifier(grantee)))
    inside.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    for grantee, privilege in sorted(database_rights()):
        inside.execute(
            sql.SQL("GRANT {} ON DATABASE {} TO {}").format(sql.SQL(privilege), name, sql.Identifier(grantee))
        )
    makers = sql.SQL(", ").join(map(sql.Identifier, FUNCTION_OWNERS))
    inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    inside.execute("REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC")
    inside.execute(sql.SQL("GRANT USAGE ON LANGUAGE plpgsql TO {}").format(makers))
    for function in LARGE_OBJECT_WRITERS:
        inside.execute(sql.SQL("REVOKE EXECUTE ON FUNCTION pg_catalog.{} FROM PUBLIC").format(sql.SQL(function)))
    inside.execute(
        sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC").format(makers)
    )


def _open_web_schema(inside: Admin) -> None:
    inside.execute("CREATE SCHEMA IF NOT EXISTS web AUTHORIZATION migrator")
    inside.execute("ALTER SCHEMA web OWNER TO migrator")
    inside.execute("REVOKE ALL ON SCHEMA web FROM PUBLIC")
    inside.execute("GRANT USAGE ON SCHEMA web TO web")
    for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE")):
        inside.execute(
            sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE migrator IN SCHEMA web GRANT {} ON {} TO web").format(
                sql.SQL(rights), sql.SQL(kind)
            )
        )


def _reset_local_settings(inside: Admin, database: str) -> None:
    for name, here in settings_of(inside):
        if here:
            inside.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} RESET ALL").format(sql.Identifier(name), sql.Identifier(database))
            )


def _same_server(admin: Admin) -> str:
    return make_conninfo(admin.info.dsn, password=admin.info.password)


def _prove(home: Home) -> None:
    """Connect as the deployment login, so that a DATABASE_URL of another server is noticed here."""
    try:
        psycopg.connect(dsn(home, DEPLOYER)).close()
    except psycopg.OperationalError as error:
        raise DatabaseNotOurs(
            f"ログインは用意しましたが、{DEPLOYER} で接続できません: {error}\n"
            "対処: DATABASE_URL と --admin-url が同じサーバーを指しているか、"
            "pg_hba.conf が scram-sha-256 で接続を許しているかを確かめてください。"
        ) from None
