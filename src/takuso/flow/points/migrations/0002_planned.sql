-- 決まった異動: days on which a supplier's period ends or begins and the effect is still to come. Present supply counts
-- to the first of them only: when the effect is late the wall is closed, never open.
SET LOCAL ROLE owner;
CREATE TABLE points.planned (
  application bigint PRIMARY KEY,                    -- of the reception
  point       bigint NOT NULL REFERENCES wall.point,
  day         date   NOT NULL
);
CREATE INDEX ON points.planned (point);
ALTER TABLE points.planned ENABLE ROW LEVEL SECURITY;
ALTER TABLE points.planned FORCE ROW LEVEL SECURITY;
INSERT INTO wall.register (schema_name, table_name, column_name, class) VALUES
  ('points', 'planned', 'application', 'key'), ('points', 'planned', 'point', 'key'), ('points', 'planned', 'day', 'stamp');
RESET ROLE;
