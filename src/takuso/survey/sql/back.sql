-- What was not taken in again stays, marked as out.
INSERT INTO records BY NAME SELECT * FROM aside WHERE rid NOT IN (SELECT rid FROM records);
