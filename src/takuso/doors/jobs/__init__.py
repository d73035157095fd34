"""What runs without anybody asking: expired tickets, days of the log, turns of the reception, changes at midnight."""

from pathlib import Path
from typing import Final

from takuso.store import settings
from takuso.store.home import Home

EVERY: Final = 15.0
"""Seconds between two rounds."""
LOGINS: Final = ("ticketer", "sequencer", "batch", "reception")


def heartbeat(home: Home) -> Path:
    """The file whose time says when the last round ended."""
    return home.path / settings.HEARTBEAT.name
