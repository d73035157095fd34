-- `pairs` has rows whose points and days seem to meet; the rows themselves decide.
CREATE OR REPLACE TABLE meeting AS
SELECT
    file_row_number AS row_number,
    customer,
    retailer,
    day_number("from") AS from_day,
    coalesce(day_number("to"), 2147483647) AS to_day,
    coalesce(instant_us(known_from), -9223372036854775807) AS known_from,
    coalesce(instant_us(known_to), 9223372036854775807) AS known_to
FROM read_parquet($supply, hive_partitioning = false)
WHERE file_row_number IN (SELECT one FROM pairs UNION SELECT other FROM pairs);

SELECT least(pairs.one, pairs.other), greatest(pairs.one, pairs.other)
FROM pairs
JOIN meeting AS one ON one.row_number = pairs.one
JOIN meeting AS other ON other.row_number = pairs.other
WHERE one.customer = other.customer
    AND (one.retailer, one.from_day, one.to_day) <> (other.retailer, other.from_day, other.to_day)
    AND greatest(one.from_day, other.from_day) < least(one.to_day, other.to_day)
    AND greatest(one.known_from, other.known_from) < least(one.known_to, other.known_to)
ORDER BY ALL
LIMIT /*most*/;
