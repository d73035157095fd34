coalesce(array_contains(/*whose*/, /*organisation*/), false)
