-- What the wall knows: companies, persons and their appointments, rules, screens, purposes, sign-ins,
-- live tickets, and of each supply point nothing but its key and its stamps.
CREATE SCHEMA wall AUTHORIZATION owner;
SET LOCAL ROLE owner;

-- The register: every column of every table has a class, or the server refuses to start.
-- A-J and S are classes of customer data; key, stamp, record (the log's own), open (no customer in it).
CREATE TABLE wall.register (
  schema_name text NOT NULL,
  table_name  text NOT NULL,
  column_name text NOT NULL,
  class       text NOT NULL CHECK (class IN ('A','B','C','D','E','F','G','H','I','J','S','key','stamp','record','open')),
  PRIMARY KEY (schema_name, table_name, column_name)
);

-- Kind of home and the shift of the business clock, which only a demo or a sandbox may have.
CREATE TABLE wall.home (
  one   boolean  PRIMARY KEY DEFAULT true CHECK (one),
  kind  text     NOT NULL CHECK (kind IN ('production', 'demo', 'sandbox')),
  shift interval NOT NULL DEFAULT '0',
  CHECK (kind <> 'production' OR shift = '0')
);

CREATE TABLE wall.org (
  id         int  PRIMARY KEY,
  code       text NOT NULL UNIQUE,
  name       text NOT NULL,
  kind       text NOT NULL CHECK (kind IN ('network', 'retailer', 'contractor')),
  registered text                                    -- 小売電気事業者登録番号
);

-- 特定関係事業者: for reports and surveys. No rule of the matrix asks for it.
CREATE TABLE wall.affiliation (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  network       int       NOT NULL REFERENCES wall.org,
  affiliate     int       NOT NULL REFERENCES wall.org,
  valid         daterange NOT NULL CHECK (NOT isempty(valid)),
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by bigint    REFERENCES wall.affiliation,
  EXCLUDE USING gist (int4range(network, network, '[]') WITH &&, int4range(affiliate, affiliate, '[]') WITH &&,
                      valid WITH &&) WHERE (recorded_to = 'infinity')
);

CREATE TABLE wall.person (
  id   int  PRIMARY KEY,
  code text NOT NULL UNIQUE,
  name text NOT NULL
);

-- 発令: who works for whom, in which duty, from which instant. A contractor's principal is the company
-- in whose name the work is done; a sign-in has exactly one appointment, never a union of two.
CREATE TABLE wall.appointment (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person        int       NOT NULL REFERENCES wall.person,
  employer      int       NOT NULL REFERENCES wall.org,
  principal     int       REFERENCES wall.org,
  duty          text      NOT NULL,
  valid         tstzrange NOT NULL CHECK (NOT isempty(valid)),
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  superseded_by bigint    REFERENCES wall.appointment,
  EXCLUDE USING gist (int4range(person, person, '[]') WITH &&,
                      int4range(coalesce(principal, employer), coalesce(principal, employer), '[]') WITH &&,
                      valid WITH &&) WHERE (recorded_to = 'infinity')
);

CREATE TABLE wall.session (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  proof_hash  bytea       NOT NULL UNIQUE CHECK (length(proof_hash) = 32),
  appointment bigint      NOT NULL REFERENCES wall.appointment,
  means       text        NOT NULL,                  -- one-time-link, demo
  began       timestamptz NOT NULL,
  expires     timestamptz NOT NULL,
  ended       timestamptz
);

CREATE TABLE wall.one_time_link (
  token_hash  bytea       PRIMARY KEY CHECK (length(token_hash) = 32),
  appointment bigint      NOT NULL REFERENCES wall.appointment,
  issued      timestamptz NOT NULL,
  expires     timestamptz NOT NULL,
  used        timestamptz
);

CREATE TABLE wall.rule_version (
  version int         PRIMARY KEY,
  digest  bytea       NOT NULL,
  loaded  timestamptz NOT NULL
);

-- The matrix, loaded from matrix.py. A row that is dropped there is retired here, never deleted.
CREATE TABLE wall.rule (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key       text      NOT NULL,
  duty      text      NOT NULL,
  relation  text      NOT NULL CHECK (relation IN ('any', 'own', 'past')),
  view      text      NOT NULL CHECK (view IN ('current', 'past')),
  class     text      NOT NULL,
  verdict   text      NOT NULL CHECK (verdict IN ('show', 'deny')),
  article   text      NOT NULL,
  note      text      NOT NULL,
  valid     daterange NOT NULL CHECK (NOT isempty(valid)),
  since     int       NOT NULL REFERENCES wall.rule_version,
  until     int       REFERENCES wall.rule_version,
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity'
);
CREATE UNIQUE INDEX ON wall.rule (key) WHERE until IS NULL;
CREATE INDEX ON wall.rule (duty, view) WHERE until IS NULL;

-- 画面定義: what a screen may ask for, dated, so that anyone can say later what was in force when.
CREATE TABLE wall.screen (
  code          text   NOT NULL,
  version       int    NOT NULL,
  name          text   NOT NULL,
  view          text   NOT NULL CHECK (view IN ('current', 'past')),
  kind          text   NOT NULL CHECK (kind IN ('menu', 'customer', 'list', 'log', 'write')),
  classes       text[] NOT NULL,
  actions       text[] NOT NULL DEFAULT '{}',
  recorded_from timestamptz NOT NULL DEFAULT clock_timestamp(),
  recorded_to   timestamptz NOT NULL DEFAULT 'infinity',
  PRIMARY KEY (code, version)
);
CREATE UNIQUE INDEX ON wall.screen (code) WHERE recorded_to = 'infinity';

CREATE TABLE wall.purpose (
  code       text   PRIMARY KEY,
  name       text   NOT NULL,
  duties     text[] NOT NULL,
  case_kinds text[] NOT NULL
);

-- Writes and readings of the log: which duties may open a ticket for them.
CREATE TABLE wall.action (
  code   text   PRIMARY KEY,
  duties text[] NOT NULL
);

-- 根拠となる案件: a call, an application, a work order. Filled by the contact centre and by intake.
CREATE TABLE wall.cases (
  reference     text        PRIMARY KEY,
  kind          text        NOT NULL,
  customer_code char(14)    COLLATE "C",             -- null: not about one customer
  opened_at     timestamptz NOT NULL,
  closed_at     timestamptz
);

-- 供給地点: key and stamp. The stamp says who supplies today; due_on is the first day on which it would be wrong.
CREATE TABLE wall.point (
  id            bigint PRIMARY KEY,
  supply_point  text COLLATE "C" NOT NULL UNIQUE CHECK (supply_point ~ '^[0-9]{22}$'),
  customer_code text COLLATE "C" NOT NULL CHECK (customer_code ~ '^[0-9]{14}$'),
  holder_id     int,
  held_from     date,
  held_to       date,
  due_on        date
);
CREATE INDEX ON wall.point (customer_code);
CREATE INDEX ON wall.point (due_on) WHERE due_on IS NOT NULL;

-- Segments of supply as now recorded, derived from points.supply: whose a period is.
CREATE TABLE wall.holding (
  point     bigint    NOT NULL,
  holder_id int       NOT NULL,
  held      daterange NOT NULL CHECK (NOT isempty(held)),
  EXCLUDE USING gist (int8range(point, point, '[]') WITH &&, held WITH &&)
);
CREATE INDEX ON wall.holding (point);

-- The only thing a policy reads. One row per ticket that is open now; small, hot, unpartitioned.
CREATE TABLE wall.live_ticket (
  receipt    text        COLLATE "C" PRIMARY KEY,
  day        date        NOT NULL,
  xid        xid8        NOT NULL,
  proof_hash bytea       NOT NULL,
  login      text        NOT NULL,
  viewer_org int         NOT NULL,
  opened     timestamptz NOT NULL,
  expires    timestamptz NOT NULL,
  kind       text        NOT NULL,
  action     text,
  a bigint[], b bigint[], c bigint[], d bigint[], e bigint[], f bigint[],
  g bigint[], h bigint[], i bigint[], j bigint[], s bigint[],
  spans      int8multirange                           -- periods, point by point (see wall.granted_spans)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200,
        autovacuum_analyze_scale_factor = 0.5);

-- Purposes that hold now, by sign-in and customer code; the record of each is in log.purpose.
CREATE TABLE wall.stated_purpose (
  session   bigint      NOT NULL,
  scope     text        COLLATE "C" NOT NULL,
  code      text        NOT NULL,
  reference text        NOT NULL,
  verified  boolean     NOT NULL,
  receipt   text        COLLATE "C" NOT NULL,
  expires   timestamptz NOT NULL,
  PRIMARY KEY (session, scope)
);

-- What the opening functions know of the asker at this moment.
CREATE TYPE wall.admission AS (
  day date, at timestamptz, business_at timestamptz, today date,
  session bigint, proof_hash bytea, appointment bigint, person int, person_code text, person_name text,
  employer int, employer_name text, organisation int, organisation_code text, organisation_name text,
  organisation_kind text, duty text, terminal text,
  screen text, screen_version int, screen_kind text, screen_view text, screen_classes text[], screen_actions text[],
  rule_version int, came_from text, came_screen text,
  purpose_code text, purpose_reference text, purpose_verified boolean, purpose_receipt text
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['point', 'holding', 'cases', 'session', 'one_time_link', 'live_ticket',
                           'stated_purpose'] LOOP
    EXECUTE format('ALTER TABLE wall.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE wall.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
GRANT USAGE, CREATE ON SCHEMA wall TO opener, effector;
GRANT USAGE ON SCHEMA wall TO authn, ticketer, reader_network, reader_retailer, writer, batch, bank, surveyor,
  sequencer, migrator;
RESET ROLE;

-- Search keys. Owned by searcher, without row security, granted to nobody: the one listed exemption, since
-- array containment is not leakproof and a policy would keep the index from being used. Every row carries
-- the stamp, and the one function that reads the table filters by it before its limit.
CREATE SCHEMA search AUTHORIZATION searcher;
SET LOCAL ROLE searcher;
CREATE TABLE search.entry (
  list      text   NOT NULL,                          -- kana: party names; notice: mandate notices, newest first
  sort_key  text   COLLATE "C" NOT NULL,
  point     bigint NOT NULL,
  grams     text[] NOT NULL DEFAULT '{}',
  holder_id int,
  held_from date,
  held_to   date,
  PRIMARY KEY (list, point)
);
CREATE INDEX ON search.entry (list, sort_key, point);
CREATE INDEX ON search.entry (list, holder_id, sort_key, point);
CREATE INDEX ON search.entry USING gin (grams);
GRANT USAGE ON SCHEMA search TO opener, effector;
RESET ROLE;

SET LOCAL ROLE owner;
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT n.nspname, c.relname, a.attname,
       CASE WHEN n.nspname = 'log' THEN 'record'
            WHEN c.relname IN ('point', 'holding', 'entry') AND a.attname IN ('holder_id', 'held_from', 'held_to', 'held', 'due_on') THEN 'stamp'
            WHEN c.relname IN ('point', 'holding', 'live_ticket') THEN 'key'
            WHEN c.relname = 'cases' AND a.attname = 'customer_code' THEN 'key'
            WHEN c.relname = 'entry' AND a.attname IN ('sort_key', 'grams') THEN 'C'
            WHEN c.relname = 'entry' THEN 'key'
            WHEN c.relname IN ('session', 'one_time_link', 'stated_purpose') THEN 'key'
            ELSE 'open' END
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE n.nspname IN ('log', 'wall', 'search') AND c.relkind IN ('r', 'p') AND NOT c.relispartition;
RESET ROLE;
