-- One row for a person and a contract; `verdict` of each branch tells in which set the record is.
CREATE OR REPLACE TABLE found AS
SELECT
    rid, at_us, session_id, customer, coalesce(came_from, '?') || '>' || screen AS step,
    coalesce(person, '') AS viewer,
    coalesce(customer || '|' || holder || '|' || strftime(DATE '1970-01-01' + from_day, '%Y-%m-%d'), '') AS contract,
    then_verdict, now_verdict
FROM (
    SELECT *, then_holder AS holder, then_from AS from_day, true AS then_verdict, false AS now_verdict
    FROM records WHERE then_in
    UNION ALL BY NAME
    SELECT *, now_holder AS holder, now_from AS from_day, false AS then_verdict, true AS now_verdict
    FROM records WHERE now_in
);

CREATE OR REPLACE TABLE noted AS
SELECT
    viewer,
    contract,
    list(screen || ':' || records ORDER BY screen) AS noted,
    list(screen ORDER BY screen) AS screens
FROM (
    SELECT viewer, contract, screen, sum(records) AS records
    FROM (SELECT DISTINCT viewer, contract, session_id, customer FROM found) AS f
    JOIN notes USING (session_id, customer)
    GROUP BY viewer, contract, screen
)
GROUP BY viewer, contract;

SELECT
    viewer,
    contract,
    min(at_us),
    max(at_us),
    count(DISTINCT rid),
    list_sort(list(DISTINCT step)),
    any_value(noted),
    any_value(screens),
    bool_or(then_verdict),
    bool_or(now_verdict)
FROM found
LEFT JOIN noted USING (viewer, contract)
GROUP BY viewer, contract
ORDER BY viewer, contract;
