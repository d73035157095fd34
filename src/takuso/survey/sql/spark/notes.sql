-- Other screens that the same sessions opened for the same customers.
CREATE OR REPLACE VIEW notes AS
SELECT session_id, customer, screen, count(*) AS records
FROM log
WHERE session_id IN (SELECT session_id FROM records) AND (/*where*/)
GROUP BY session_id, customer, screen;
