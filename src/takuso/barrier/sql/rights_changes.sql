-- What is different since the first moment of a day: appointments by when they hold, corrections and rules by when they
-- were recorded.
WITH moment AS (
  SELECT m.at, %(from_day)s::date::timestamp AT TIME ZONE 'Asia/Tokyo' AS since FROM wall.log_moments(NULL) m WHERE m.answer = 'now'
), appointment AS (
  SELECT a.*, m.since AS asked, m.at AS now FROM moment m JOIN wall.appointment a ON true
), told AS (
  SELECT 'began' AS change, a.* FROM appointment a WHERE a.recorded_to = 'infinity' AND lower(a.valid) >= a.asked AND lower(a.valid) <= a.now
  UNION ALL
  SELECT 'ended', a.* FROM appointment a WHERE a.recorded_to = 'infinity' AND upper(a.valid) >= a.asked AND upper(a.valid) <= a.now
  UNION ALL
  SELECT 'late', a.* FROM appointment a WHERE a.recorded_to = 'infinity' AND a.recorded_from >= a.asked AND lower(a.valid) < a.asked
  UNION ALL
  SELECT 'corrected', a.* FROM appointment a WHERE a.recorded_to <> 'infinity' AND a.recorded_to >= a.asked
)
SELECT t.change, CASE t.change WHEN 'began' THEN lower(t.valid) WHEN 'ended' THEN upper(t.valid) WHEN 'late' THEN t.recorded_from
                               ELSE t.recorded_to END AS at,
       p.code AS subject, p.name AS name, o.name AS organisation, t.duty, '' AS what
  FROM told t
  JOIN wall.person p ON p.id = t.person
  JOIN wall.org o ON o.id = coalesce(t.principal, t.employer)
UNION ALL
SELECT 'rule-added', r.recorded_from, r.key, '', '', r.duty, r.verdict
  FROM moment m JOIN wall.rule r ON r.recorded_from >= m.since
UNION ALL
SELECT 'rule-retired', r.recorded_to, r.key, '', '', r.duty, r.verdict
  FROM moment m JOIN wall.rule r ON r.recorded_to >= m.since AND r.recorded_to <> 'infinity'
 ORDER BY at DESC, change, subject
