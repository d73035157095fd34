"""Checks `catalogue` and `stamps`: the database as it stands, against the program and against what may exist at all.

The start-up checks (barrier.standing) compare the wall's own schemas word for word. These lints look at everything
else a database can hold: other schemas, default rights, publications, and the definer functions one by one against
the reviewed list.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg

from takuso.barrier.standing import ASKING, LOOKING, PROGRAM, Standing, stamp_findings
from takuso.proof.program import Program
from takuso.proof.reviewed import DEFINERS
from takuso.store.home import Home
from takuso.store.pools import Pools

Wrong = tuple[str, str]
_SCHEMAS: Final = ["log", "points", "reception", "search", "wall"]
# A day without a place for its log, a clock that is off: worth a word from doctor, no hole in the wall. And that a
# program is a drill's is not to be read off a folder: it has to be found out.
_NOT_THE_WALL: Final = frozenset({"log_days", "clock", "version", "transport", "data_checksums", PROGRAM})
_LOADED: Final = frozenset({"rules", "deployment"})
_EXTENSIONS: Final = frozenset({"plpgsql"})
_DEFINER: Final = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION ([a-z_]+\.[a-z_0-9]+)\s*(\(.*?)\$\$(.*?)\$\$", re.DOTALL)
_QUERIES: Final[tuple[tuple[str, str], ...]] = (
    (
        """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')""",
        "ビュー・実体化ビュー・外部表は壁を迂回します",
    ),
    (
        """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname <> ALL (%s)
              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
              AND n.nspname || '.' || c.relname NOT IN ('web.django_migrations', 'web.applied_script')""",
        "壁の外にある表です",
    ),
    (
        """SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname <> ALL (%s) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
        "壁の外にある関数です",
    ),
    ("SELECT pubname FROM pg_publication", "表を外へ配る設定（publication）があります"),
    ("SELECT srvname FROM pg_foreign_server", "外部のサーバーへの接続があります"),
    ("SELECT evtname FROM pg_event_trigger", "知らないイベントトリガーがあります"),
    (
        """SELECT defaclrole::regrole::text || ' ' || coalesce(defaclnamespace::regnamespace::text, '') || ' → '
                  || coalesce(r.rolname, 'PUBLIC')
             FROM pg_default_acl d CROSS JOIN aclexplode(d.defaclacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
            WHERE a.grantee <> d.defaclrole
              AND NOT (d.defaclrole = 'migrator'::regrole AND d.defaclnamespace::regnamespace::text = 'web'
                       AND r.rolname = 'web')""",
        "これから作る物の権限をあらかじめ与えています（default privileges）",
    ),
    (
        """SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
              AND NOT coalesce(p.proconfig, '{}') @> '{"search_path=pg_catalog, pg_temp"}'""",
        "所有者として動く関数の search_path が定まっていません",
    ),
    (
        """SELECT rolname FROM pg_roles WHERE (rolbypassrls OR rolsuper) AND rolname = ANY (
             SELECT grantee::regrole::text FROM pg_database d CROSS JOIN aclexplode(d.datacl) a(g, grantee, p, i)
              WHERE d.datname = current_database() AND grantee <> 0)""",
        "行レベルセキュリティに縛られないログインです",
    ),
    (
        """SELECT p.schemaname || '.' || p.tablename || ' ' || p.policyname FROM pg_policies p
            WHERE coalesce(p.qual, '') ~* '(now|current_date|current_timestamp|clock_timestamp|localtime)'""",
        "ポリシーがデータベースの時計を読みます（業務日は wall.today だけが言えます）",
    ),
    (
        """SELECT p.schemaname || '.' || p.tablename || ' ' || p.policyname FROM pg_policies p
            WHERE p.roles && '{reader_network,reader_retailer,surveyor}'::name[]
              AND regexp_replace(coalesce(p.qual, ''), '\\( *SELECT [^()]*\\([^()]*\\)[^()]*\\)', '', 'g')
                  ~ '(wall|search|points)\\.[a-z_]+ *\\('""",
        "ポリシーが関数を行ごとに呼びます（(SELECT …) で囲む）",
    ),
)


def catalogue_faults(home: Home, program: Program) -> tuple[list[Wrong], int]:
    """(where, what) of everything in the database that is not as the program says, and how many things were asked.

    Reads only, as `web` and `ticketer`. Raises StoreUnavailable.
    """
    with Pools(home, [ASKING, LOOKING]) as pools:
        standing = Standing(pools, screens=program.screens, functions=program.functions)
        found = [finding for finding in standing.findings() if finding.name not in _NOT_THE_WALL]
        wrong = [(finding.name, finding.what) for finding in found if finding.state == "bad"]
        with pools.pool(LOOKING).connection() as connection:
            for query, what in _QUERIES:
                wrong += [(where, what) for where in _rows(connection, query)]
            wrong += [(name, "知らない拡張です") for name in _extensions(connection)]
            reviewed = list(_definers(connection))
    wrong += [*_unreviewed(reviewed), *_texts(program.functions)]
    return wrong, len(found) + len(_QUERIES) + len(reviewed)


def loaded_faults(home: Home, program: Program) -> list[Wrong]:
    """Rules, screens, purposes and actions as the home's database enforces them, against the program's."""
    with Pools(home, [ASKING, LOOKING]) as pools:
        found = Standing(pools, screens=program.screens, functions=program.functions).findings()
    return [(finding.name, finding.what) for finding in found if finding.name in _LOADED and finding.state == "bad"]


def stamp_faults(home: Home) -> list[Wrong]:
    """The stamps of all rows against the history they are derived from, as `batch`. Raises StoreUnavailable."""
    with Pools(home, ["batch"]) as pools, pools.pool("batch").connection() as connection:
        found = stamp_findings(connection)
    return [] if found.state == "ok" else [(found.name, found.what)]


def _rows(connection: psycopg.Connection[Any], query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query.encode(), [_SCHEMAS] * query.count("%s"))
        return [str(row[0]) for row in cursor.fetchall()]


def _extensions(connection: psycopg.Connection[Any]) -> Iterator[str]:
    return (name for name in _rows(connection, "SELECT extname FROM pg_extension") if name not in _EXTENSIONS)


def _definers(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, str]]:
    """Name and hash of every function in the wall's schemas that runs as its owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.nspname || '.' || p.proname, p.prosrc
                 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                WHERE n.nspname = ANY(%s) AND p.prosecdef ORDER BY 1""",
            [_SCHEMAS],
        )
        yield from ((name, fingerprint(body)) for name, body in cursor.fetchall())


def fingerprint(body: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a function's body."""
    return hashlib.sha256(body.encode()).hexdigest()[:16]


def _unreviewed(found: Sequence[tuple[str, str]]) -> Iterator[Wrong]:
    for name, digest in found:
        if name not in DEFINERS:
            yield name, "検査済みの一覧にない、所有者として動く関数です"
        elif DEFINERS[name].digest != digest:
            yield name, "検査のあとで内容が変わっています（読み直し、proof/reviewed.py の値を改める）"
    yield from (
        (name, "検査済みの一覧にありますが、データベースにありません") for name in sorted(DEFINERS.keys() - dict(found))
    )


def definers(texts: Sequence[Path]) -> dict[str, str]:
    """Name and hash of every definer function in the program's files: what the reviewed list must hold."""
    found = {}
    for file in texts:
        for name, head, body in _DEFINER.findall(file.read_text(encoding="utf-8")):
            if "SECURITY DEFINER" in head:
                found[name] = fingerprint(body)
    return found


def _texts(files: Sequence[Path]) -> Iterator[Wrong]:
    written = definers(files)
    for name in sorted(written.keys() ^ DEFINERS.keys()):
        yield name, "プログラムの所有者関数と検査済みの一覧が違います"
    for name in sorted(written.keys() & DEFINERS.keys()):
        if written[name] != DEFINERS[name].digest:
            yield name, "プログラムの関数が、検査したときと違います"
