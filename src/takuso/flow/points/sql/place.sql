-- A 需要場所: where the supply points are.
SELECT place.point, place.supply_point, place.customer_code, place.postal_code, place.prefecture, place.city,
       place.town, place.block, place.building, place.room
  FROM points.place
 WHERE place.point = ANY (%(points)s::bigint[])
 ORDER BY place.supply_point
