SELECT screen, count(*) FROM log GROUP BY screen ORDER BY screen;
