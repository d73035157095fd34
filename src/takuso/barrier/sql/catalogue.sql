-- One line for everything the wall stands on in this database, in words that do not depend on numbers, on order, or on
-- how it came to be. Partitions count as their parent: a new day of the log is no change. For catalogue_hash.
WITH ours AS (
  SELECT n.oid, n.nspname::text AS s, n.nspowner, n.nspacl FROM pg_namespace n
   WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
), relation AS (
  SELECT c.oid, c.relispartition, c.relacl, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
         coalesce(po.s || '.' || p.relname, o.s || '.' || c.relname) AS name
    FROM pg_class c JOIN ours o ON o.oid = c.relnamespace
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
    LEFT JOIN pg_class p ON p.oid = i.inhparent
    LEFT JOIN ours po ON po.oid = p.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
), lines AS (
  SELECT concat_ws(' ', 'schema', s, pg_get_userbyid(nspowner)) AS line FROM ours
  UNION ALL SELECT concat_ws(' ', 'schema right', s, g.grantee, g.privilege_type) FROM ours, LATERAL (
    SELECT coalesce(r.rolname, 'PUBLIC') AS grantee, a.privilege_type FROM aclexplode(nspacl) a
      LEFT JOIN pg_roles r ON r.oid = a.grantee) g
  UNION ALL SELECT concat_ws(' ', 'relation', name, relispartition, CASE WHEN relkind IN ('r', 'p') THEN 'table' ELSE relkind::text END,
                             pg_get_userbyid(relowner), relrowsecurity, relforcerowsecurity) FROM relation
  UNION ALL SELECT concat_ws(' ', 'view', name, pg_get_viewdef(oid)) FROM relation WHERE relkind IN ('v', 'm')
  UNION ALL SELECT concat_ws(' ', 'right', name, relispartition, g.grantee, g.privilege_type) FROM relation, LATERAL (
    SELECT coalesce(r.rolname, 'PUBLIC') AS grantee, a.privilege_type FROM aclexplode(relacl) a
      LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE a.grantee <> relowner) g
  UNION ALL SELECT concat_ws(' ', 'column', r.name, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                             a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
   WHERE NOT r.relispartition AND r.relkind <> 'S'
  UNION ALL SELECT concat_ws(' ', 'column right', r.name, a.attname, coalesce(g.rolname, 'PUBLIC'), x.privilege_type)
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attacl IS NOT NULL
   CROSS JOIN aclexplode(a.attacl) x LEFT JOIN pg_roles g ON g.oid = x.grantee
  UNION ALL SELECT concat_ws(' ', 'policy', schemaname, tablename, policyname, permissive, array_to_string(
                             ARRAY(SELECT unnest(roles) ORDER BY 1), ','), cmd, qual, '/', with_check) FROM pg_policies
  UNION ALL SELECT concat_ws(' ', 'function', o.s, pg_get_userbyid(p.proowner), pg_get_functiondef(p.oid))
    FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace WHERE p.prokind IN ('f', 'p')
  UNION ALL SELECT concat_ws(' ', 'function right', o.s, p.proname, pg_get_function_identity_arguments(p.oid),
                             coalesce(g.rolname, 'PUBLIC'))
    FROM pg_proc p JOIN ours o ON o.oid = p.pronamespace
   CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x LEFT JOIN pg_roles g ON g.oid = x.grantee
   WHERE x.grantee <> p.proowner
  UNION ALL SELECT concat_ws(' ', 'trigger', r.name, r.relispartition, t.tgname, t.tgenabled,
                             CASE WHEN NOT r.relispartition THEN pg_get_triggerdef(t.oid) END)
    FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
  UNION ALL SELECT concat_ws(' ', 'constraint', r.name, c.contype, c.convalidated, pg_get_constraintdef(c.oid))
    FROM pg_constraint c JOIN relation r ON r.oid = c.conrelid WHERE NOT r.relispartition
  UNION ALL SELECT concat_ws(' ', 'rule', r.name, w.rulename) FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class
  UNION ALL SELECT concat_ws(' ', 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,
                             rolbypassrls, rolconfig) FROM pg_roles WHERE rolname = ANY (%(roles)s)
  UNION ALL SELECT concat_ws(' ', 'member', r.rolname, m.rolname) FROM pg_auth_members a
    JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
   WHERE r.rolname = ANY (%(roles)s) OR m.rolname = ANY (%(roles)s)
  UNION ALL SELECT concat_ws(' ', 'setting', coalesce(r.rolname, '*'), s.setconfig) FROM pg_db_role_setting s
    LEFT JOIN pg_roles r ON r.oid = s.setrole
   WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT concat_ws(' ', 'database right', coalesce(r.rolname, 'PUBLIC'), a.privilege_type)
    FROM pg_database d CROSS JOIN aclexplode(d.datacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
   WHERE d.datname = current_database() AND a.grantee <> d.datdba
  UNION ALL SELECT concat_ws(' ', 'default right', pg_get_userbyid(d.defaclrole), n.nspname, d.defaclobjtype,
                             coalesce(r.rolname, 'PUBLIC'), a.privilege_type)
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
   CROSS JOIN aclexplode(d.defaclacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
  UNION ALL SELECT concat_ws(' ', 'extension', extname) FROM pg_extension
  UNION ALL SELECT concat_ws(' ', 'event trigger', evtname, evtenabled) FROM pg_event_trigger
  UNION ALL SELECT concat_ws(' ', 'publication', pubname) FROM pg_publication
)
SELECT DISTINCT line COLLATE "C" FROM lines ORDER BY 1
