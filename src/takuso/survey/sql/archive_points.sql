-- The points of the loaded day and their codes, none for those that are new.
CREATE OR REPLACE TABLE points AS
SELECT asked.customer, known.code
FROM (SELECT DISTINCT customer FROM raw) AS asked
LEFT JOIN /*dictionary*/ AS known ON known.customer = asked.customer;

SELECT customer FROM points WHERE code IS NULL ORDER BY customer;
