-- 本人確認: what a person signs in with, how often one may guess, and the record of every attempt.
SET LOCAL ROLE opener;
-- They come back with the terminal among their arguments (signin.sql).
DROP FUNCTION IF EXISTS wall.sign_in_by_link(bytea, bytea), wall.sign_in_demo(text, bytea),
  wall.begin_session(bigint, bytea, text);
RESET ROLE;
SET LOCAL ROLE owner;

ALTER TABLE wall.session ADD COLUMN terminal text;
ALTER TABLE wall.one_time_link ADD COLUMN reset boolean NOT NULL DEFAULT false;

-- Of a password only the SHA-256 of what argon2id and a key outside the database make of it (ADR 0017).
CREATE TABLE wall.password (
  person   int         PRIMARY KEY REFERENCES wall.person,
  salt     bytea       NOT NULL CHECK (length(salt) = 16),
  recipe   text        NOT NULL,                     -- parameters of argon2id
  verifier bytea       NOT NULL CHECK (length(verifier) = 32),
  since    timestamptz NOT NULL
);

-- 認証アプリ: the secret, sealed with a key outside the database; a code's step counts once, and none before it.
CREATE TABLE wall.totp (
  person        int PRIMARY KEY REFERENCES wall.person,
  sealed        bytea,                               -- null until the first code was right
  last_step     bigint,
  since         timestamptz,
  pending       bytea,                               -- the next one, until its first code was right
  pending_since timestamptz,
  CHECK ((sealed IS NULL) = (last_step IS NULL) AND (sealed IS NULL) = (since IS NULL)),
  CHECK ((pending IS NULL) = (pending_since IS NULL))
);

CREATE TABLE wall.recovery_code (
  person int   NOT NULL REFERENCES wall.person,
  hash   bytea NOT NULL CHECK (length(hash) = 32),
  used   timestamptz,
  PRIMARY KEY (person, hash)
);

-- How often one may be wrong (EXAMPLE values): after so many failures in a row there is a pause, doubled by each further
-- failure up to the longest. A run of failures ends with a sign-in, or when it is older than `remembered`.
CREATE TABLE wall.sign_in_limit (
  one          boolean  PRIMARY KEY DEFAULT true CHECK (one),
  per_person   int      NOT NULL DEFAULT 5 CHECK (per_person BETWEEN 1 AND 100),
  per_terminal int      NOT NULL DEFAULT 50 CHECK (per_terminal BETWEEN 1 AND 10000),
  pause        interval NOT NULL DEFAULT '1 minute' CHECK (pause > '0'),
  longest      interval NOT NULL DEFAULT '15 minutes' CHECK (longest >= pause),
  remembered   interval NOT NULL DEFAULT '24 hours' CHECK (remembered >= longest)
);
INSERT INTO wall.sign_in_limit DEFAULT VALUES;

-- サインインの記録: every attempt and every change of what a person signs in with. Of whoever is not a person here only
-- a keyed hash of what was typed: people type passwords into the wrong field.
CREATE TABLE log.sign_in (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  means    text        NOT NULL,                     -- password, one-time-link, command, demo, totp, recovery-code …
  result   text        NOT NULL,                     -- signed-in, refused, paused, changed, issued, reset, ended
  person   int,
  claimed  bytea,
  terminal text,
  session  bigint
);
CREATE INDEX ON log.sign_in (person, at) WHERE person IS NOT NULL;
CREATE INDEX ON log.sign_in (claimed, at) WHERE claimed IS NOT NULL;
CREATE INDEX ON log.sign_in (terminal, at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['wall.password', 'wall.totp', 'wall.recovery_code', 'log.sign_in'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;

INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT n.nspname, c.relname, a.attname,
       CASE WHEN n.nspname = 'log' THEN 'record' WHEN c.relname = 'sign_in_limit' THEN 'open' ELSE 'key' END
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE (n.nspname, c.relname) IN (('wall', 'password'), ('wall', 'totp'), ('wall', 'recovery_code'),
                                  ('wall', 'sign_in_limit'), ('log', 'sign_in'))
    OR (n.nspname, c.relname, a.attname) IN (('wall', 'session', 'terminal'), ('wall', 'one_time_link', 'reset'));
RESET ROLE;
