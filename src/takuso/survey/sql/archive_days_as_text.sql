SELECT strftime(DATE '1970-01-01' + day, '%Y-%m-%d') FROM wanted ORDER BY rowid;
