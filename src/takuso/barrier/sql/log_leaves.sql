SELECT e.index, e.hash, e.record, e.gone FROM log.evidence(%(day)s::date, %(first)s::bigint, %(last)s::bigint) e
