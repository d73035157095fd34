-- API の資格情報: what a retailer's system signs in with. Of the secret only a hash; an ended one stays for the records.
SET LOCAL ROLE owner;
CREATE TABLE wall.api_client (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code        text        NOT NULL UNIQUE CHECK (code ~ '^api-[0-9a-f]{16}$'),
  person      int         NOT NULL REFERENCES wall.person,
  org         int         NOT NULL REFERENCES wall.org,
  secret_hash bytea       NOT NULL CHECK (length(secret_hash) = 32),
  issued      timestamptz NOT NULL,
  ended       timestamptz
);
CREATE INDEX ON wall.api_client (person) WHERE ended IS NULL;
-- Each sign-in of a credential looks for the others of it that stand.
CREATE INDEX ON wall.session (means, expires) WHERE ended IS NULL;
ALTER TABLE wall.api_client ENABLE ROW LEVEL SECURITY;
ALTER TABLE wall.api_client FORCE ROW LEVEL SECURITY;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'wall', 'api_client', a.attname, 'key'
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = 'wall.api_client'::regclass AND a.attnum > 0 AND NOT a.attisdropped;
RESET ROLE;
