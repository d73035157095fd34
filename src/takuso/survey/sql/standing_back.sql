(session_id, customer) IN (
    SELECT session_id, customer FROM hopeful JOIN chains USING (session_id) WHERE first_day < /*day*/
)
