-- Every instant is an integer of microseconds since 1970 UTC, every day an integer of days since 1970, JST.
SET TimeZone = 'UTC';
SET preserve_insertion_order = false;
SET enable_progress_bar = false;
CREATE MACRO jst_day(at_us) AS CAST((at_us + 32400000000) // 86400000000 AS INTEGER);
CREATE MACRO day_number(day) AS CAST(CAST(day AS DATE) - DATE '1970-01-01' AS INTEGER);
-- Nanoseconds are rounded up, which keeps half-open periods right for instants of whole microseconds. With or without
-- a zone in the type, or of no type where a column is nothing but nulls.
CREATE MACRO instant_us(moment) AS CASE
    WHEN typeof(moment) LIKE 'TIMESTAMP%_NS' THEN (epoch_ns(CAST(moment AS TIMESTAMP_NS)) + 999) // 1000
    ELSE epoch_us(CAST(moment AS TIMESTAMPTZ)) END;
