-- Every company.
SELECT code, name, kind, registered FROM wall.office_companies()
