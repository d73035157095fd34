-- I 応対履歴, the newest first.
SELECT contact_note.point, contact_note.noted_on, contact_note.subject, contact_note.body
  FROM points.contact_note
 WHERE contact_note.point = ANY (%(points)s::bigint[])
 ORDER BY contact_note.point, contact_note.noted_on DESC, contact_note.id DESC
