SELECT DISTINCT screen FROM raw UNION SELECT came_from FROM raw WHERE came_from IS NOT NULL;

SELECT DISTINCT user_id FROM raw;

SELECT screen, count(*) FROM raw GROUP BY screen ORDER BY screen;
