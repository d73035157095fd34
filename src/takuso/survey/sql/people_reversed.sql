SELECT min(row_number) FROM people WHERE to_day < from_day HAVING count(*) > 0;
