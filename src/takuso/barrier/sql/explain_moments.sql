SELECT m.answer, m.at, m.day, m.recorded FROM asked q CROSS JOIN LATERAL wall.log_moments(q.at) m
