"""Planted faults: what the proof has to catch, so that a proof that finds nothing can be believed."""
