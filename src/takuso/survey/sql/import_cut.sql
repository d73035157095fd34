-- A period that goes on past the start of the next one of its point ends there. Corrected rows stay as they are.
SELECT row_number, next_from
FROM (
    SELECT
        row_number,
        to_day,
        from_day,
        min(from_day) OVER (PARTITION BY customer ORDER BY from_day RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
            AS next_from
    FROM (
        SELECT
            customer,
            day_number("from") AS from_day,
            coalesce(day_number("to"), 2147483647) AS to_day,
            file_row_number AS row_number
        FROM read_parquet($table, hive_partitioning = false)
        WHERE known_from IS NULL AND known_to IS NULL
    )
    WHERE row_number NOT IN (SELECT unnest($bad))
)
WHERE next_from < to_day;
