-- Who held the point: as known at the view, and as known now. A source may hold the same supply row more than once.
CREATE OR REPLACE VIEW holders AS
SELECT
    rid,
    max(retailer) FILTER (WHERE is_then) AS then_holder,
    max(from_day) FILTER (WHERE is_then) AS then_from,
    max(retailer) FILTER (WHERE is_now) AS now_holder,
    max(from_day) FILTER (WHERE is_now) AS now_from
FROM (
    SELECT
        f.rid,
        s.retailer,
        s.from_day,
        s.known_to IS NULL AS is_now,
        (s.known_from IS NULL OR s.known_from <= f.at_us) AND (s.known_to IS NULL OR f.at_us < s.known_to) AS is_then
    FROM supply AS s
    JOIN fresh AS f ON f.customer = s.customer
    WHERE s.from_day <= f.day AND f.day < s.to_day
)
WHERE is_then OR is_now
GROUP BY rid;
