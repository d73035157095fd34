SELECT count(*) FILTER (WHERE person IS NULL), count(*) FILTER (WHERE then_holder IS NULL) FROM records;
