-- The last screen of each session of a day; the place in this order is the session's code.
SELECT session_id, arg_max(screen, (at_us, screen)) AS screen
FROM raw
GROUP BY session_id
ORDER BY session_id;
