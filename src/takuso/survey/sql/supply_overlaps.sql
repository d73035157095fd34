CREATE OR REPLACE TEMP TABLE history AS
SELECT
    hash(customer) AS customer,
    hash(retailer) AS retailer,
    day_number("from") AS from_day,
    coalesce(day_number("to"), 2147483647) AS to_day,
    coalesce(instant_us(known_from), -9223372036854775807) AS known_from,
    coalesce(instant_us(known_to), 9223372036854775807) AS known_to,
    file_row_number AS row_number
FROM read_parquet($supply, hive_partitioning = false);

SELECT one.row_number, other.row_number
FROM history AS one
JOIN history AS other USING (customer)
WHERE one.row_number < other.row_number
    AND (one.retailer, one.from_day, one.to_day) <> (other.retailer, other.from_day, other.to_day)
    AND greatest(one.from_day, other.from_day) < least(one.to_day, other.to_day)
    AND greatest(one.known_from, other.known_from) < least(one.known_to, other.known_to)
ORDER BY ALL
LIMIT 1;
