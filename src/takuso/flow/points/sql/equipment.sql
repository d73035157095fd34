-- B 設備: voltage, wiring, meter and reading schedule.
SELECT equipment.point, equipment.status, equipment.disconnection, equipment.voltage, equipment.wiring,
       equipment.reading_schedule, equipment.next_reading_on, equipment.reading_method, equipment.meter_number,
       equipment.meter_kind, equipment.meter_valid_until, equipment.communicating, equipment.half_hourly,
       equipment.service_pole, equipment.grid_connected
  FROM points.equipment
 WHERE equipment.point = ANY (%(points)s::bigint[])
 ORDER BY equipment.point
