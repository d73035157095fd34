-- The day in codes, in the order in which it is kept. What the log has not recorded is the record before it in the
-- session; a session that began on an earlier day goes on from its last record there.
SELECT
    s.code AS screen,
    coalesce(v.affiliation, 0) AS affiliation,
    p.code AS customer,
    r.at_us,
    coalesce(v.person, -1) AS person,
    coalesce(o.code, -1) AS origin,
    coalesce(l.session, /*day*/ * 4294967296 + n.code) AS session
FROM raw AS r
JOIN screens AS s ON s.screen = r.screen
JOIN points AS p ON p.customer = r.customer
JOIN (SELECT session_id, file_row_number AS code FROM read_parquet($sessions)) AS n ON n.session_id = r.session_id
LEFT JOIN viewers AS v ON v.user_id = r.user_id
LEFT JOIN before AS b ON b.place = r.rowid
LEFT JOIN (
    SELECT session_id, previous, CAST(first_day AS BIGINT) * 4294967296 + first_code AS session
    FROM links WHERE day = /*day*/
) AS l ON l.session_id = r.session_id
LEFT JOIN screens AS o ON o.screen = coalesce(r.came_from, b.previous, l.previous)
ORDER BY screen, affiliation, customer, at_us, person, origin, session;
