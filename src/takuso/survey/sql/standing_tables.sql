-- What has been found about a day, in texts: supply periods after each step, records left, and those beside them.
CREATE OR REPLACE TABLE found_contracts (step INTEGER, customer VARCHAR, retailer VARCHAR, from_day INTEGER);

CREATE OR REPLACE TABLE found_rows (
    beside BOOLEAN,
    day INTEGER,
    at_us BIGINT,
    "session" BIGINT,
    screen VARCHAR,
    origin VARCHAR,
    customer VARCHAR,
    person VARCHAR,
    user_id VARCHAR
);

CREATE OR REPLACE TABLE found_viewers (user_id VARCHAR, day INTEGER, employers VARCHAR[], connected VARCHAR[]);
