-- Equal records once, with the facts about each; ordered by all of them, so that the same gives the same bytes.
SELECT
    timestamp_micros(at_us) AS `at`,
    user_id, session_id, screen, came_from, customer,
    count(*) AS records,
    person,
    posts,
    then_retailer,
    CASE WHEN then_from < 2147483647 THEN date_add(DATE '1970-01-01', then_from) END AS then_from,
    CASE WHEN then_to < 2147483647 THEN date_add(DATE '1970-01-01', then_to) END AS then_to,
    timestamp_micros(then_known_from) AS then_known_from,
    timestamp_micros(then_known_to) AS then_known_to,
    now_retailer,
    CASE WHEN now_from < 2147483647 THEN date_add(DATE '1970-01-01', now_from) END AS now_from,
    CASE WHEN now_to < 2147483647 THEN date_add(DATE '1970-01-01', now_to) END AS now_to,
    timestamp_micros(now_known_from) AS now_known_from,
    then_in,
    now_in
FROM (
    SELECT
        r.at_us, r.user_id, r.session_id, r.screen, r.came_from, r.customer, r.person,
        coalesce(p.posts, CAST(array() AS ARRAY<STRING>)) AS posts,
        r.then_holder AS then_retailer, r.then_from, t.to_day AS then_to,
        t.known_from AS then_known_from, t.known_to AS then_known_to,
        r.now_holder AS now_retailer, r.now_from, n.to_day AS now_to, n.known_from AS now_known_from,
        r.then_in, r.now_in
    FROM records AS r
    LEFT JOIN posts AS p ON p.user_id = r.user_id AND p.day = r.day
    LEFT JOIN stretches_then AS t ON t.rid = r.rid
    LEFT JOIN stretches_now AS n ON n.rid = r.rid
)
GROUP BY
    at_us, user_id, session_id, screen, came_from, customer, person, posts, then_retailer, then_from, then_to,
    then_known_from, then_known_to, now_retailer, now_from, now_to, now_known_from, then_in, now_in
ORDER BY
    at_us, user_id, session_id, screen, came_from NULLS FIRST, customer, records, person NULLS FIRST, posts,
    then_retailer NULLS FIRST, then_from NULLS FIRST, then_to NULLS FIRST, then_known_from NULLS FIRST,
    then_known_to NULLS FIRST, now_retailer NULLS FIRST, now_from NULLS FIRST, now_to NULLS FIRST,
    now_known_from NULLS FIRST, then_in, now_in;
