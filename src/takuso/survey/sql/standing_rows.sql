INSERT INTO found_rows
SELECT /*beside*/, r.day, r.at_us, c.session, r.screen, r.came_from, r.customer, r.person, r.user_id
FROM records AS r
JOIN chains AS c USING (session_id);

INSERT INTO found_viewers
SELECT
    user_id,
    day,
    coalesce(list_sort(list_distinct(employers)), []),
    coalesce(list_sort(list_distinct(connected)), [])
FROM viewers
ANTI JOIN found_viewers USING (user_id, day);
