SELECT count(*) FROM session_rows SEMI JOIN ties USING (session_id, at_us, screen) ANTI JOIN fresh USING (rid);
