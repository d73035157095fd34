-- Search keys by kind of search. Each kind is a partition: terms of one kind are rare or common among themselves, and
-- the planner chooses between the index of terms and the index of the order by the figures of that kind alone.
-- The functions of the wall are living SQL; those of the former table go here, since their arguments change.
SET LOCAL ROLE opener;
DROP FUNCTION IF EXISTS wall.open_search(bytea, date, uuid, text, text, text, text, text, text[], text, text, boolean);
RESET ROLE;
SET LOCAL ROLE effector;
DO $$
BEGIN
  IF to_regnamespace('points') IS NOT NULL THEN
    DROP FUNCTION IF EXISTS points.index_entries(jsonb), points.expected_entries(bigint[], date),
      points.restamp_entries(bigint[], date);
  END IF;
END $$;
RESET ROLE;
SET LOCAL ROLE searcher;
DROP FUNCTION IF EXISTS search.find(text, text[], text, int, date, text, bigint, int), search.key_of(text, bigint),
  search.put_entries(jsonb), search.stamp_entries(text, bigint[], int[], date[], date[]), search.entry_stamps(text);
DROP TABLE search.entry;
CREATE TABLE search.entry (
  list      text   NOT NULL,                          -- kind of search, or notice: mandate notices, newest first
  point     bigint NOT NULL,
  sort_key  text   COLLATE "C" NOT NULL,              -- kana of the name; of notices the day, counted down
  number    text   COLLATE "C",                       -- supply point number: the order for whom names are hidden
  words     text   COLLATE "C",                       -- what terms are looked for in; of kana it is the sort key
  grams     text[] NOT NULL DEFAULT '{}',
  holder_id int,
  held_from date,
  held_to   date,
  PRIMARY KEY (list, point)
) PARTITION BY LIST (list);
CREATE TABLE search.entry_kana PARTITION OF search.entry FOR VALUES IN ('kana');
CREATE TABLE search.entry_name PARTITION OF search.entry FOR VALUES IN ('name');
CREATE TABLE search.entry_phone PARTITION OF search.entry FOR VALUES IN ('phone');
CREATE TABLE search.entry_address PARTITION OF search.entry FOR VALUES IN ('address');
CREATE TABLE search.entry_meter PARTITION OF search.entry FOR VALUES IN ('meter');
CREATE TABLE search.entry_pole PARTITION OF search.entry FOR VALUES IN ('pole');
CREATE TABLE search.entry_notice PARTITION OF search.entry FOR VALUES IN ('notice');

-- A number of a phone or a meter finds few: those lists are sorted when asked. The others have their order ready.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['kana', 'name', 'address', 'pole', 'notice'] LOOP
    EXECUTE format('CREATE INDEX ON search.entry_%s (sort_key, point)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['kana', 'name', 'address', 'notice'] LOOP
    EXECUTE format('CREATE INDEX ON search.entry_%s (holder_id, sort_key, point) INCLUDE (held_from, held_to)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['address', 'pole'] LOOP
    EXECUTE format('CREATE INDEX ON search.entry_%s (number, point)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['kana', 'name', 'phone', 'address', 'meter', 'pole'] LOOP
    EXECUTE format('CREATE INDEX ON search.entry_%s USING gin (grams) WITH (fastupdate = off)', t);
  END LOOP;
END $$;

RESET ROLE;

SET LOCAL ROLE owner;
-- By which spelling of the keys the entries were made: another one makes them anew at the deployment.
CREATE TABLE wall.search_spelling (one boolean PRIMARY KEY DEFAULT true CHECK (one), version int NOT NULL);
DELETE FROM wall.register WHERE schema_name = 'search';
INSERT INTO wall.register (schema_name, table_name, column_name, class) VALUES
  ('search', 'entry', 'list', 'key'), ('search', 'entry', 'point', 'key'), ('search', 'entry', 'sort_key', 'C'),
  ('search', 'entry', 'number', 'key'), ('search', 'entry', 'words', 'C'), ('search', 'entry', 'grams', 'C'),
  ('search', 'entry', 'holder_id', 'stamp'), ('search', 'entry', 'held_from', 'stamp'),
  ('search', 'entry', 'held_to', 'stamp'), ('wall', 'search_spelling', 'one', 'open'),
  ('wall', 'search_spelling', 'version', 'open');
RESET ROLE;
