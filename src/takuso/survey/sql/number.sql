SELECT count(*) FROM /*records*/;
