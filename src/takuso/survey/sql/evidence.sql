-- evidence
-- Equal records once, with the facts about each; ordered by all of them, so that the same gives the same bytes.
SELECT
    make_timestamptz(r.at_us) AS "at",
    r.user_id,
    r.session_id,
    r.screen,
    r.came_from,
    r.customer,
    count(*) AS records,
    r.person,
    coalesce(p.posts, []) AS posts,
    r.then_holder AS then_retailer,
    as_day(r.then_from) AS then_from,
    as_day(t.to_day) AS then_to,
    make_timestamptz(t.known_from) AS then_known_from,
    make_timestamptz(t.known_to) AS then_known_to,
    r.now_holder AS now_retailer,
    as_day(r.now_from) AS now_from,
    as_day(n.to_day) AS now_to,
    make_timestamptz(n.known_from) AS now_known_from,
    r.then_in,
    r.now_in
FROM records AS r
LEFT JOIN posts AS p USING (user_id, day)
LEFT JOIN stretches_then AS t USING (rid)
LEFT JOIN stretches_now AS n USING (rid)
GROUP BY ALL
ORDER BY ALL NULLS FIRST;
