-- Days on which a point, as now known, had no holder between two periods.
WITH now AS (
    SELECT hash(customer) AS point, day_number("from") AS from_day, day_number("to") AS to_day, file_row_number AS row_number
    FROM read_parquet($table, hive_partitioning = false)
    WHERE known_to IS NULL
)
SELECT row_number, gap
FROM (
    SELECT row_number, from_day - lag(to_day) OVER (PARTITION BY point ORDER BY from_day, row_number) AS gap FROM now
)
WHERE gap > 0
ORDER BY row_number;
