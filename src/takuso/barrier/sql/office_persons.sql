-- Persons with their present appointment, one row an appointment; those without one have a row too.
SELECT code, name, duty, employer_name, organisation_name, more
  FROM wall.office_persons(%(find)s, %(after)s, %(limit)s)
