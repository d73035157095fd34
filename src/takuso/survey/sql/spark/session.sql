-- Their whole, unfiltered sessions, as far as they lie in the period.
CREATE OR REPLACE VIEW session_rows AS
SELECT rid, session_id, at_us, screen, customer, action, terminal, user_id, came_from
FROM log
WHERE session_id IN (SELECT session_id FROM asked);
