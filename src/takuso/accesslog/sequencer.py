"""順番の確定: gives the records of the log their places in the tree and signs what the tree has become.

As `sequencer`, which sees hashes alone. One transaction a batch: whoever kills it at any moment leaves the index dense.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg

from takuso.accesslog import checkpoints
from takuso.accesslog.checkpoints import Signed
from takuso.accesslog.verify_log import Growing, body_hash
from takuso.kernel.periods import JST
from takuso.store.errors import StoreError
from takuso.store.findings import Finding
from takuso.store.home import CorruptHome, Home

BATCH: Final = 50_000
"""Records a batch; a transaction that wrote more is taken whole."""
HEARTBEAT: Final = timedelta(seconds=55)
"""A log in which nothing happened says so at least this often, when the sequencer runs."""
_LATE: Final = timedelta(minutes=2)
_HASH: Final = 32
_HELD: Final = (psycopg.errors.UniqueViolation, psycopg.errors.LockNotAvailable)


class LogSetBack(StoreError):
    """The database does not hold the last checkpoint that this home knows: it is older, or another one."""

    def __init__(self, known: int, found: int) -> None:
        super().__init__(
            f"閲覧記録が、このホームの知る控え（{known} 件）を含んでいません（いまは {found} 件）。"
            "古い控えから戻したデータベースです。\n"
            "対処: 失われた記録を調べ、takuso log gap --by だれが --reason なぜ で記録に残してください。"
        )


class LeavesLoose(StoreError):
    """There are leaves that no checkpoint covers, which no sequencer ever leaves behind."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"閲覧記録の {size} 番から先に、控えのない葉があります。だれかがデータベースを直接書き換えています。\n"
            "対処: だれが書き換えたかを調べ、データベースを控えから戻してください。"
        )


class ForeignCheckpoint(StoreError):
    """The newest checkpoint of the database is not signed by this home's key."""

    def __init__(self, size: int) -> None:
        super().__init__(
            f"閲覧記録の最後の控え（{size} 件）は、このホームの鍵で署名したものではありません。\n"
            "対処: 鍵を控えから戻すか、だれがデータベースに書いたかを調べてください。鍵がもうどこにもなければ、"
            "takuso log key change --lost で、失われたことを記録に残して替えます。"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the database says of its tree. `waiting`: the oldest ticket without a place; `behind`: its transactions are
    older than its log; `loose`: leaves that no checkpoint covers; `known`: see `state`."""

    size: int
    at: datetime | None
    body: str | None
    signature: bytes
    waiting: datetime | None
    behind: bool
    loose: bool
    known: str | None

    @property
    def newest(self) -> Signed | None:
        """The last checkpoint."""
        return None if self.body is None else Signed(body=self.body, signature=self.signature)


def state(connection: psycopg.Connection[Any], known: Signed | None) -> State:
    """As `sequencer` or `ticketer`; `known` is the body of the database's checkpoint of the same size, if any."""
    row = connection.execute("SELECT log.sealed(%s)", [known.size if known else None]).fetchone()
    found: Mapping[str, Any] = row[0] if row else {}
    return State(
        size=found["size"] or 0,
        at=_instant(found["at"]),
        body=found["body"],
        signature=bytes.fromhex(found["signature"] or ""),
        waiting=_instant(found["waiting"]),
        behind=bool(found["behind"]),
        loose=bool(found["loose"]),
        known=found["known"],
    )


def fault(found: State, known: Signed | None) -> LogSetBack | LeavesLoose | None:
    """Why nothing may be added to this database's log, if so; `known` is the last checkpoint of the home."""
    if found.loose:
        return LeavesLoose(found.size)
    if found.behind or (known is not None and found.known != known.body):
        return LogSetBack(known.size if known else found.size, found.size)
    return None


def foreign(home: Home, found: State) -> ForeignCheckpoint | None:
    """Whether somebody else signed the newest checkpoint; only a home with the key can tell. Raises CorruptHome."""
    if found.body is None or not home.has_secret(checkpoints.SECRET):
        return None
    newest = Signed(body=found.body, signature=found.signature)
    return None if checkpoints.signed_here(home, newest) else ForeignCheckpoint(found.size)


def sequence(connection: psycopg.Connection[Any], home: Home, catalogue: str) -> int:
    """Give all waiting records their places, in batches; returns how many leaves were added (heartbeats too).

    `catalogue` is the hash of the database's catalogue. Another sequencer at work: 0. Raises LogSetBack, LeavesLoose,
    ForeignCheckpoint, CorruptHome.
    """
    known = checkpoints.kept(home)
    found = state(connection, known)
    wrong = fault(found, known) or foreign(home, found)
    if wrong is not None:
        raise wrong
    checkpoints.promote(home, found.newest)
    added, more = 0, True
    while more:
        try:
            count, more = batch(connection, home, catalogue)
        except _HELD:
            return added
        added += count
    return added


def declare_gap(connection: psycopg.Connection[Any], home: Home, catalogue: str, *, who: str, why: str) -> Signed:
    """Record that the database was set back: who says so and why, which checkpoint was lost; signed at once.

    Raises ValueError if nothing was lost, LeavesLoose, CorruptHome.
    """
    known = checkpoints.kept(home)
    found = state(connection, known)
    wrong = fault(found, known)
    if isinstance(wrong, LeavesLoose):
        raise wrong
    if wrong is None:
        raise ValueError("nothing was lost")
    batch(connection, home, catalogue, gap=gap_fields(known, found, who, why))
    made = checkpoints.kept(home)
    if made is None:
        raise CorruptHome("控えを残せませんでした。", "ディスクの空きを確かめてください。")
    return made


def gap_fields(known: Signed | None, found: State, who: str, why: str) -> list[str]:
    """What the record of a gap says, after its time."""
    lost = [str(known.size), body_hash(known.body)] if known else ["", ""]
    return [who, why, *lost, str(found.size)]


def tree_finding(home: Home, connection: psycopg.Connection[Any]) -> Finding:
    """Whether the log holds the last checkpoint that this home knows, and how far its sequencing is behind."""
    try:
        known = checkpoints.kept(home)
        found = state(connection, known)
        wrong = fault(found, known) or foreign(home, found)
    except CorruptHome as error:
        return Finding(name="log_tree", state="bad", what=error.what, cure=error.cure)
    if wrong is not None:
        what, _, cure = str(wrong).partition("\n対処: ")
        return Finding(name="log_tree", state="bad", what=what, cure=cure)
    if found.at is None:
        return Finding(name="log_tree", state="ok", what="閲覧記録の最初の控えは、まだありません。")
    if known is None and home.checkpoint is not None and home.has_secret("sequencer"):
        what = (
            "閲覧記録の最後の控えが、このホームにありません。古い控えから戻したデータベースかどうかを確かめられません。"
        )
        cure = "証人の控えと比べてください（takuso log verify --known）。次の控えから、また残ります。"
        return Finding(name="log_tree", state="warn", what=what, cure=cure)
    what = f"閲覧記録の最後の控えは {found.size} 件、{found.at.astimezone(JST):%Y-%m-%d %H:%M:%S} です。"
    late = (datetime.now(UTC) - found.waiting) if found.waiting else timedelta(0)
    if late > _LATE:
        what += f"番号の付いていない閲覧票が {late.total_seconds():.0f} 秒前からあります。"
        cure = "takuso serve か takuso jobs work が動いているか、長い取引が残っていないかを確かめてください。"
        return Finding(name="log_tree", state="warn", what=what, cure=cure)
    return Finding(name="log_tree", state="ok", what=what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handing:
    """A change of the key: its record, the index it is made for, and the public key that signs from there on."""

    record: str
    place: int
    public: bytes


def batch(
    connection: psycopg.Connection[Any],
    home: Home,
    catalogue: str,
    *,
    gap: Sequence[str] | None = None,
    handing: Handing | None = None,
) -> tuple[int, bool]:
    """One batch; returns how many leaves, and whether more are waiting. Raises ForeignCheckpoint, psycopg.Error."""
    with connection.transaction():
        row = connection.execute(
            "SELECT log.take(%s, %s, %s, %s, %s)",
            [BATCH, HEARTBEAT, gap and list(gap), handing and handing.record, handing and handing.place],
        ).fetchone()
        found: Mapping[str, Any] = row[0] if row else {}
        if handing is None and found["previous"] and not _continues(home, found["previous"]):
            # The key was changed since this round began: the next one goes by it.
            raise ForeignCheckpoint(found["from"])
        tree = Growing(found["from"], _split(found["peaks"]))
        hashes = _split(found["hashes"])
        if not hashes:
            return 0, False
        for leaf in hashes:
            tree.push(leaf)
        signed = checkpoints.checkpoint(
            home,
            size=tree.size,
            root=tree.root(),
            at=found["at"],
            rules=found["rules"],
            catalogue=catalogue,
            previous=found["previous"],
            public=handing.public if handing else None,
        )
        connection.execute(
            "SELECT log.seal(%s, %s, %s, %s)", [tree.size, b"".join(tree.peaks), signed.body, signed.signature]
        )
    checkpoints.keep(home, signed)
    return len(hashes), bool(found["more"])


def _continues(home: Home, previous: str) -> bool:
    return f"\nkey: {checkpoints.public_key(home).hex()}\n" in previous


def _split(text: str) -> list[bytes]:
    data = bytes.fromhex(text)
    return [data[at : at + _HASH] for at in range(0, len(data), _HASH)]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
