SELECT row_number FROM people WHERE to_day < from_day ORDER BY row_number;
