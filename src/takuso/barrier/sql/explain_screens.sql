SELECT m.answer, c.version, c.name, c.view, c.kind, c.classes, c.actions
  FROM asked q
 CROSS JOIN LATERAL wall.log_moments(q.at) m
 CROSS JOIN LATERAL wall.log_screen(q.screen, m.recorded) c
