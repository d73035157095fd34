-- A source may hold the same supply row more than once.
CREATE OR REPLACE TABLE holders AS
SELECT place, is_then, is_now, max(retailer) AS retailer, max(from_day) AS from_day
FROM (
    SELECT place, retailer, from_day, true AS is_then, false AS is_now FROM holders WHERE is_then
    UNION ALL
    SELECT place, retailer, from_day, false AS is_then, true AS is_now FROM holders WHERE is_now
)
GROUP BY place, is_then, is_now;
