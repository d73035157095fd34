-- 証拠: every record of the log gets a place in a tree that only grows, and the tree's states are signed (ADR 27).
SET LOCAL ROLE owner;

-- Which transaction wrote a record: the sequencer takes only what is below the horizon of its snapshot, so that no later
-- commit can slip in before. Records of before this migration count as written by it.
ALTER TABLE log.outcome ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE log.purpose ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE log.alarm   ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE log.export  ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE log.sign_in ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
ALTER TABLE log.closing ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
-- What was typed enters the tree only as SHA-256(key, text): with the key gone the hash says nothing, and still fits.
ALTER TABLE log.payload ADD COLUMN key bytea NOT NULL
  DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
CREATE INDEX ON log.ticket (xid);
CREATE INDEX ON log.outcome (xid);
CREATE INDEX ON log.purpose (xid);
CREATE INDEX ON log.alarm (xid);
CREATE INDEX ON log.export (xid);
CREATE INDEX ON log.sign_in (xid);
CREATE INDEX ON log.closing (xid);

CREATE TABLE log.leaf (
  day         date   NOT NULL,                        -- JST day of the sequencing; never goes back
  index       bigint NOT NULL CHECK (index >= 0),     -- dense: 0, 1, 2 …
  kind        text   NOT NULL CHECK (kind IN ('ticket', 'outcome', 'purpose', 'alarm', 'export', 'sign-in', 'closing',
                                              'heartbeat', 'gap')),
  record_day  date   NOT NULL,
  key         text   COLLATE "C" NOT NULL,            -- receipt, or the number of an alarm, a sign-in or a closing
  typed       bytea  CHECK (length(typed) = 32),      -- SHA-256(key, what was typed)
  body        text   COLLATE "C",                     -- the record itself, of a heartbeat and a gap
  hash        bytea  NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (day, index),
  CHECK ((body IS NOT NULL) = (kind IN ('heartbeat', 'gap')))
) PARTITION BY RANGE (day);
CREATE INDEX ON log.leaf (key);

CREATE TABLE log.checkpoint (
  size       bigint      PRIMARY KEY,
  previous   bytea       NOT NULL UNIQUE,             -- hash of the one before: no two can follow the same
  day        date        NOT NULL,
  at         timestamptz NOT NULL,
  horizon    xid8        NOT NULL,                    -- everything written below has been given its place
  since      date        NOT NULL,                    -- no record of an earlier day is without its place
  peaks      bytea       NOT NULL,                    -- roots of the perfect subtrees, the largest first
  body       text        COLLATE "C" NOT NULL,        -- what is signed
  signature  bytea       NOT NULL CHECK (length(signature) = 64)
);

-- What a batch of the sequencer went by, written in the transaction of its leaves.
CREATE TABLE log.batch (
  xid      xid8        PRIMARY KEY,
  day      date        NOT NULL,
  at       timestamptz NOT NULL,
  horizon  xid8        NOT NULL,
  since    date        NOT NULL
);

-- RFC 3161: what an outside clock says about a checkpoint.
CREATE TABLE log.timestamp (
  size   bigint      NOT NULL REFERENCES log.checkpoint,
  at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  token  bytea       NOT NULL,
  PRIMARY KEY (size, at)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['leaf', 'checkpoint', 'batch', 'timestamp'] LOOP
    EXECUTE format('ALTER TABLE log.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE log.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;

INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'log', c.relname, a.attname, 'record'
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'log'
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relname IN ('leaf', 'checkpoint', 'batch', 'timestamp')
    OR (c.relname, a.attname) IN (('outcome', 'xid'), ('purpose', 'xid'), ('alarm', 'xid'), ('export', 'xid'),
                                  ('sign_in', 'xid'), ('closing', 'xid'), ('payload', 'key'));
RESET ROLE;
