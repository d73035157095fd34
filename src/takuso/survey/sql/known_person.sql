SELECT 1 FROM people WHERE org = $code OR contractor_of = $code LIMIT 1;
