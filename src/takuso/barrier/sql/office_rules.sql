-- The rows of the table as they are enforced.
SELECT duty, relation, view, class AS data_class, verdict, article, note, since, until, version
  FROM wall.office_rules()
