-- 閲覧記録の持出し, and what makes the compliance desk fast. Append-only like the rest of the log: each step of an export
-- is a row of its own, and the key lets each be taken once.
SET LOCAL ROLE owner;
CREATE TABLE log.export (
  export       text        COLLATE "C" NOT NULL,     -- receipt of the request
  step         text        NOT NULL CHECK (step IN ('request', 'approval', 'taking')),
  receipt      text        COLLATE "C" NOT NULL UNIQUE,
  day          date        NOT NULL,
  at           timestamptz NOT NULL,
  person       int         NOT NULL,
  appointment  bigint      NOT NULL,
  filters      text        NOT NULL,
  reason       text        NOT NULL,
  expires      timestamptz NOT NULL,
  PRIMARY KEY (export, step)
);
ALTER TABLE log.export ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.export FORCE ROW LEVEL SECURITY;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'log', 'export', k, 'record'
  FROM unnest(ARRAY['export', 'step', 'receipt', 'day', 'at', 'person', 'appointment', 'filters', 'reason', 'expires']) k;

CREATE INDEX ON log.ticket (day, at, receipt);
CREATE INDEX ON log.ticket (person, at);
CREATE INDEX ON log.ticket (screen, at);
CREATE INDEX ON log.ticket (session, at);
CREATE INDEX ON log.subject (point);
RESET ROLE;
