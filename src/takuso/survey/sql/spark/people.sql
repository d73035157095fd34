-- The source as views, with the same columns as DuckDB reads them: instants are microseconds since 1970 UTC, days are
-- days since 1970, JST. Its files stand in log_files, people_file and supply_file.
CREATE OR REPLACE TABLE people AS
SELECT
    user_id,
    person_id,
    org,
    contractor_of,
    coalesce(unix_date(`from`), CAST(-2147483648 AS INT)) AS from_day,
    coalesce(unix_date(`to`), 2147483647) AS to_day
FROM people_file;

CREATE OR REPLACE VIEW supply AS
SELECT
    customer,
    retailer,
    unix_date(`from`) AS from_day,
    coalesce(unix_date(`to`), 2147483647) AS to_day,
    known_from,
    known_to
FROM supply_file;

-- `rid` names a row of the log: file and row.
CREATE OR REPLACE VIEW log AS
SELECT /*+ BROADCAST(n) */
    coalesce(n.number, CAST(raise_error('a log file without a number') AS BIGINT)) * 1099511627776 + l.row_index AS rid,
    l.at_us,
    CAST((l.at_us + 32400000000) div 86400000000 AS INT) AS day,
    l.user_id,
    l.session_id,
    l.screen,
    l.came_from,
    l.customer,
    l.action,
    l.terminal
FROM log_files AS l
LEFT JOIN log_numbers AS n ON l.file_path = n.file_path;
