-- The supply periods that the holders of these records stand in, with when they were known.
CREATE OR REPLACE VIEW stretches_then AS
SELECT r.rid, min(s.to_day) AS to_day, min(s.known_from) AS known_from, max(s.known_to) AS known_to
FROM records AS r
JOIN supply AS s ON s.customer = r.customer AND s.retailer = r.then_holder AND s.from_day = r.then_from
WHERE (s.known_from IS NULL OR s.known_from <= r.at_us) AND (s.known_to IS NULL OR r.at_us < s.known_to)
    AND r.day < s.to_day
GROUP BY r.rid;

CREATE OR REPLACE VIEW stretches_now AS
SELECT r.rid, min(s.to_day) AS to_day, min(s.known_from) AS known_from
FROM records AS r
JOIN supply AS s ON s.customer = r.customer AND s.retailer = r.now_holder AND s.from_day = r.now_from
WHERE s.known_to IS NULL AND r.day < s.to_day
GROUP BY r.rid;

CREATE OR REPLACE VIEW posts AS
SELECT
    v.user_id,
    v.day,
    sort_array(collect_set(concat(p.org, coalesce(concat('>', p.contractor_of), '')))) AS posts
FROM (SELECT DISTINCT user_id, day FROM records) AS v
JOIN people AS p ON p.user_id = v.user_id AND v.day >= p.from_day AND v.day < p.to_day
GROUP BY v.user_id, v.day;
