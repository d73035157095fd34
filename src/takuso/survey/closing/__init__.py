"""日次の締め: ended days of the product's own log as files: whole records, and a source that a survey reads."""

from typing import Final

OWN_LOG: Final = "own-log"
"""The folder among the sources of a home that holds its own log, day by day."""
