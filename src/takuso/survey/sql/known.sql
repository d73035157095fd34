-- then_in, now_in: whether the record is in as known at its view, and as known now.
CREATE OR REPLACE TABLE /*records*/ AS
SELECT
    f.*,
    v.person,
    h.then_holder,
    h.then_from,
    h.now_holder,
    h.now_from,
    true AS then_in,
    true AS now_in
FROM fresh AS f
LEFT JOIN viewers AS v USING (user_id, day)
LEFT JOIN holders AS h USING (rid);
