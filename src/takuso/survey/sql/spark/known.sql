-- then_in, now_in: whether the record is in as known at its view, and as known now. Who the viewer worked for goes
-- along with the record.
CREATE OR REPLACE TABLE /*records*/ AS
SELECT
    f.rid,
    f.at_us,
    f.day,
    f.user_id,
    f.session_id,
    f.screen,
    f.customer,
    v.person,
    v.employers,
    v.connected,
    h.then_holder,
    h.then_from,
    h.now_holder,
    h.now_from,
    f.came_from,
    true AS then_in,
    true AS now_in
FROM fresh AS f
LEFT JOIN viewers AS v ON v.user_id = f.user_id AND v.day = f.day
LEFT JOIN holders AS h ON h.rid = f.rid;
