-- S 注意情報.
SELECT care_note.point, care_note.kind, care_note.body
  FROM points.care_note
 WHERE care_note.point = ANY (%(points)s::bigint[])
 ORDER BY care_note.point, care_note.id
