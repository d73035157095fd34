"""What runs without anybody asking: expired tickets, days of the log, changes of supplier at midnight."""
