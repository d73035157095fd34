NOT EXISTS (SELECT 1 FROM records AS r WHERE r.rid = log.rid)
