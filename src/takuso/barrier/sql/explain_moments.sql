SELECT m.answer, m.at, m.day, m.recorded FROM wall.log_moments(%(at)s::timestamptz) m
