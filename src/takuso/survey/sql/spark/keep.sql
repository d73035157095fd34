CREATE OR REPLACE TABLE /*records*/ AS
SELECT * EXCEPT (then_in, now_in), then_in AND (/*then*/) AS then_in, now_in AND (/*now*/) AS now_in
FROM /*records*/
WHERE (then_in AND (/*then*/)) OR (now_in AND (/*now*/));
