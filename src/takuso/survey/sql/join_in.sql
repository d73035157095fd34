CREATE OR REPLACE TABLE records AS
SELECT * FROM records
UNION ALL BY NAME
SELECT n.* REPLACE (
    coalesce(n.then_in AND n.at_us > s.then_at, false) AS then_in,
    coalesce(n.now_in AND n.at_us > s.now_at, false) AS now_in
)
FROM arrivals AS n
JOIN seen AS s USING (session_id, customer)
WHERE coalesce(n.then_in AND n.at_us > s.then_at, false) OR coalesce(n.now_in AND n.at_us > s.now_at, false);
