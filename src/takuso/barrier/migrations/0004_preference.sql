-- 個人設定: how each person likes the screens. No customer is in it, and nothing that is recorded depends on it.
SET LOCAL ROLE owner;
CREATE TABLE wall.preference (
  person   int  PRIMARY KEY REFERENCES wall.person,
  language text NOT NULL CHECK (language IN ('ja', 'en')),
  enter    text NOT NULL CHECK (enter IN ('submit', 'next')),
  density  text NOT NULL CHECK (density IN ('close', 'middle', 'wide'))
);
INSERT INTO wall.register (schema_name, table_name, column_name, class)
SELECT 'wall', 'preference', c, 'open' FROM unnest(ARRAY['person', 'language', 'enter', 'density']) c;
RESET ROLE;
