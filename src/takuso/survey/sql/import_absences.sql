-- Days on which a person had no affiliation between two.
WITH spans AS (
    SELECT
        person_id,
        from_day,
        row_number,
        max(to_day) OVER (
            PARTITION BY person_id ORDER BY from_day, row_number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered
    FROM people
)
SELECT row_number, from_day - covered AS gap FROM spans WHERE covered < from_day ORDER BY row_number;
