SELECT coalesce(c.code, -2) AS customer, coalesce(h.code, -2) AS retailer, f.from_day
FROM found_contracts AS f
LEFT JOIN points AS c ON c.customer = f.customer
LEFT JOIN retailers AS h ON h.retailer = f.retailer
WHERE f.step = /*step*/;
