-- 集計: how many records, persons and contracts of each ended day, hour by hour, for all records and for each value of
-- one filter. Derived from the log and made anew at will: it is what is counted of the log, not a part of it.
SET LOCAL ROLE owner;

CREATE TABLE log.tally (
  day        date        NOT NULL,                  -- of the records
  width      text        NOT NULL CHECK (width IN ('hour', 'day')),
  dim        text        COLLATE "C" NOT NULL,      -- the filter; '' for all records
  value      text        COLLATE "C" NOT NULL,      -- what it is set to; '-' is none
  at         timestamptz NOT NULL,                  -- the stretch of time begins here
  records    int         NOT NULL CHECK (records > 0),
  persons    int         NOT NULL CHECK (persons BETWEEN 1 AND records),
  contracts  int         NOT NULL CHECK (contracts >= 0),
  PRIMARY KEY (dim, value, width, day, at)
);
CREATE TABLE log.tallied (
  day      date        PRIMARY KEY,
  records  bigint      NOT NULL CHECK (records >= 0),
  made     timestamptz NOT NULL,
  checked  timestamptz NOT NULL                     -- when the records were last counted again
);
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['tally', 'tallied'] LOOP
    EXECUTE format('ALTER TABLE log.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE log.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'log', 'tally', k, 'record'
  FROM unnest(ARRAY['day', 'width', 'dim', 'value', 'at', 'records', 'persons', 'contracts']) k
UNION ALL
SELECT 'log', 'tallied', k, 'record' FROM unnest(ARRAY['day', 'records', 'made', 'checked']) k;
RESET ROLE;
