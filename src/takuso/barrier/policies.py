"""The policies every guarded table must have, stated a second time from the classes of its columns."""

import re
from collections.abc import Mapping
from typing import Final

from takuso.barrier.matrix import PERIOD_CLASSES, DataClass

LETTERS: Final = frozenset(c.value for c in DataClass)
READERS: Final = frozenset({"reader_network", "reader_retailer"})
# A row's period on the axis of its point, as in walls.sql.
_SPAN: Final = (
    "int8rangepoint*1048576+greatestcoalescelowervalid-'1900-01-01',0,0,"
    "point*1048576+leastcoalesceuppervalid-'1900-01-01',1048575,1048575"
)
_CASES: Final = "=anyselectwall.granted_cases"
# The network company reads an application and its moves, a party its own copy; whoever works on them asks functions.
_OF_CASES: Final = {
    "reception.application": {("PERMISSIVE", "reader_network", "SELECT", f"id{_CASES}")},
    "reception.move": {("PERMISSIVE", "reader_network", "SELECT", f"application{_CASES}")},
    "reception.instruction": {("PERMISSIVE", "reader_network", "SELECT", f"application{_CASES}")},
    "reception.taken": {("PERMISSIVE", "reader_network", "SELECT", f"application{_CASES}")},
    "reception.copy": {
        ("PERMISSIVE", "reader_retailer", "SELECT", f"application{_CASES}"),
        ("RESTRICTIVE", "reader_retailer", "SELECT", "party=selectwall.viewer_org"),
    },
}


def wanted(table: str, columns: Mapping[str, str]) -> set[tuple[str, str, str, str]]:
    """(kind, role, command, condition) of every policy a login must have on this table."""
    letters = set(columns.values()) & LETTERS
    if set(columns.values()) == {"record"}:
        readable = table != "log.payload"
        return {("PERMISSIVE", "surveyor", "SELECT", "selectwall.log_granted")} if readable else set()
    if table.startswith("reception."):
        return _OF_CASES.get(table, set())
    if not table.startswith("points.") or len(letters) != 1:
        return set()
    letter = DataClass(letters.pop())
    ticket = f"point=anyselectwall.granted'{letter.lower()}'"
    if letter in PERIOD_CLASSES:
        ticket += f"and{_SPAN}<@selectwall.granted_spans'{letter.lower()}'"
    readers = {"reader_network"} if letter is DataClass.CARE else READERS
    policies = {("PERMISSIVE", reader, "SELECT", ticket) for reader in readers}
    if letter is not DataClass.CARE:
        policies.add(("RESTRICTIVE", "reader_retailer", "SELECT", _holder(letter)))
    return policies


def _holder(letter: DataClass) -> str:
    if letter is DataClass.PENDING:
        return "party=selectwall.viewer_org"
    if letter in PERIOD_CLASSES:
        return "holder_id=selectwall.viewer_org"
    return "holder_id=selectwall.viewer_organdheld_from<=selectwall.todayandselectwall.today<held_to"


def plain(condition: str | None) -> str:
    """A condition without the spaces, brackets, casts and names that PostgreSQL adds when it prints one."""
    text = re.sub(r"::[a-z]+(\[\])?| AS [a-z_]+", "", condition or "")
    return re.sub(r"[\s()]", "", text).lower()
