-- stretches
-- The supply periods that the holders of these records stand in, with when they were known.
CREATE OR REPLACE TABLE stretches AS
SELECT
    customer,
    retailer,
    day_number("from") AS from_day,
    coalesce(day_number("to"), 2147483647) AS to_day,
    instant_us(known_from) AS known_from,
    instant_us(known_to) AS known_to
FROM read_parquet($supply, hive_partitioning = false)
WHERE customer IN (SELECT customer FROM records);

CREATE OR REPLACE TABLE stretches_then AS
SELECT r.rid, min(s.to_day) AS to_day, min(s.known_from) AS known_from, max(s.known_to) AS known_to
FROM records AS r
JOIN stretches AS s ON s.customer = r.customer AND s.retailer = r.then_holder AND s.from_day = r.then_from
WHERE (s.known_from IS NULL OR s.known_from <= r.at_us) AND (s.known_to IS NULL OR r.at_us < s.known_to)
    AND r.day < s.to_day
GROUP BY r.rid;

CREATE OR REPLACE TABLE stretches_now AS
SELECT r.rid, min(s.to_day) AS to_day, min(s.known_from) AS known_from
FROM records AS r
JOIN stretches AS s ON s.customer = r.customer AND s.retailer = r.now_holder AND s.from_day = r.now_from
WHERE s.known_to IS NULL AND r.day < s.to_day
GROUP BY r.rid;

CREATE OR REPLACE TABLE posts AS
SELECT
    v.user_id,
    v.day,
    list_sort(list(DISTINCT p.org || coalesce('>' || p.contractor_of, ''))) AS posts
FROM (SELECT DISTINCT user_id, day FROM records) AS v
JOIN people AS p ON p.user_id = v.user_id AND v.day >= p.from_day AND v.day < p.to_day
GROUP BY v.user_id, v.day;

CREATE OR REPLACE MACRO as_day(number) AS
    CASE WHEN number < 2147483647 THEN DATE '1970-01-01' + CAST(number AS INTEGER) END;
