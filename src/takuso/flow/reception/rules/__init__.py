"""規則: pure functions from applications, facts, calendar and tables to decisions; one file for what it forbids."""
