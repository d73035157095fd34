-- One row for a person and a contract; the verdict of each branch tells in which set the record is.
CREATE OR REPLACE TABLE found AS
SELECT
    rid, at_us, session_id, customer, concat(coalesce(came_from, '?'), '>', screen) AS step,
    coalesce(person, '') AS viewer,
    coalesce(concat(customer, '|', holder, '|', CAST(date_add(DATE '1970-01-01', from_day) AS STRING)), '') AS contract,
    then_verdict, now_verdict
FROM (
    SELECT rid, at_us, session_id, customer, came_from, screen, person,
        then_holder AS holder, then_from AS from_day, true AS then_verdict, false AS now_verdict
    FROM records WHERE then_in
    UNION ALL
    SELECT rid, at_us, session_id, customer, came_from, screen, person,
        now_holder AS holder, now_from AS from_day, false AS then_verdict, true AS now_verdict
    FROM records WHERE now_in
);

CREATE OR REPLACE VIEW noted AS
SELECT
    viewer,
    contract,
    transform(seen, one -> concat(one.screen, ':', one.records)) AS noted,
    transform(seen, one -> one.screen) AS screens
FROM (
    SELECT viewer, contract, sort_array(collect_list(struct(screen, records))) AS seen
    FROM (
        SELECT f.viewer, f.contract, n.screen, sum(n.records) AS records
        FROM (SELECT DISTINCT viewer, contract, session_id, customer FROM found) AS f
        JOIN notes AS n ON n.session_id = f.session_id AND n.customer = f.customer
        GROUP BY f.viewer, f.contract, n.screen
    )
    GROUP BY viewer, contract
);

SELECT
    f.viewer,
    f.contract,
    min(f.at_us),
    max(f.at_us),
    count(DISTINCT f.rid),
    sort_array(collect_set(f.step)),
    any_value(n.noted),
    any_value(n.screens),
    bool_or(f.then_verdict),
    bool_or(f.now_verdict)
FROM found AS f
LEFT JOIN noted AS n ON n.viewer = f.viewer AND n.contract = f.contract
GROUP BY f.viewer, f.contract
ORDER BY f.viewer, f.contract;
