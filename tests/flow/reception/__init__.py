"""異動受付: the rules, in the reader's language and by their properties."""
