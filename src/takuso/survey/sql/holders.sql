-- Who held the point: as known at the view, and as known now. Dates are compared as they stand in the file, so that
-- nothing is computed for supply periods that do not match; those that touch no day of a view are left out by
-- constants, for which whole row groups may be passed over.
SET VARIABLE first_view = (SELECT DATE '1970-01-01' + min(day) FROM fresh);

SET VARIABLE last_view = (SELECT DATE '1970-01-01' + max(day) FROM fresh);

CREATE OR REPLACE TABLE holders AS
SELECT * FROM (
    SELECT
        f.place,
        s.retailer,
        day_number(s."from") AS from_day,
        s.known_to IS NULL AS is_now,
        (s.known_from IS NULL OR instant_us(s.known_from) <= f.at_us)
            AND (s.known_to IS NULL OR f.at_us < instant_us(s.known_to)) AS is_then
    FROM read_parquet($supply, hive_partitioning = false) AS s
    JOIN (SELECT rowid AS place, at_us, customer, DATE '1970-01-01' + day AS day FROM fresh) AS f
        ON f.customer = s.customer
    WHERE s."from" <= getvariable('last_view') AND (s."to" IS NULL OR getvariable('first_view') < s."to")
        AND s."from" <= f.day AND (s."to" IS NULL OR f.day < s."to")
)
WHERE is_then OR is_now;
