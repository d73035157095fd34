SELECT
    count(*) FILTER (WHERE /*which*/_in),
    count(DISTINCT person) FILTER (WHERE /*which*/_in),
    count(DISTINCT struct(customer, /*which*/_holder, /*which*/_from))
        FILTER (WHERE /*which*/_in AND /*which*/_holder IS NOT NULL)
FROM records;
