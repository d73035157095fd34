-- From when on a session has a record in the set for a customer, as known then and as known now.
CREATE OR REPLACE TABLE seen AS
SELECT
    session_id,
    customer,
    min(at_us) FILTER (WHERE then_in) AS then_at,
    min(at_us) FILTER (WHERE now_in) AS now_at
FROM records
WHERE then_in OR now_in
GROUP BY session_id, customer;
