"""証拠の束: the log's records day by day with the signed states of its tree, in the layout verify_log reads."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from takuso.accesslog import checkpoints, verify_log
from takuso.accesslog.tree import Part
from takuso.barrier.evidence_queries import (
    CHECKPOINTS,
    COMPLETENESS,
    KEPT,
    KEYS,
    LEAVES,
    CheckpointRow,
    KeyRow,
    LeafRow,
    PlaceRow,
)
from takuso.barrier.gate import Sight
from takuso.doors.cli.answers import could_not_run
from takuso.doors.cli.log_reading import Reader
from takuso.store.home import Home

PAGE: Final = 50_000
"""Records a reading at the gate."""
MECHANISM: Final = (
    "閲覧票は、行を読む前に確定する（確定した票のない行はデータベースが渡さない）。"
    "番号は、スナップショットの下限より前に確定した記録だけに、0 から隙間なく付く。"
    "木は RFC 9162、署名は Ed25519。控えは、規則の表とデータベースのカタログのハッシュを含み、前の控えにつながる。"
)
COVERED: Final = (
    "閲覧票と対象（だれが・どの画面で・何のために・どのお客さまの・どの区分を）",
    "結果（何を表示したか）",
    "利用目的の申告",
    "閲覧記録の持出しの各段階",
    "警報",
    "サインインの試みと変更",
    "書庫への締め（日と件数とファイルのハッシュ）",
    "控えに署名する鍵の交代",
    "入力された文字の消去、保存の規則、保全、規則による削除",
)
EXCLUSIONS: Final = (
    "データベースのスーパーユーザーと、ホストの root による読み取り",
    "控え（バックアップ）と複製、書庫に締めた閲覧記録のファイルからの読み取り",
    "乗っ取られたプロセスと、そのメモリー",
    "この製品の外のシステム（写し・紙・画面の撮影を含む）",
    "番号が付く前（ふだんは数秒から 15 秒）の記録の、スーパーユーザーによる書き換え",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """From this day to before that one; None: from the beginning, to the end."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written: indexes from `first` to before `size`, and the statement of completeness."""

    first: int
    size: int
    days: Mapping[str, tuple[int, int]]
    statement: Mapping[str, Any]


def write_bundle(read: Reader, home: Home, days: Days, out: Path) -> Written:
    """Read everything at the gate and write the folder, whole or not at all. Raises Refused, OSError."""
    found = _rows(read, days)
    anchor = found[0] if days.since and found and found[0].day < days.since else None
    ours = found[1:] if anchor else found
    if not ours:
        raise could_not_run(
            "この期間に、署名した控えがありません。\n対処: takuso jobs once を実行するか、期間を確かめてください。"
        )
    spans = _spans(anchor.size if anchor else 0, ours)
    statement = _statement(read, days, ours[-1].size)
    keys = key_changes(read)
    building = out.with_name(f"{out.name}.part-{os.getpid()}")
    building.mkdir(mode=0o700)
    try:
        _write(building / "0-bundle.jsonl", [_header(home, anchor, ours, spans, statement, keys)])
        _write(building / "1-checkpoints.jsonl", [_line(_signed(row).document()) for row in ours])
        gone: set[int] = set()
        for day, (first, last) in spans.items():
            with _private(building / f"{day}.jsonl") as file:
                for start in range(first, last, PAGE):
                    file.write(_page(read, day, start, min(start + PAGE, last), gone))
        if gone:
            _write(building / "1-deletions.jsonl", _deletions(read, sorted(gone)))
        for row in ours:
            if row.token is not None:
                with _private(building / f"{row.size}.tsr") as file:
                    file.write(row.token)
        shutil.copyfile(verify_log.__file__, building / "verify_log.py")
        building.rename(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Written(first=anchor.size if anchor else 0, size=ours[-1].size, days=spans, statement=statement)


def _rows(read: Reader, days: Days) -> Sequence[CheckpointRow]:
    found: list[CheckpointRow] = []

    def render(sight: Sight) -> bytes:
        found.extend(sight.rows(CHECKPOINTS))
        return "".join(row.body for row in found).encode()

    read((CHECKPOINTS,), {"since": days.since, "until": days.until}, render)
    return found


def key_changes(read: Reader) -> list[str]:
    """The records of all changes of the key, oldest first: with them a verifier follows from any key to any other."""
    found: list[KeyRow] = []

    def render(sight: Sight) -> bytes:
        found.extend(sight.rows(KEYS))
        return "".join(row.record for row in found).encode()

    read((KEYS,), {}, render)
    return [row.record for row in found]


def _spans(start: int, rows: Sequence[CheckpointRow]) -> dict[str, tuple[int, int]]:
    spans: dict[str, tuple[int, int]] = {}
    for row in rows:
        spans[str(row.day)] = (spans.get(str(row.day), (start, 0))[0], row.size)
        start = row.size
    return spans


def _statement(read: Reader, days: Days, size: int) -> dict[str, Any]:
    kinds: list[dict[str, Any]] = []

    def render(sight: Sight) -> bytes:
        kinds.extend(asdict(row) for row in sight.rows(COMPLETENESS))
        return json.dumps(kinds).encode()

    read((COMPLETENESS,), {"since": days.since or date.min, "until": days.until, "size": size}, render)
    return {
        "covered": list(COVERED),
        "mechanism": MECHANISM,
        "exclusions": list(EXCLUSIONS),
        "records": {kind["kind"]: kind["records"] for kind in kinds},
        "tickets_without_outcome": sum(kind["open"] for kind in kinds),
        "tickets_without_outcome_count_as": "表示した",
    }


def _newest(keys: Sequence[str]) -> bytes | None:
    """Of a change that was killed half way: its key may still lie beside the home's."""
    try:
        return verify_log.change_of_key(keys[-1]).new if keys else None
    except verify_log.NoChange:
        return None


def _header(
    home: Home,
    anchor: CheckpointRow | None,
    rows: Sequence[CheckpointRow],
    spans: Mapping[str, tuple[int, int]],
    statement: Mapping[str, Any],
    keys: Sequence[str],
) -> str:
    key = checkpoints.public_key(home, _newest(keys))
    peaks = anchor.peaks if anchor else b""
    stated = {
        "layout": 1,
        "key": key.hex(),
        "first": anchor.size if anchor else 0,
        "size": rows[-1].size,
        "peaks": [peaks[at : at + 32].hex() for at in range(0, len(peaks), 32)],
        "previous": verify_log.body_hash(anchor.body) if anchor else verify_log.NOTHING,
        "last": verify_log.body_hash(rows[-1].body),
        "days": spans,
        "keys": list(keys),
        "statement": statement,
    }
    body = json.dumps(stated, ensure_ascii=False)
    signature = checkpoints.sign(home, verify_log.BUNDLE + body, key)
    return _line({"type": "bundle", "body": body, "signature": signature.hex()})


def proof(read: Reader, at: PlaceRow, asked: str) -> tuple[dict[str, Any], LeafRow | None]:
    """That the record at this place is in the log of the checkpoint over it (without `keys`), and its leaf.

    The leaf is None where something of its batch is lost; then it proves nothing.
    """
    leaves: list[LeafRow] = []

    def batch(sight: Sight) -> bytes:
        leaves.extend(sight.rows(LEAVES))
        return b"".join(row.hash for row in leaves)

    start, peaks = at.start or 0, at.peaks or b""
    read((LEAVES,), {"day": at.day, "first": start, "last": at.size}, batch, asked)
    part = Part(start, [peaks[i : i + 32] for i in range(0, len(peaks), 32)], [leaf.hash for leaf in leaves])
    leaf = next((leaf for leaf in leaves if leaf.index == at.index), None)
    whole = part.size == at.size and leaf is not None
    found = {
        "type": "proof",
        "index": at.index,
        "record": leaf.record if leaf else None,
        "path": [step.hex() for step in part.inclusion(at.index)] if whole else [],
        "checkpoint": checkpoints.Signed(body=at.body, signature=at.signature).document(),
    }
    return found, leaf if whole else None


def _deletions(read: Reader, numbers: Sequence[int]) -> list[str]:
    """Proofs of the deletions by which records of the bundle went, and of their rules; they may lie years after it."""
    found = [one for number in numbers for one in _kept(read, "deletion", str(number))]
    records = [one["record"] for one in found if one["record"] is not None]
    rules = sorted({verify_log.deletion(record).rule[0] for record in records})
    return [_line(one) for one in (*found, *(one for rule in rules for one in _kept(read, "retention", rule)))]


def _kept(read: Reader, kind: str, number: str) -> list[dict[str, Any]]:
    """The proof of one; none for one that has no place yet: then its records are missing until the jobs have run."""
    found: list[PlaceRow] = []

    def place(sight: Sight) -> bytes:
        found.extend(sight.rows(KEPT))
        return "".join(row.body for row in found).encode()

    read((KEPT,), {"kind": kind, "number": number}, place)
    return [proof(read, at, f"evidence {kind} {number}")[0] for at in found[:1]]


def _page(read: Reader, day: str, first: int, last: int, gone: set[int]) -> bytes:
    def render(sight: Sight) -> bytes:
        rows = sight.rows(LEAVES)
        gone.update(row.gone for row in rows if row.gone is not None)
        told = (row.record for row in rows if row.record and row.record.startswith("17:takuso.deletion.1,"))
        gone.update(verify_log.deletion(record).number for record in told)
        return "".join(
            _line([row.index, row.hash.hex(), row.record, *([] if row.gone is None else [row.gone])]) for row in rows
        ).encode()

    asked = f"evidence {day} {first}-{last}"
    return read((LEAVES,), {"day": date.fromisoformat(day), "first": first, "last": last}, render, asked)


def _signed(row: CheckpointRow) -> checkpoints.Signed:
    return checkpoints.Signed(body=row.body, signature=row.signature)


def _line(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"


def _private(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(path: Path, lines: Sequence[str]) -> None:
    with _private(path) as file:
        file.write("".join(lines).encode())
