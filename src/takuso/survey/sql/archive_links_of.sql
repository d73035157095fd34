-- Those of a day.
SELECT code, CAST(first_day AS BIGINT) * 4294967296 + first_code AS session, previous
FROM links
WHERE day = /*day*/
ORDER BY code;
