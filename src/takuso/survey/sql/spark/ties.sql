-- None: the next statement orders by every column at once.
CREATE OR REPLACE VIEW ties AS SELECT 1 AS one WHERE false;
