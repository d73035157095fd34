-- then_in, now_in: whether the record is in as known at its view, and as known now. For nearly all records one supply
-- row tells of both.
CREATE OR REPLACE TABLE /*records*/ AS
SELECT
    f.* EXCLUDE (action, terminal),
    v.person,
    CASE WHEN b.place IS NULL THEN t.retailer ELSE b.retailer END AS then_holder,
    CASE WHEN b.place IS NULL THEN t.from_day ELSE b.from_day END AS then_from,
    CASE WHEN b.place IS NULL THEN n.retailer ELSE b.retailer END AS now_holder,
    CASE WHEN b.place IS NULL THEN n.from_day ELSE b.from_day END AS now_from,
    true AS then_in,
    true AS now_in
FROM fresh AS f
LEFT JOIN viewers AS v USING (user_id, day)
LEFT JOIN (SELECT place, retailer, from_day FROM holders WHERE is_then AND is_now) AS b ON f.rowid = b.place
LEFT JOIN (SELECT place, retailer, from_day FROM holders WHERE is_then AND NOT is_now) AS t ON f.rowid = t.place
LEFT JOIN (SELECT place, retailer, from_day FROM holders WHERE is_now AND NOT is_then) AS n ON f.rowid = n.place;
