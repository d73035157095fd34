SELECT m.answer, c.version, c.name, c.view, c.kind, c.classes, c.actions
  FROM wall.log_moments(%(at)s::timestamptz) m
 CROSS JOIN LATERAL wall.log_screen(%(screen)s::text, m.recorded) c
