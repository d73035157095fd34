-- Every instant is an integer of microseconds since 1970 UTC, every day an integer of days since 1970, JST.
SET TimeZone = 'UTC';
SET preserve_insertion_order = false;
SET enable_progress_bar = false;
CREATE MACRO jst_day(at_us) AS CAST((at_us + 32400000000) // 86400000000 AS INTEGER);
CREATE MACRO day_number(day) AS CAST(CAST(day AS DATE) - DATE '1970-01-01' AS INTEGER);
-- Nanoseconds are rounded up, which keeps half-open periods right for instants of whole microseconds.
CREATE MACRO instant_us(moment) AS CASE
    WHEN typeof(moment) = 'TIMESTAMP_NS' THEN (epoch_ns(moment) + 999) // 1000 ELSE epoch_us(moment) END;
