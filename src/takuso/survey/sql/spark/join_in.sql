CREATE OR REPLACE TABLE records AS
SELECT * FROM records
UNION ALL
SELECT
    n.* EXCEPT (then_in, now_in),
    coalesce(n.then_in AND n.at_us > s.then_at, false) AS then_in,
    coalesce(n.now_in AND n.at_us > s.now_at, false) AS now_in
FROM arrivals AS n
JOIN seen AS s ON s.session_id = n.session_id AND s.customer = n.customer
WHERE coalesce(n.then_in AND n.at_us > s.then_at, false) OR coalesce(n.now_in AND n.at_us > s.now_at, false);
