SELECT user_id, person_id, org, contractor_of, from_day, to_day FROM people ORDER BY ALL;
