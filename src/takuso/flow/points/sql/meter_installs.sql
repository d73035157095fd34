-- B 計器取替履歴, the newest first.
SELECT meter_install.point, meter_install.meter_number, meter_install.installed_on, meter_install.removed_on,
       meter_install.reason
  FROM points.meter_install
 WHERE meter_install.point = ANY (%(points)s::bigint[])
 ORDER BY meter_install.point, meter_install.installed_on DESC, meter_install.id DESC
