(session_id, customer) IN (SELECT session_id, customer FROM hopeful)
OR session_id IN (SELECT session_id FROM chains WHERE first_day < /*day*/)
