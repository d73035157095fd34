-- In codes; -2 is what the dictionaries do not know.
SELECT
    coalesce(s.code, -2) AS screen,
    coalesce(a.code, 0) AS affiliation,
    coalesce(c.code, -2) AS customer,
    r.at_us,
    CASE WHEN r.person IS NULL THEN -1 ELSE coalesce(p.code, -2) END AS person,
    CASE WHEN r.origin IS NULL THEN -1 ELSE coalesce(o.code, -2) END AS origin,
    r.session,
    r.day
FROM found_rows AS r
LEFT JOIN screens AS s ON s.screen = r.screen
LEFT JOIN screens AS o ON o.screen = r.origin
LEFT JOIN persons AS p ON p.person = r.person
LEFT JOIN points AS c ON c.customer = r.customer
LEFT JOIN affiliations AS a ON a.user_id = r.user_id AND a.day = r.day
WHERE r.beside = /*beside*/;
