"""The invented area."""
