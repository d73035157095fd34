"""Another system's files into a survey source: sniffed, mapped, read, counted."""
