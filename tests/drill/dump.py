"""Everything of a database that a fault may touch, as sorted lines: what is there, whose it is, who may do what."""

import psycopg
from psycopg import Connection

_ACL = (
    "(SELECT string_agg(coalesce(r.rolname, 'PUBLIC') || ':' || a.privilege_type, ',' ORDER BY r.rolname,"
    " a.privilege_type) FROM aclexplode(coalesce({acl}, acldefault('{kind}', {owner}))) a"
    " LEFT JOIN pg_roles r ON r.oid = a.grantee)"
)
_OWN = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"

QUERIES = {
    "schema": f"SELECT n.nspname, n.nspowner::regrole, {_ACL.format(acl='n.nspacl', kind='n', owner='n.nspowner')}"
    f" FROM pg_namespace n WHERE {_OWN}",
    "relation": "SELECT c.oid::regclass, c.relkind, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity,"
    f" {_ACL.format(acl='c.relacl', kind='r', owner='c.relowner')}"
    f" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_OWN} AND c.relkind <> 'i'",
    "column": "SELECT c.oid::regclass, t.attname, t.atttypid::regtype,"
    " (SELECT string_agg(a.grantee::regrole || ':' || a.privilege_type, ',' ORDER BY a.grantee::regrole::text)"
    "    FROM aclexplode(t.attacl) a)"
    " FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE {_OWN} AND t.attnum > 0 AND NOT t.attisdropped AND c.relkind <> 'i'",
    "policy": "SELECT schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies",
    "function": "SELECT p.oid::regprocedure, p.proowner::regrole, pg_get_functiondef(p.oid),"
    f" {_ACL.format(acl='p.proacl', kind='f', owner='p.proowner')}"
    f" FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {_OWN} AND p.prokind = 'f'",
    "trigger": "SELECT t.tgrelid::regclass, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid) FROM pg_trigger t"
    " WHERE NOT t.tgisinternal",
    "role": "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
    " rolbypassrls, rolconnlimit, rolvaliduntil, rolpassword,"
    " (SELECT string_agg(s.setdatabase || array_to_string(s.setconfig, ','), ';')"
    "    FROM pg_db_role_setting s WHERE s.setrole = a.oid)"
    " FROM pg_authid a WHERE rolname NOT LIKE 'pg\\_%'",
    "member": "SELECT roleid::regrole, member::regrole, admin_option FROM pg_auth_members",
    "default": "SELECT d.defaclrole::regrole, d.defaclnamespace, d.defaclobjtype,"
    " (SELECT string_agg(a.grantee || ':' || a.privilege_type, ',' ORDER BY a.grantee, a.privilege_type)"
    "    FROM aclexplode(d.defaclacl) a) FROM pg_default_acl d",
    "rule": "SELECT key, duty, relation, view, class, verdict, article, note, valid, since, until FROM wall.rule",
    "proposal": "SELECT kind, content, receipt, verdict, proof, place, base, loaded FROM wall.proposal",
    "screen": "SELECT code, version, name, view, kind, classes, actions, recorded_to FROM wall.screen",
    "purpose": "SELECT * FROM wall.purpose",
    "action": "SELECT * FROM wall.action",
    "register": "SELECT * FROM wall.register",
    "point": "SELECT * FROM wall.point",
    "entry": "SELECT * FROM search.entry",
    "stamps": " UNION ALL ".join(
        f"SELECT '{table}', id, holder_id, held_from, held_to FROM points.{table}"
        for table in ("place", "equipment", "meter_install", "party", "bank_mandate", "contact_note", "usage_month")
    ),
}


def dump(connection: Connection[tuple[object, ...]]) -> dict[str, list[str]]:
    """Lines by what they are of."""
    lines = {}
    with connection.cursor() as cursor:
        for name, query in QUERIES.items():
            try:
                rows = cursor.execute(f"SELECT to_json(x)::text FROM ({query}) x".encode()).fetchall()
            except psycopg.Error as error:
                raise AssertionError(f"{name}: {error}") from error
            lines[name] = sorted(str(row[0]) for row in rows)
    return lines
