-- 会社の ID 基盤: which of its accounts is which person (ADR 0022). Made by the person alone, retired, never changed.
SET LOCAL ROLE owner;

CREATE TABLE wall.external_identity (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  issuer        text        NOT NULL CHECK (length(issuer) BETWEEN 1 AND 512),
  subject       text        NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  person        int         NOT NULL REFERENCES wall.person,
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity' CHECK (recorded_to >= recorded_from)
);
-- An account is one person's, and a person has one account of an issuer.
CREATE UNIQUE INDEX ON wall.external_identity (issuer, subject) WHERE recorded_to = 'infinity';
CREATE UNIQUE INDEX ON wall.external_identity (issuer, person) WHERE recorded_to = 'infinity';

-- A way to the provider and back counts once. Only what has come back is kept, until it would have expired anyway.
CREATE TABLE wall.external_round (
  round   bytea       PRIMARY KEY CHECK (length(round) = 32),
  expires timestamptz NOT NULL
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['external_identity', 'external_round'] LOOP
    EXECUTE format('ALTER TABLE wall.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE wall.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;

INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'wall', c.relname, a.attname, 'key'
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.oid IN ('wall.external_identity'::regclass, 'wall.external_round'::regclass);
RESET ROLE;
