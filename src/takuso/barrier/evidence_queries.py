"""証拠の読み取り: the leaves and checkpoints of the log's tree. Like every reading of the log, each is a record."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from takuso.barrier.query import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRow:
    """A signed state of the tree; `peaks`: 32 bytes for each perfect subtree; `token`: an outside clock's, if any."""

    size: int
    day: date
    body: str
    signature: bytes
    peaks: bytes
    token: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafRow:
    """A leaf and the record as it is now; None if it is no longer there. `gone`: the deletion of its day, if so."""

    index: int
    hash: bytes
    record: str | None
    gone: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """Where a record stands: leaf, the first checkpoint that covers it, size and peaks of the one before (or None)."""

    index: int
    day: date
    kind: str
    size: int
    body: str
    signature: bytes
    start: int | None
    peaks: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A change of the key that signs the checkpoints: the index of its leaf, and its record."""

    index: int
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessRow:
    """How many records of a kind; `open`: tickets without an outcome, which count as shown."""

    kind: str
    records: int
    open: int


_SQL: Final = Path(__file__).parent / "sql"

CHECKPOINTS: Final = Query(
    name="log.checkpoints",
    file=_SQL / "log_checkpoints.sql",
    classes=frozenset(),
    row=CheckpointRow,
    parameters=frozenset({"since", "until"}),
    planned_anew=True,
)
"""Those of the days from `since` to before `until` (None: to the end), after the last one before them."""
LEAVES: Final = Query(
    name="log.leaves",
    file=_SQL / "log_leaves.sql",
    classes=frozenset(),
    row=LeafRow,
    parameters=frozenset({"day", "first", "last"}),
)
"""The leaves of a day from index `first` to before `last`."""
PLACE: Final = Query(
    name="log.place",
    file=_SQL / "log_place.sql",
    classes=frozenset(),
    row=PlaceRow,
    parameters=frozenset({"receipt"}),
)
"""The leaves of a receipt: ticket, outcome, purpose, export."""
COMPLETENESS: Final = Query(
    name="log.completeness",
    file=_SQL / "log_completeness.sql",
    classes=frozenset(),
    row=CompletenessRow,
    parameters=frozenset({"since", "until", "size"}),
    planned_anew=True,
)
"""Records by kind in the leaves of these days below `size`."""
KEYS: Final = Query(
    name="log.keys",
    file=_SQL / "log_keys.sql",
    classes=frozenset(),
    row=KeyRow,
    parameters=frozenset(),
)
"""Every change of the key, oldest first."""
KEPT: Final = Query(
    name="log.kept",
    file=_SQL / "log_kept.sql",
    classes=frozenset(),
    row=PlaceRow,
    parameters=frozenset({"kind", "number"}),
)
"""Where the record of a deletion, or of a rule of retention, stands."""
EVIDENCE: Final = (CHECKPOINTS, LEAVES, PLACE, COMPLETENESS, KEYS, KEPT)
