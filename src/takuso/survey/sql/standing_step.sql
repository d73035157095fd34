INSERT INTO found_contracts
SELECT DISTINCT /*step*/, customer, then_holder, then_from FROM records WHERE then_holder IS NOT NULL;

SELECT DISTINCT person FROM records WHERE person IS NOT NULL ORDER BY person;
