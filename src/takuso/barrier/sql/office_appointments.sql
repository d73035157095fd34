-- Every appointment of one person that was ever recorded.
SELECT code, name, own, id, employer, employer_name, principal, principal_name, duty, since, until, recorded_from,
       recorded_to, superseded_by, reason, receipt, stands, held_then, held_now
  FROM wall.office_appointments(%(person)s, %(at)s)
