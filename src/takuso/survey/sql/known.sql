-- then_in, now_in: whether the record is in as known at its view, and as known now.
CREATE OR REPLACE TABLE /*records*/ AS
SELECT
    f.* EXCLUDE (action, terminal),
    v.person,
    t.retailer AS then_holder,
    t.from_day AS then_from,
    n.retailer AS now_holder,
    n.from_day AS now_from,
    true AS then_in,
    true AS now_in
FROM fresh AS f
LEFT JOIN viewers AS v USING (user_id, day)
LEFT JOIN (SELECT place, retailer, from_day FROM holders WHERE is_then) AS t ON f.rowid = t.place
LEFT JOIN (SELECT place, retailer, from_day FROM holders WHERE is_now) AS n ON f.rowid = n.place;
