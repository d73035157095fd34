-- F 月別使用量, as now recorded, the newest first.
SELECT usage_month.point, usage_month.month, usage_month.energy_wh, usage_month.maximum_w, usage_month.quality,
       lower(usage_month.valid) AS since, upper(usage_month.valid) AS until
  FROM points.usage_month
 WHERE usage_month.point = ANY (%(points)s::bigint[])
   AND usage_month.recorded_to = 'infinity'
 ORDER BY usage_month.point, lower(usage_month.valid) DESC NULLS LAST
