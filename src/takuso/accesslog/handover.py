"""鍵の交代: a new key for the log's checkpoints, introduced by a record that the former key and the new one sign.

The record is a leaf of the tree, the first of its batch; the checkpoint over it is the first that the new key signs.
The new key lies beside the former until that checkpoint is in the database, so a change that was killed goes on.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import psycopg

from takuso.accesslog import checkpoints, verify_log
from takuso.accesslog.checkpoints import Signed
from takuso.accesslog.sequencer import Handing, LeavesLoose, batch, fault, foreign, gap_fields, state
from takuso.store.errors import StoreError
from takuso.store.home import Home

_LAYOUT: Final = "takuso.key.1"


class KeyStays(StoreError):
    """The key was not changed; Japanese, says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A change that is done: the new public key, and how many records the first checkpoint covers that it signed.

    `resumed`: it was one that had been begun before and not ended.
    """

    public: bytes
    size: int
    resumed: bool


def change_key(
    connection: psycopg.Connection[Any], home: Home, catalogue: str, *, who: str, why: str, lost: bool
) -> Handed:
    """As `sequencer`: hand the signing over to a new key; a change that was begun is ended instead.

    `lost`: the former key is nowhere any more; then it does not sign, and a gap is recorded too if the database
    was set back as well. Raises KeyStays, LogSetBack, LeavesLoose, ForeignCheckpoint, CorruptHome, psycopg.Error.
    """
    known = checkpoints.kept_without_key(home) if lost else checkpoints.kept(home)
    found = state(connection, known)
    if checkpoints.promote(home, found.newest):
        return Handed(public=checkpoints.public_key(home), size=found.size, resumed=True)
    if found.newest is None:
        raise KeyStays("閲覧記録に控えがまだありません。\n対処: takuso jobs once のあとで実行してください。")
    wrong = fault(found, known)
    if wrong is not None and (not lost or isinstance(wrong, LeavesLoose)):
        raise wrong
    strange = foreign(home, found)
    if strange is not None and not lost:
        raise strange
    if lost and strange is None and home.has_secret(checkpoints.SECRET):
        raise KeyStays("鍵は失われていません。\n対処: --lost を付けずに実行してください。")
    handing = _handing(home, found.newest, who, why, lost=lost)
    gap = gap_fields(known, found, who, why) if wrong is not None else None
    batch(connection, home, catalogue, gap=gap, handing=handing)
    checkpoints.promote(home, state(connection, None).newest)
    return Handed(public=handing.public, size=state(connection, None).size, resumed=False)


def _handing(home: Home, last: Signed, who: str, why: str, *, lost: bool) -> Handing:
    """The record for the place after this checkpoint, signed."""
    new = checkpoints.follower(home)
    former = last.read().key
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    told = [_LAYOUT, at, who, why, str(last.size), verify_log.body_hash(last.body), former.hex(), new.hex()]
    said = verify_log.net([part.encode() for part in told]).decode()
    by_former = None if lost else checkpoints.sign(home, verify_log.HANDOVER + said, former)
    by_new = checkpoints.sign(home, verify_log.HANDOVER + said, new)
    signatures = [by_former.hex().encode() if by_former else None, by_new.hex().encode()]
    return Handing(record=said + verify_log.net(signatures).decode(), place=last.size, public=new)


def changes(connection: psycopg.Connection[Any]) -> list[str]:
    """The records of all changes, oldest first, as `sequencer`."""
    return [str(record) for _, record in connection.execute("SELECT index, record FROM log.keys()").fetchall()]
