-- The as-of index: rows of a point stand together, by the day they begin; the same contract stands together.
CREATE OR REPLACE TABLE periods AS
SELECT
    c.code AS point,
    s.retailer,
    day_number(s."from") AS from_day,
    coalesce(day_number(s."to"), 2147483647) AS to_day,
    coalesce(instant_us(s.known_from), -9223372036854775807) AS known_from,
    CASE
        WHEN s.known_to IS NULL THEN 9223372036854775807
        ELSE least(instant_us(s.known_to), 9223372036854775806)
    END AS known_to
FROM read_parquet($supply, hive_partitioning = false) AS s
JOIN read_parquet($customers) AS c ON c.customer = s.customer;

SELECT p.point, p.from_day, r.code AS retailer, p.to_day, p.known_from, p.known_to
FROM periods AS p
JOIN retailers AS r ON r.retailer = p.retailer
ORDER BY ALL;
