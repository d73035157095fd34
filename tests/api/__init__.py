"""The API of the retailers' systems."""
