"""The proof: what must be true of the wall is tried on the running program, on every build."""
