"""Standing surveys: asked again and again of an archive that grows, answered from a small extract of each day."""
