-- 締め: which days of the log were written out as files, how many rows each had, and the hash that ties the files to it.
-- Append-only like the log: a day that is written out again is another row.
SET LOCAL ROLE owner;

CREATE TABLE log.closing (
  no        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  day       date        NOT NULL,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  records   bigint      NOT NULL CHECK (records >= 0),
  subjects  bigint      NOT NULL CHECK (subjects >= 0),
  outcomes  bigint      NOT NULL CHECK (outcomes >= 0),
  views     bigint      NOT NULL CHECK (views BETWEEN 0 AND subjects),
  digest    bytea       NOT NULL CHECK (length(digest) = 32)   -- SHA-256 over the names and hashes of its files
);
CREATE INDEX ON log.closing (day, no);
ALTER TABLE log.closing ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.closing FORCE ROW LEVEL SECURITY;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'log', 'closing', k, 'record'
  FROM unnest(ARRAY['no', 'day', 'at', 'records', 'subjects', 'outcomes', 'views', 'digest']) k;
RESET ROLE;
