"""Benchmarks: side by side in one run, printed as a table and written to bench.json. Never timed tests."""
