"""What is run by `make` on this repository; nothing of it is installed."""
