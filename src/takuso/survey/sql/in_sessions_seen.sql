session_id IN (SELECT session_id FROM seen) AND (/*where*/)
