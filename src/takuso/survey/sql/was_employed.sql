(user_id, day) IN (
    SELECT user_id, day FROM viewers WHERE coalesce(list_contains(/*whose*/, /*organisation*/), false)
)
