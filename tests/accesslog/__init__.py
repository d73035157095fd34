"""The log as evidence: tree, verifier, sequencer."""
