-- 消去 and 保存: what was typed is destroyed by two; whole days are deleted by dated rules. Append-only like the log, and each
-- row is a leaf of its tree (ADR 34).
SET LOCAL ROLE owner;

CREATE TABLE log.erasure (
  erasure      text        COLLATE "C" NOT NULL,     -- receipt of the request; '' for one that only a backup brought back
  step         text        NOT NULL CHECK (step IN ('request', 'approval', 'again')),
  receipt      text        COLLATE "C" PRIMARY KEY,
  day          date        NOT NULL,
  at           timestamptz NOT NULL,
  person       int,
  appointment  bigint,
  target_day   date        NOT NULL,
  target       text        COLLATE "C" NOT NULL,     -- receipt of the ticket whose text it is
  law          text        NOT NULL,
  reason       text        NOT NULL,
  expires      timestamptz NOT NULL,
  xid          xid8        NOT NULL DEFAULT pg_current_xact_id(),
  CHECK ((person IS NULL) = (step = 'again'))
);
CREATE UNIQUE INDEX ON log.erasure (erasure, step) WHERE step <> 'again';
CREATE INDEX ON log.erasure (target);
CREATE INDEX ON log.erasure (xid);

CREATE TABLE log.retention (
  no          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  valid_from  date        NOT NULL,
  years       int         NOT NULL CHECK (years BETWEEN 1 AND 100),
  label       text        NOT NULL,
  who         text        NOT NULL,
  reason      text        NOT NULL,
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  xid         xid8        NOT NULL DEFAULT pg_current_xact_id()
);
INSERT INTO log.retention (valid_from, years, label, who, reason)
VALUES ('2016-04-01', 10, 'EXAMPLE', 'takuso', '例示の規則。自社の規程に合わせて替える');

CREATE TABLE log.hold (
  no        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  releases  bigint      UNIQUE REFERENCES log.hold,    -- null: days are held from now on
  from_day  date        NOT NULL,
  to_day    date        NOT NULL CHECK (to_day > from_day),
  who       text        NOT NULL,
  reason    text        NOT NULL,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  xid       xid8        NOT NULL DEFAULT pg_current_xact_id()
);

CREATE TABLE log.deletion (
  no      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  day     date        NOT NULL UNIQUE,
  at      timestamptz NOT NULL,
  rule    bigint      NOT NULL REFERENCES log.retention,
  years   int         NOT NULL,
  label   text        NOT NULL,
  who     text        NOT NULL,
  leaves  bigint      NOT NULL CHECK (leaves >= 0),
  parts   text        COLLATE "C" NOT NULL,            -- 'first-last:count:SHA-256 of the hashes', one a day of leaves
  digest  bytea       NOT NULL CHECK (length(digest) = 32),   -- of the files of the day, as they were closed
  xid     xid8        NOT NULL DEFAULT pg_current_xact_id(),
  -- Whatever a function says: no day is deleted before the end of its time.
  CONSTRAINT old_enough CHECK ((day + 1) + make_interval(years => years) <= at AT TIME ZONE 'Asia/Tokyo')
);
CREATE INDEX ON log.checkpoint (at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['erasure', 'retention', 'hold', 'deletion'] LOOP
    EXECUTE format('ALTER TABLE log.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE log.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'log', c.relname, a.attname, 'record'
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'log'
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relname IN ('erasure', 'retention', 'hold', 'deletion');
RESET ROLE;
