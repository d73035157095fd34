-- Records of the period that may stay.
CREATE OR REPLACE TABLE fresh AS
SELECT rid, at_us, day, user_id, session_id, screen, came_from, customer
FROM log
WHERE (/*where*/) AND (/*condition*/);
