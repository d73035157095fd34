rid NOT IN (SELECT rid FROM records)
