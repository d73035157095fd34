SELECT one.row_number, other.row_number
FROM people AS one
JOIN people AS other USING (user_id)
WHERE one.row_number < other.row_number
    AND one.person_id <> other.person_id
    AND greatest(one.from_day, other.from_day) < least(one.to_day, other.to_day)
ORDER BY ALL
LIMIT /*most*/;
