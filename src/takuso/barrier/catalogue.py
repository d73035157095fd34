"""The wall as the database's own catalogue has it, compared with what it must be.

Row security, policies, rights, functions, triggers: each is stated here a second time, from the classes of the
register and from the texts of the program, so that a wall that was opened by hand is noticed at start.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from psycopg import Connection

from takuso.barrier.policies import LETTERS, READERS, plain, wanted
from takuso.store.findings import Finding
from takuso.store.logins import DEPLOYER, GROUP_NAMES, LOGIN_NAMES

Classes = Mapping[str, Mapping[str, str]]
"""Class of each column, by table (`schema.table`)."""

_SCHEMAS: Final = ["log", "points", "reception", "search", "wall"]
_OWNERS: Final = frozenset({"owner", "opener", "searcher", "effector"})
# The one table without row security: its owner alone reads it, through one function (see walls.sql).
_EXEMPT: Final = "search.entry"
_PLANNED: Final = "points.planned"
_OURS: Final = frozenset({*LOGIN_NAMES, *GROUP_NAMES})
# Columns whose class follows from their name, whatever the register says.
_STAMPS: Final = frozenset({"holder_id", "held_from", "held_to", "held", "due_on"})
_KEYS: Final = frozenset({"id", "point", "superseded_by"})
_OF_THE_WALL: Final = frozenset(
    {
        "point",
        "holding",
        "live_ticket",
        "session",
        "one_time_link",
        "password",
        "totp",
        "recovery_code",
        "external_identity",
        "external_round",
        "passkey",
        "api_client",
    }
)
_SEARCH: Final = {"list": "key", "point": "key", "number": "key", "sort_key": "C", "words": "C", "grams": "C"}
_CURE: Final = (
    "takuso store migrate で壁を配備し直してください。残るものは管理者が手で取り除き、だれが変えたかを調べてください。"
)
_FUNCTION: Final = re.compile(
    r"CREATE (?:OR REPLACE )?FUNCTION ([a-z_]+\.[a-z_0-9]+)\s*\((.*?)\$\$(.*?)\$\$", re.DOTALL
)
_EXECUTE: Final = re.compile(r"GRANT EXECUTE ON FUNCTION (.*?)\sTO\s([^;]+);", re.DOTALL)
_NAME: Final = re.compile(r"([a-z_]+\.[a-z_0-9]+)\(")


def catalogue_findings(connection: Connection[Any], classes: Classes, texts: Sequence[str]) -> list[Finding]:
    """One finding a check; any login may ask. `texts` are the files that define functions."""
    return [
        _finding("classes", "列の分類", _classes(classes)),
        _finding("row_security", "行レベルセキュリティ", _row_security(connection, classes)),
        _finding("policies", "ポリシー", _policies(connection, classes)),
        _finding("table_rights", "表の権限", _table_rights(connection, classes)),
        _finding("schema_rights", "スキーマの権限", _schema_rights(connection)),
        _finding("default_rights", "既定の権限", _default_rights(connection)),
        _finding("elsewhere", "壁の外のスキーマ", _elsewhere(connection)),
        _finding("functions", "壁の関数", _functions(connection, texts)),
        _finding("triggers", "トリガー", _triggers(connection)),
    ]


def _finding(name: str, title: str, wrong: Iterable[str]) -> Finding:
    lines = list(wrong)
    if not lines:
        return Finding(name=name, state="ok", what=f"{title}は設計どおりです。")
    shown = "、".join(lines[:8]) + (f" ほか {len(lines) - 8} 件" if len(lines) > 8 else "")
    return Finding(name=name, state="bad", what=f"{title}が設計と違います: {shown}。", cure=_CURE)


def _rows(connection: Connection[Any], query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        return cursor.execute(query.encode(), parameters).fetchall()


def guarded(classes: Classes) -> frozenset[str]:
    """The tables that row security must stand on: all that hold more than open facts."""
    return frozenset(t for t, columns in classes.items() if set(columns.values()) != {"open"}) - {_EXEMPT}


def _classes(classes: Classes) -> Iterable[str]:
    """The register itself: stamps and keys by their names, one class a table of customers, records in the log."""
    for table, columns in sorted(classes.items()):
        schema, _, name = table.partition(".")
        letters = set(columns.values()) & LETTERS
        # What is planned says when, and of whom only a key.
        if (
            schema in ("points", "reception")
            and set(columns.values()) - {"open"}
            and len(letters) != (table != _PLANNED)
        ):
            yield f"{table} の区分が {len(letters)} つあります"
            continue
        for column, found in sorted(columns.items()):
            wanted = _class_of(schema, name, column, letters)
            if wanted is not None and found != wanted:
                yield f"{table}.{column} が {found} です（{wanted} のはず）"


def _class_of(schema: str, table: str, column: str, letters: set[str]) -> str | None:
    """The class a column must have; None where its name does not say (what the wall knows of itself)."""
    if schema == "log":
        return "record"
    if f"{schema}.{table}" == _PLANNED:
        return "stamp" if column == "day" else "key"
    if schema == "points":
        return "stamp" if column in _STAMPS else "key" if column in _KEYS else next(iter(letters))
    if table in ("entry", "point", "holding") and column in _STAMPS:
        return "stamp"
    if schema == "search":
        return _SEARCH.get(column)
    return "key" if table in _OF_THE_WALL else None


def _row_security(connection: Connection[Any], classes: Classes) -> Iterable[str]:
    found = _rows(
        connection,
        """SELECT n.nspname || '.' || c.relname,
                  coalesce(pn.nspname || '.' || p.relname, n.nspname || '.' || c.relname),
                  c.relkind::text, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner)
             FROM pg_class c
             JOIN pg_namespace n ON n.oid = c.relnamespace
             LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
             LEFT JOIN pg_class p ON p.oid = i.inhparent
             LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
            WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1""",
        [_SCHEMAS],
    )
    must = guarded(classes)
    yield from (f"{table} がありません" for table in sorted(must - {name for name, *_ in found}))
    for name, parent, kind, enabled, forced, owner in found:
        if kind not in ("r", "p"):
            yield f"{name} は表ではありません（ビューは壁を迂回します）"
        if owner != ("searcher" if parent == _EXEMPT else "owner"):
            yield f"{name} の所有者が {owner} です"
        if parent in must and not enabled:
            yield f"{name} で無効です"
        if parent in must and not forced:
            yield f"{name} で所有者に強制されていません"


def _policies(connection: Connection[Any], classes: Classes) -> Iterable[str]:
    found = _rows(
        connection,
        """SELECT schemaname || '.' || tablename, policyname::text, permissive, roles::text[], cmd, qual, with_check
             FROM pg_policies WHERE schemaname = ANY(%s) ORDER BY 1, 2""",
        [_SCHEMAS],
    )
    present: dict[str, set[tuple[str, str, str, str]]] = {}
    worked = set()
    for table, name, permissive, roles, command, using, check in found:
        # The NOLOGIN roles behind the functions see what their column rights allow.
        if set(roles) <= _OWNERS:
            if "effector" in roles and (permissive, command, using) == ("PERMISSIVE", "ALL", "true"):
                worked.add(table)
            continue
        for role in roles:
            present.setdefault(table, set()).add((permissive, role, command, plain(using)))
        if command != "SELECT" or check is not None:
            yield f"{table} の {name} は閲覧だけのものではありません"
    # Without its policy an effect would silently change nothing.
    yield from (
        f"{t} に effector の ALL がありません"
        for t in sorted(guarded(classes) - worked)
        if t.startswith(("points.", "reception."))
    )
    for table in sorted(guarded(classes)):
        must, has = wanted(table, classes[table]), present.get(table, set())
        yield from (f"{table} に {p[1]} の {p[0]} がありません" for p in sorted(must - has))
        yield from (f"{table} に余分な {p[1]} の {p[0]}（{p[3]}）があります" for p in sorted(has - must))


def _table_rights(connection: Connection[Any], classes: Classes) -> Iterable[str]:
    found = _rows(
        connection,
        """SELECT n.nspname || '.' || c.relname, c.relispartition, NULL,
                  coalesce(r.rolname, 'PUBLIC')::text, a.privilege_type
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.grantee <> c.relowner
           UNION ALL
           SELECT n.nspname || '.' || c.relname, c.relispartition, t.attname::text,
                  coalesce(r.rolname, 'PUBLIC')::text, a.privilege_type
             FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE n.nspname = ANY(%(schemas)s) AND NOT t.attisdropped AND a.grantee <> c.relowner
            ORDER BY 1, 4, 3""",
        {"schemas": _SCHEMAS},  # type: ignore[arg-type]
    )
    for table, partition, column, role, privilege in found:
        columns = classes.get(table, {})
        touched = {columns.get(column, "?")} if column else set(columns.values()) or {"?"}
        if partition or not _may(table, column, role, privilege, touched):
            yield f"{role} に {table}{f'({column})' if column else ''} の {privilege}"


def _may(table: str, column: str | None, role: str, privilege: str, touched: set[str]) -> bool:
    """Whether a role may hold a privilege on a column (None: the whole table) of these classes."""
    schema = table.partition(".")[0]
    if role in ("opener", "effector"):
        return _function_may(table, role, privilege)
    if privilege != "SELECT":
        return False
    if role in READERS:
        letters = LETTERS - {"S"} if role == "reader_retailer" else LETTERS
        named = schema == "points" or table in {"wall.org", *_READ_BY[role]}
        return named and touched <= letters | {"key", "open"} and column != "account_no"
    if role == "surveyor":
        return touched <= {"record", "open"} and table != "log.payload"
    if role == "bank":
        return touched <= {"H", "key"} and schema == "points"
    return False


def _function_may(table: str, role: str, privilege: str) -> bool:
    schema = table.partition(".")[0]
    if role == "opener" and schema == "log":
        return privilege in (_WRITES if table in _COUNTED else {"SELECT", "INSERT"})
    if role == "opener":
        return schema == "wall" and (privilege == "SELECT" or table in _LIVE) and privilege in _WRITES
    return schema in ("points", "reception", "wall") and privilege in _WRITES


_READ_BY: Final = {
    "reader_network": ("reception.application", "reception.move", "reception.instruction", "reception.taken"),
    "reader_retailer": ("reception.copy",),
}


_LIVE: Final = frozenset(
    f"wall.{table}"
    for table in (
        "session",
        "one_time_link",
        "live_ticket",
        "stated_purpose",
        "preference",
        "password",
        "totp",
        "recovery_code",
        "external_identity",
        "external_round",
        "passkey",
        "api_client",
    )
)
_WRITES: Final = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
_COUNTED: Final = frozenset({"log.tally", "log.tallied"})
"""Counted of the log and counted again; what is recorded stays as it is."""


def _schema_rights(connection: Connection[Any]) -> Iterable[str]:
    found = _rows(
        connection,
        """SELECT n.nspname::text, coalesce(r.rolname, 'PUBLIC')::text, a.privilege_type
             FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE n.nspname = ANY(%s) AND a.grantee <> n.nspowner ORDER BY 1, 2""",
        [_SCHEMAS],
    )
    for schema, role, privilege in found:
        if role in ("PUBLIC", "web") or (privilege == "CREATE" and role not in _OWNERS):
            yield f"{role} に {schema} の {privilege}"


def _default_rights(connection: Connection[Any]) -> Iterable[str]:
    """What the next table would be given to: nobody, but `web` in its own schema."""
    found = _rows(
        connection,
        """SELECT pg_get_userbyid(d.defaclrole)::text, coalesce(n.nspname, '')::text,
                  coalesce(r.rolname, 'PUBLIC')::text, a.privilege_type
             FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
            CROSS JOIN aclexplode(d.defaclacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE a.grantee <> d.defaclrole ORDER BY 1, 2, 3, 4""",
        [],
    )
    for maker, schema, grantee, privilege in found:
        usual = (maker, schema, grantee) == (DEPLOYER, "web", "web")
        if not usual and (maker in _OURS or grantee in _OURS):
            yield f"{maker} がこれから作るものの {privilege} が {grantee} に付きます"


def _elsewhere(connection: Connection[Any]) -> Iterable[str]:
    """No view and no function of ours outside the wall: it would read with its owner's rights."""
    relations = _rows(
        connection,
        """SELECT n.nspname || '.' || c.relname, c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) = %s
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'web' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1""",
        [DEPLOYER],
    )
    yield from (f"{name} は画面のための表ではありません" for name, usual in relations if not usual)
    functions = _rows(
        connection,
        """SELECT n.nspname || '.' || p.proname
             FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname <> ALL(%s) AND n.nspname NOT LIKE 'pg\\_%%' AND n.nspname <> 'information_schema'
              AND (p.prosecdef OR pg_get_userbyid(p.proowner) = ANY(%s))
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1""",
        [_SCHEMAS, sorted(_OURS)],
    )
    yield from (f"{name} は壁の外の関数です" for (name,) in functions)


def _functions(connection: Connection[Any], texts: Sequence[str]) -> Iterable[str]:
    """Every function of the wall is one of the program's, word for word, and may be called by whom it says."""
    bodies, callers = _written(texts)
    found = _rows(
        connection,
        """SELECT n.nspname || '.' || p.proname, p.prosrc, p.prosecdef, pg_get_userbyid(p.proowner),
                  coalesce(p.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}',
                  ARRAY(SELECT coalesce(r.rolname, 'PUBLIC')::text
                          FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                          LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE a.grantee <> p.proowner)
             FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = ANY(%s) ORDER BY 1""",
        [_SCHEMAS],
    )
    names = [name for name, *_ in found]
    yield from (f"{name} がありません" for name in sorted(bodies.keys() - set(names)))
    yield from (f"{name} が 2 つあります" for name in sorted({n for n in names if names.count(n) > 1}))
    for name, body, definer, owner, pinned, grantees in found:
        if name not in bodies:
            yield f"{name} はプログラムにありません"
            continue
        if (body, definer) != bodies[name] or not pinned or owner not in _OWNERS:
            yield f"{name} の内容か所有者が違います"
        yield from (f"{name} を {role} が実行できます" for role in sorted(set(grantees) - callers.get(name, set())))
        yield from (f"{name} を {role} が実行できません" for role in sorted(callers.get(name, set()) - set(grantees)))


def _written(texts: Sequence[str]) -> tuple[dict[str, tuple[str, bool]], dict[str, set[str]]]:
    """Of the program's files: body and SECURITY DEFINER of each function, and the roles that may call it."""
    bodies: dict[str, tuple[str, bool]] = {}
    callers: dict[str, set[str]] = {}
    for text in texts:
        for name, head, body in _FUNCTION.findall(text):
            bodies[name] = (body, "SECURITY DEFINER" in head)
        for functions, roles in _EXECUTE.findall(text):
            for name in _NAME.findall(functions):
                callers.setdefault(name, set()).update(role.strip() for role in roles.split(","))
    return bodies, callers


def _triggers(connection: Connection[Any]) -> Iterable[str]:
    found = _rows(
        connection,
        """SELECT n.nspname || '.' || c.relname, t.tgname::text, t.tgenabled::text, c.relispartition
             FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY(%s) AND NOT t.tgisinternal
           UNION ALL
           SELECT n.nspname || '.' || c.relname, r.rulename::text, 'rule', c.relispartition
             FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY(%s)""",
        [_SCHEMAS, _SCHEMAS],
    )
    if ("log.ticket", "durable", "O", False) not in found:
        yield "閲覧票を確実に残すトリガー（log.ticket の durable）が働いていません"
    for table, name, enabled, partition in found:
        if name != "durable" or enabled != "O" or not (partition or table == "log.ticket"):
            yield f"{table} の {name}"
