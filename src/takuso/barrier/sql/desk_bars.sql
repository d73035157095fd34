SELECT b.at, b.amount FROM bar b ORDER BY b.at
