user_id IN (SELECT user_id FROM people WHERE /*organisation*/ IN (org, contractor_of))
