"""The fast form of a source: each day sorted, coded and chained, beside an as-of index of supply periods."""
