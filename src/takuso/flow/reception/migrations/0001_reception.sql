-- 異動受付: what was filed, what the network company made of it, and each party's own copy. All of it is class G but
-- keys; a retailer's login reads copies alone, of which its company is the party.
CREATE SCHEMA reception AUTHORIZATION owner;
SET LOCAL ROLE owner;

-- 申込 as filed and where it stands. Content and refusals are those of flow/reception/wire.py.
CREATE TABLE reception.application (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number       text COLLATE "C" NOT NULL UNIQUE,      -- 受付番号: tells nothing of how many there are
  procedure    text        NOT NULL CHECK (procedure IN (
                 'equipment-inquiry', 'point-search', 'usage-password', 'usage-inquiry', 'termination-relay', 'switch-start',
                 'switch-end', 'reenergisation', 'move-out', 'consumer-change', 'amendment', 'status-inquiry')),
  sender       int         NOT NULL REFERENCES wall.org,
  point        bigint      REFERENCES wall.point,     -- null: no such supply point, or none named
  supply_point text COLLATE "C",                      -- as written, 22 digits
  content      jsonb       NOT NULL,
  day          date,                                  -- 効力日
  received_at  timestamptz NOT NULL,                  -- on the business clock, as the three below
  amended_at   timestamptz,
  state        text        NOT NULL DEFAULT 'received',
  since        timestamptz NOT NULL,
  due          date,
  wake_on      date,                                  -- the next day on which something may happen by itself
  counterparts int[]       NOT NULL DEFAULT '{}',
  partner      text COLLATE "C" NOT NULL DEFAULT '',  -- the other half, once both are matched
  refusals     jsonb       NOT NULL DEFAULT '[]',
  named        text[]      NOT NULL DEFAULT '{}',     -- applications that the content names: a relay, the one to change
  via          text        NOT NULL CHECK (via IN ('screen', 'api', 'file', 'paper')),
  person       int         NOT NULL REFERENCES wall.person,
  receipt      text COLLATE "C" NOT NULL,             -- the ticket it was filed under
  request_key  text COLLATE "C",                      -- 冪等キー of the sender
  request_hash bytea       NOT NULL,
  open         boolean     NOT NULL DEFAULT true,     -- something can still happen
  tries        int         NOT NULL DEFAULT 0,        -- turns that failed since the last good one
  retry_at     timestamptz,                           -- by the real clock
  UNIQUE (sender, request_key)
);
CREATE INDEX ON reception.application (point) WHERE open;
CREATE INDEX ON reception.application (wake_on) WHERE wake_on IS NOT NULL;
CREATE INDEX ON reception.application (id) WHERE state = 'received';
CREATE INDEX ON reception.application (due, id) WHERE open;

-- 動き: every move of a case, never changed.
CREATE TABLE reception.move (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  application bigint      NOT NULL REFERENCES reception.application,
  event       text        NOT NULL,
  source      text        NOT NULL,
  target      text        NOT NULL,
  actor       text        NOT NULL,
  instruction bigint,                                 -- the answer or order it followed
  at          timestamptz NOT NULL,                   -- business clock
  recorded    timestamptz NOT NULL DEFAULT clock_timestamp(),
  day         date,
  due         date,
  refusals    jsonb       NOT NULL DEFAULT '[]',
  effect      text,
  told        text[]      NOT NULL DEFAULT '{}'
);
CREATE INDEX ON reception.move (application);

-- 回答・指示: what a holder answered or the network company's staff ordered, until the next turn carries it out.
CREATE TABLE reception.instruction (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  application bigint      NOT NULL REFERENCES reception.application,
  event       text        NOT NULL,
  org         int         NOT NULL REFERENCES wall.org,
  person      int         NOT NULL REFERENCES wall.person,
  receipt     text COLLATE "C" NOT NULL,
  reason      jsonb,
  at          timestamptz NOT NULL,
  done_at     timestamptz,
  refusals    jsonb       NOT NULL DEFAULT '[]'       -- why it could not be carried out
);
CREATE INDEX ON reception.instruction (application) WHERE done_at IS NULL;

-- 当事者の写し: what this party may know of the case, written by the turn that moved it.
CREATE TABLE reception.copy (
  application  bigint      NOT NULL REFERENCES reception.application,
  party        int         NOT NULL REFERENCES wall.org,
  role         text        NOT NULL CHECK (role IN ('sender', 'holder')),
  confidential boolean     NOT NULL,                  -- for those who answer relays alone
  number       text COLLATE "C" NOT NULL,
  procedure    text        NOT NULL,
  point        bigint,
  supply_point text COLLATE "C",
  content      jsonb       NOT NULL,
  day          date,
  received_at  timestamptz NOT NULL,
  state        text        NOT NULL,
  since        timestamptz NOT NULL,
  due          date,
  refusals     jsonb       NOT NULL DEFAULT '[]',
  PRIMARY KEY (application, party)
);
CREATE INDEX ON reception.copy (party, role, application DESC);
CREATE INDEX ON reception.copy (party, due, application) WHERE role = 'holder' AND state = 'awaiting-answer';

-- 接続供給契約 of a retailer and the BG codes it may name. No customer in it.
CREATE TABLE reception.contract (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  retailer         int       NOT NULL REFERENCES wall.org,
  balancing_groups text[]    NOT NULL,
  valid            daterange NOT NULL CHECK (NOT isempty(valid)),
  recorded_from    timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to      timestamptz NOT NULL DEFAULT 'infinity',
  EXCLUDE USING gist (int4range(retailer, retailer, '[]') WITH &&, valid WITH &&) WHERE (recorded_to = 'infinity')
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['application', 'move', 'instruction', 'copy'] LOOP
    EXECUTE format('ALTER TABLE reception.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE reception.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'reception', c.relname, a.attname,
       CASE WHEN c.relname = 'contract' THEN 'open'
            WHEN a.attname IN ('id', 'application', 'point', 'number', 'party', 'sender', 'person', 'receipt', 'org', 'instruction',
                               'request_key', 'request_hash', 'named', 'partner', 'counterparts', 'confidential', 'role', 'open',
                               'wake_on', 'tries', 'retry_at', 'via') THEN 'key'
            ELSE 'G' END
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relnamespace = 'reception'::regnamespace AND c.relkind = 'r';
GRANT USAGE, CREATE ON SCHEMA reception TO effector;
GRANT USAGE ON SCHEMA reception TO reader_network, reader_retailer, writer, opener, migrator, reception;
GRANT USAGE ON SCHEMA wall TO reception;
RESET ROLE;
