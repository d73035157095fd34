-- A session that began on an earlier day: its last record there.
UPDATE before SET previous = last.screen
FROM (
    SELECT session_id, arg_max(screen, (epoch_us("at"), screen)) AS screen
    FROM read_parquet($earlier, hive_partitioning = false, union_by_name = /*mixed*/)
    WHERE session_id IN (SELECT session_id FROM before WHERE previous IS NULL)
    GROUP BY session_id
) AS last
WHERE before.session_id = last.session_id AND before.previous IS NULL;
