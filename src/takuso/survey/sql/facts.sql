-- Who viewed, and who held the point: as known at the view, and as known now.
CREATE OR REPLACE TABLE periods AS
SELECT
    customer,
    retailer,
    day_number("from") AS from_day,
    coalesce(day_number("to"), 2147483647) AS to_day,
    coalesce(instant_us(known_from), -9223372036854775807) AS known_from,
    instant_us(known_to) AS known_to
FROM read_parquet($supply, hive_partitioning = false)
WHERE customer IN (SELECT customer FROM fresh);

CREATE OR REPLACE TABLE holders AS
SELECT
    rid,
    max(retailer) FILTER (WHERE at_view) AS then_holder,
    max(from_day) FILTER (WHERE at_view) AS then_from,
    max(retailer) FILTER (WHERE known_to IS NULL) AS now_holder,
    max(from_day) FILTER (WHERE known_to IS NULL) AS now_from
FROM (
    SELECT
        f.rid,
        p.retailer,
        p.from_day,
        p.known_to,
        p.known_from <= f.at_us AND (p.known_to IS NULL OR f.at_us < p.known_to) AS at_view
    FROM periods AS p
    JOIN fresh AS f ON f.customer = p.customer AND f.day >= p.from_day AND f.day < p.to_day
)
WHERE at_view OR known_to IS NULL
GROUP BY rid;
