-- 閲覧記録: who asked for whom, on which screen, for what purpose, and what was then shown.
-- Append-only by privilege: nobody holds UPDATE, DELETE or TRUNCATE, and the owner cannot log in.
-- `day` is the JST day of the real clock; `business_at` carries the shifted clock of a demo home.
CREATE SCHEMA log AUTHORIZATION owner;
SET LOCAL ROLE owner;

CREATE TABLE log.ticket (
  day               date        NOT NULL,
  receipt           text        COLLATE "C" NOT NULL,
  request           uuid        NOT NULL,
  xid               xid8        NOT NULL,
  at                timestamptz NOT NULL,
  business_at       timestamptz NOT NULL,
  kind              text        NOT NULL CHECK (kind IN ('look', 'search', 'write', 'statement', 'log')),
  session           bigint      NOT NULL,
  terminal          text,
  person            int         NOT NULL,
  appointment       bigint      NOT NULL,
  employer          int         NOT NULL,
  organisation      int         NOT NULL,           -- the employer, or the principal a contractor works for
  duty              text        NOT NULL,
  screen            text        NOT NULL,
  screen_version    int         NOT NULL,
  came_from         text        COLLATE "C",        -- receipt, only when it is this sign-in's own
  came_screen       text,
  action            text,                           -- of a write
  purpose_code      text,
  purpose_reference text,
  purpose_verified  boolean,
  purpose_receipt   text        COLLATE "C",
  decision          text        NOT NULL CHECK (decision IN ('shown', 'hidden', 'purpose-needed', 'refused')),
  reason            text        NOT NULL,           -- for compliance only, never for the asker
  rule_version      int         NOT NULL,
  argument_hash     bytea       NOT NULL,
  PRIMARY KEY (day, receipt),
  UNIQUE (day, request)
) PARTITION BY RANGE (day);

CREATE TABLE log.subject (
  day           date     NOT NULL,
  receipt       text     COLLATE "C" NOT NULL,
  no            int      NOT NULL,
  point         bigint,                             -- null: no such point
  supply_point  text     COLLATE "C",               -- 22 digits
  holder        int,                                -- supplier at that moment, null = vacant or absent
  held_from     date,
  relation      text     NOT NULL CHECK (relation IN ('any', 'own', 'past', 'foreign', 'vacant', 'absent')),
  granted       text[]   NOT NULL,
  refused       text[]   NOT NULL,
  period        datemultirange,                     -- for classes whose facts carry a period
  PRIMARY KEY (day, receipt, no)
) PARTITION BY RANGE (day);

CREATE TABLE log.outcome (
  day      date        NOT NULL,
  receipt  text        COLLATE "C" NOT NULL,
  at       timestamptz NOT NULL,
  rows     int         NOT NULL CHECK (rows >= 0),
  classes  text[]      NOT NULL,
  points   bigint[]    NOT NULL,                    -- of whom something was rendered
  digest   bytea       NOT NULL,                    -- SHA-256 of the bytes that left
  PRIMARY KEY (day, receipt)
) PARTITION BY RANGE (day);

-- What was typed may hold a name: apart from the record, so that it can be erased and the record stays whole.
CREATE TABLE log.payload (
  day      date NOT NULL,
  receipt  text COLLATE "C" NOT NULL,
  typed    text NOT NULL,
  PRIMARY KEY (day, receipt)
) PARTITION BY RANGE (day);

-- 利用目的の申告: holds for one sign-in and one customer code ('*' = lists and searches) until it expires.
CREATE TABLE log.purpose (
  day        date        NOT NULL,
  receipt    text        COLLATE "C" NOT NULL,
  session    bigint      NOT NULL,
  scope      text        COLLATE "C" NOT NULL,
  code       text        NOT NULL,
  reference  text        NOT NULL,
  verified   boolean     NOT NULL,
  at         timestamptz NOT NULL,
  expires    timestamptz NOT NULL,
  PRIMARY KEY (day, receipt)
) PARTITION BY RANGE (day);

CREATE TABLE log.alarm (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind     text NOT NULL,
  receipt  text COLLATE "C",
  detail   text NOT NULL
);

-- Only the open of a ticket needs a durable commit; a missing outcome counts as shown.
-- The setting of a function ends with the function, so it is made at the end of the transaction.
CREATE FUNCTION log.make_durable() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'on', true);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER durable AFTER INSERT ON log.ticket
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION log.make_durable();

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['ticket', 'subject', 'outcome', 'payload', 'purpose', 'alarm'] LOOP
    EXECUTE format('ALTER TABLE log.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE log.%I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA log TO opener, effector, surveyor, sequencer;
RESET ROLE;
