-- 手元の案件: a case that somebody took with 次へ, so that nobody else gets it meanwhile. A sign-in has one at most.
SET LOCAL ROLE owner;
CREATE TABLE reception.taken (
  application bigint      PRIMARY KEY REFERENCES reception.application,
  person      int         NOT NULL REFERENCES wall.person,
  session     bytea       NOT NULL,                   -- hash of the sign-in's proof, as wall.session has it
  until       timestamptz NOT NULL                    -- by the real clock; then it is free again
);
CREATE INDEX ON reception.taken (session);
ALTER TABLE reception.taken ENABLE ROW LEVEL SECURITY;
ALTER TABLE reception.taken FORCE ROW LEVEL SECURITY;
INSERT INTO wall.register (schema_name, table_name, column_name, class) VALUES
  ('reception', 'taken', 'application', 'key'), ('reception', 'taken', 'person', 'key'),
  ('reception', 'taken', 'session', 'key'), ('reception', 'taken', 'until', 'G');
RESET ROLE;
