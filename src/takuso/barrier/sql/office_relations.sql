-- 特定関係事業者 and 委託関係, every row that was ever recorded.
SELECT kind, id, one, one_name, other, other_name, since, until, recorded_from, recorded_to, superseded_by, reason,
       receipt, stands
  FROM wall.office_relations()
