-- 管理: screens and tickets of the administration, chains of contractors, and changes that need a second person.
SET LOCAL ROLE owner;
ALTER TABLE wall.screen DROP CONSTRAINT screen_kind_check;
ALTER TABLE wall.screen ADD CONSTRAINT screen_kind_check
  CHECK (kind IN ('menu', 'customer', 'list', 'log', 'write', 'office'));
ALTER TABLE log.ticket DROP CONSTRAINT ticket_kind_check;
ALTER TABLE log.ticket ADD CONSTRAINT ticket_kind_check
  CHECK (kind IN ('look', 'search', 'write', 'statement', 'log', 'office'));

-- 委託関係: in whose name a contractor's people may work, from which JST day. A chain goes over more than one row.
CREATE TABLE wall.contracting (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  contractor    int       NOT NULL REFERENCES wall.org,
  principal     int       NOT NULL REFERENCES wall.org,
  valid         daterange NOT NULL CHECK (NOT isempty(valid)),
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by bigint    REFERENCES wall.contracting,
  CHECK (contractor <> principal),
  EXCLUDE USING gist (int4range(contractor, contractor, '[]') WITH &&, int4range(principal, principal, '[]') WITH &&,
                      valid WITH &&) WHERE (recorded_to = 'infinity')
);
-- Appointments that stand already have had their chain all along.
INSERT INTO wall.contracting (contractor, principal, valid)
SELECT employer, principal, unnest(range_agg(daterange((lower(valid) AT TIME ZONE 'Asia/Tokyo')::date,
         ((upper(valid) - interval '1 microsecond') AT TIME ZONE 'Asia/Tokyo')::date, '[]')))
  FROM wall.appointment WHERE recorded_to = 'infinity' AND principal <> employer GROUP BY employer, principal;

-- Why and under which ticket a row was recorded; null: by the first load (移行).
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['appointment', 'affiliation', 'contracting'] LOOP
    EXECUTE format('ALTER TABLE wall.%I ADD COLUMN reason text, ADD COLUMN receipt text COLLATE "C"', t);
  END LOOP;
END $$;
ALTER TABLE wall.person ADD COLUMN receipt text COLLATE "C";
ALTER TABLE wall.org ADD COLUMN receipt text COLLATE "C";

-- A change that takes effect only when a second person approves: who may administer, who watches, and the rules.
CREATE TABLE wall.proposal (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind             text        NOT NULL CHECK (kind IN ('appointment', 'rule')),
  content          jsonb       NOT NULL,
  reason           text        NOT NULL CHECK (reason <> ''),
  proposer         int         NOT NULL REFERENCES wall.person,
  receipt          text        COLLATE "C" NOT NULL UNIQUE,
  proposed         timestamptz NOT NULL DEFAULT clock_timestamp(),
  verdict          text        CHECK (verdict IN ('approved', 'refused', 'withdrawn')),
  decider          int         REFERENCES wall.person,
  decided          timestamptz,
  decision_receipt text        COLLATE "C" UNIQUE,
  comment          text,
  proof            text,
  CHECK (num_nulls(verdict, decider, decided, decision_receipt) IN (0, 4)),
  CHECK ((decider = proposer) = (verdict = 'withdrawn')),
  CHECK (kind <> 'appointment' OR verdict = 'withdrawn' OR decider <> (content ->> 'person')::int)
);

INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT n.nspname, c.relname, a.attname, 'open'
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE n.nspname = 'wall'
   AND (c.relname IN ('contracting', 'proposal')
        OR (c.relname IN ('appointment', 'affiliation', 'person', 'org') AND a.attname IN ('reason', 'receipt')));
RESET ROLE;
