"""What a check of the database found, in the words of the person who has to mend it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One checked point.

    ``bad`` means the server must not serve; ``cure`` is empty when ``state`` is ok.
    """

    name: str
    state: Literal["ok", "warn", "bad"]
    what: str
    cure: str = ""
