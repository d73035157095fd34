-- What is marked as out stands aside while a step takes records in, so that it may come in again.
CREATE OR REPLACE TABLE aside AS SELECT * FROM records WHERE NOT (then_in OR now_in);

CREATE OR REPLACE TABLE records AS SELECT * FROM records WHERE then_in OR now_in;
