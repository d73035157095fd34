-- Records whose predecessor was not recorded.
CREATE OR REPLACE TABLE asked AS
SELECT rid, session_id FROM records WHERE came_from IS NULL AND (/*where*/);
