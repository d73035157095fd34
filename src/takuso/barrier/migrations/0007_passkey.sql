-- パスキー: the public half of what stays in a person's device (ADR 0022 and 0017). Removed like an authenticator app.
SET LOCAL ROLE owner;
CREATE TABLE wall.passkey (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person     int         NOT NULL REFERENCES wall.person,
  credential bytea       NOT NULL UNIQUE CHECK (length(credential) BETWEEN 16 AND 1023),
  public_key bytea       NOT NULL CHECK (length(public_key) <= 1024),
  count      bigint      NOT NULL CHECK (count BETWEEN 0 AND 4294967295),
  since      timestamptz NOT NULL,
  used       timestamptz
);
ALTER TABLE wall.passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE wall.passkey FORCE ROW LEVEL SECURITY;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'wall', 'passkey', a.attname, 'key'
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = 'wall.passkey'::regclass AND a.attnum > 0 AND NOT a.attisdropped;
RESET ROLE;
