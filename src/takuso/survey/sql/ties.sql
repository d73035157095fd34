-- Records of one session with the same time and screen: customer, action and terminal decide their order.
CREATE OR REPLACE TABLE ties AS
SELECT session_id, at_us, screen
FROM session_rows
GROUP BY session_id, at_us, screen
HAVING count(*) > 1 AND bool_or(rid IN (SELECT rid FROM asked));
