SELECT x.code, x.duties FROM wall.log_moments(NULL) m JOIN wall.action x ON true WHERE m.answer = 'now' ORDER BY x.code
