SELECT code, customer FROM read_parquet($customers) WHERE code IN (SELECT code FROM wanted);
