-- The visits of which more is wanted.
CREATE OR REPLACE TABLE hopeful AS SELECT DISTINCT session_id, customer FROM records;
