#!/usr/bin/env python3
"""閲覧記録の検証: checks evidence of the access log. One file, the standard library alone, Python 3.9 or later.

    python verify_log.py [--key KEY]... [--known CHECKPOINT]... [--json] FILE...

A FILE is a bundle (a folder of *.jsonl or one such file, `takuso log evidence`), a proof (`takuso log prove`) or a
checkpoint. Layouts: docs/reference/evidence.md. It ends with 0 (whole), 1 (findings), 2 (wrong use), 3 (could not run).
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from calendar import isleap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

LEAF, NODE = b"\x00", b"\x01"
CHECKPOINT = re.compile(
    r"takuso log checkpoint 1\nkey: ([0-9a-f]{64})\nsize: (0|[1-9][0-9]{0,15})\nroot: ([0-9a-f]{64})\n"
    r"time: ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z)\nrules: ([0-9a-f]*)\n"
    r"catalogue: ([0-9a-f]*)\nprevious: ([0-9a-f]{64})\n",
    re.ASCII,
)
BUNDLE = "takuso log bundle 1\n"
HANDOVER = "takuso log key 1\n"
NOTHING = "0" * 64
WORDS = {
    "altered": "{at} 番の記録が書き換えられています。",
    "root": "{at} 番から {last} 番までのどれかが書き換えられています（その間の根が署名と合いません）。",
    "missing": "{at} 番の記録がありません。",
    "doubled": "{at} 番の記録が 2 つあります。",
    "reordered": "{at} 番から順序が入れ替わっています。",
    "cut": "{at} 番から先が切り取られています。",
    "uncovered": "{at} 番から先は、署名した控えに覆われていません。",
    "signature": "控えの署名が正しくありません（{at} 番から）。",
    "key": "ほかの鍵で署名されています（{at} 番から）。",
    "retired": "もう使われないはずの古い鍵で署名されています（{at} 番から）。",
    "unsigned": "{at} 番の鍵の交代は、前の鍵で署名されていません。",
    "handover": "{at} 番の鍵の交代が正しくありません（場所・つながり・新しい鍵の署名のどれか）。",
    "lost": "{at} 番の前で、署名の鍵が失われています。新しい鍵を別の道で受け取ったなら --key に加えてください。",
    "chain": "控えのつながりが切れています（{at} 番から）。",
    "checkpoint": "控えの形が正しくありません（{at} 番から）。",
    "deleted": "{at} 番から {last} 番までの、規則による削除の記録が、なくなった記録と合いません。",
    "young": "{at} 番の削除の記録は、規則の年数が過ぎていない日を消しているか、その規則が木にありません。",
    "erasure": "{at} 番の消去の記録には、この束に、合う求めか、ほかの人の承認がありません。",
    "backdated": "{at} 番の削除か規則の記録の時刻が、それを覆う控えより後です。",
    "rule": "{at} 番の規則は、書いた日より前から効くか、30 日の予告なしに短くなるか、同じ番号がほかにあります。",
    "forked": "ほかの控えと枝分かれしています（{at} 番から先の、{last} 番までのどこか）。",
    "rollback": "すでに知られている控えより短い記録です（{at} 番から先がありません）。",
    "untied": "{at} 番の削除か規則の証明は、この束より長い控えのものです。両方を覆う束を並べて確かめてください。",
    "header": "束の見出しか、その署名が正しくありません。",
    "malformed": "{where} を読めません。",
    "proof": "{at} 番の記録は、この控えに含まれていません。",
}


@dataclass(frozen=True)
class Finding:
    """What is wrong. `index`: the first bad record; `until`: what is bad lies before it, if that is known."""

    code: str
    index: int
    until: int | None = None
    where: str = ""

    def words(self) -> str:
        """In Japanese."""
        place = f"{self.where}: " if self.where and self.code != "malformed" else ""
        last = (self.until or self.index + 1) - 1
        return place + WORDS[self.code].format(at=self.index, last=last, where=self.where)


class Checkpoint(NamedTuple):
    """A signed state of the log."""

    body: str
    signature: bytes
    key: bytes
    size: int
    root: bytes
    time: str
    previous: str


class Change(NamedTuple):
    """A change of the signing key: states of more than `place` records are signed by `new`. `lost`: not by `former`."""

    record: str
    at: str
    who: str
    why: str
    place: int
    previous: str
    former: bytes
    new: bytes
    lost: bool


class Part(NamedTuple):
    """Leaves of one day of sequencing that a deletion took: indexes, how many, SHA-256 of their hashes."""

    first: int
    last: int
    records: int
    digest: str


class Deletion(NamedTuple):
    """A whole day of records that a rule (number, years, name) let go; `said`: in Japanese. `old`: whether in time.

    `at`: the day in Japan, `time`: the time as it stands in the record.
    """

    number: int
    at: str
    time: str
    rule: tuple[str, str, str]
    parts: tuple[Part, ...]
    old: bool
    said: str


class Rule(NamedTuple):
    """A rule of retention: how many years from which day on; `told`: the day it was written, in Japan."""

    number: int
    since: date
    years: int
    told: date
    place: int


class CouldNotRun(Exception):
    """A file cannot be read."""


class NoChange(ValueError):
    """A change of the key that is none; `code` says why, `place` where it says to be."""

    def __init__(self, code: str, place: int = 0) -> None:
        super().__init__(code)
        self.code, self.place = code, place


Held = tuple[Checkpoint, str, bool]  # with the file it is from, and whether no bundle may be shorter

# ---------------------------------------------------------------- Ed25519 (RFC 8032, section 5.1), for verifying alone
_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
Point = tuple[int, int, int, int]  # X, Y, Z, T


def _sum(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return (x, y, 1, x * y % _P)


@lru_cache(maxsize=8)
def _table(data: bytes, negative: bool) -> list[list[Point]] | None:
    """Multiples 0 to 15 of 16^i times the point (or of its negative): a product is then 64 sums."""
    base = _point(data)
    if base is None:
        return None
    if negative:
        base = (_P - base[0], base[1], 1, _P - base[3])
    table = []
    for _ in range(64):
        row = [(0, 1, 1, 0), base]
        for _ in range(14):
            row.append(_sum(row[-1], base))
        table.append(row)
        base = _sum(row[-1], base)
    return table


_BASE = (4 * pow(5, -1, _P) % _P).to_bytes(32, "little")


def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature (64 bytes) of the message is this public key's (32 bytes)."""
    ours, theirs = _table(_BASE, False), _table(key, True) if len(key) == 32 else None
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or theirs is None or ours is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _L
    total: Point = (0, 1, 1, 0)
    for i in range(64):
        total = _sum(_sum(total, ours[i][s >> 4 * i & 15]), theirs[i][h >> 4 * i & 15])
    inverse = pow(total[2], -1, _P)
    x, y = total[0] * inverse % _P, total[1] * inverse % _P
    return bool((y | (x & 1) << 255).to_bytes(32, "little") == signature[:32])


# --------------------------------------------------------------------------------------------- the tree (RFC 9162, 2.1)
def leaf_hash(record: bytes) -> bytes:
    """Of a record's bytes."""
    return hashlib.sha256(LEAF + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two neighbours."""
    return hashlib.sha256(NODE + left + right).digest()


class Growing:
    """A tree that only grows: the roots of its perfect subtrees, the largest first."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if len(peaks) != bin(size).count("1"):
            raise ValueError("peaks do not fit the size")
        self.size = size
        self.peaks = list(peaks)

    def push(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        size, peaks, sha = self.size, self.peaks, hashlib.sha256
        self.size = size + 1
        while size & 1:
            leaf = sha(NODE + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)

    def root(self) -> bytes:
        """The root now; of the empty tree the hash of nothing."""
        if not self.peaks:
            return hashlib.sha256().digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path (RFC 9162, 2.1.3.2) leads from this leaf at this index to the root of a tree of this size."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistent(first: int, second: int, old: bytes, new: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of size `second` and root `new` continues that of `first` and `old` (RFC 9162, 2.1.4.2)."""
    if first == second:
        return not path and old == new
    if not 0 < first < second or not path:
        return False
    whole = [old, *path] if first & (first - 1) == 0 else list(path)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = whole[0]
    for c in whole[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old and sr == new


# -------------------------------------------------------------------------------------------------------------- layouts
def fields(record: bytes) -> list[bytes | None]:
    """The fields of a record: `length:bytes,` each, `-,` for one that is not there. Raises ValueError."""
    found: list[bytes | None] = []
    at = 0
    while at < len(record):
        if record[at : at + 2] == b"-,":
            found.append(None)
            at += 2
            continue
        colon = record.index(b":", at, at + 12)
        digits = record[at:colon]
        if not digits.isdigit() or (digits[:1] == b"0" and digits != b"0"):
            raise ValueError("a length is not one")
        end = colon + 1 + int(digits)
        if record[end : end + 1] != b",":
            raise ValueError("a field does not end where it should")
        found.append(record[colon + 1 : end])
        at = end + 1
    return found


def net(parts: Sequence[bytes | None]) -> bytes:
    """A record of these fields."""
    return b"".join(b"-," if part is None else b"%d:%s," % (len(part), part) for part in parts)


def shown(text: str) -> str:
    """What somebody typed, with nothing in it that moves a cursor or turns the writing round."""
    return "".join(c if c.isprintable() or c == "\u3000" else ascii(c)[1:-1] for c in text)


def _text(part: bytes | None) -> str:
    return shown((part or b"").decode())


def _instant(text: str) -> datetime:
    """Of `…Z`. Raises ValueError."""
    if not re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z", text, re.ASCII):
        raise ValueError("no instant of UTC")
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def deletion(record: str) -> Deletion:
    """From its record. Raises ValueError."""
    kind, no, day, at, rule, years, label, who, leaves, parts, *_ = map(_text, fields(record.encode()))
    if kind != "takuso.deletion.1":
        raise ValueError("no deletion")
    found = []
    for part in parts.split():
        first, last, count, digest = re.fullmatch(r"(\d+)-(\d+):(\d+):([0-9a-f]{64})", part, re.ASCII).groups()  # type: ignore[union-attr]
        found.append(Part(int(first), int(last), int(count), digest))
    # The day must have ended, in Japan, so many years before.
    over = date.fromisoformat(day) + timedelta(days=1)
    year = over.year + int(years)
    over = over.replace(year=year, day=28 if (over.month, over.day) == (2, 29) and not isleap(year) else over.day)
    told = _instant(at) + timedelta(hours=9)
    old = over <= told.date() and int(years) >= 1
    said = f"{day} の記録 {leaves} 件は、規則 {rule}（{years} 年、{label}）により {at} に削除（{who}）"
    if sum(part.records for part in found) != int(leaves):
        raise ValueError("the parts are not the whole")
    return Deletion(int(no), str(told.date()), at, (rule, years, label), tuple(found), old, said)


def change_of_key(record: str) -> Change:
    """From its record. Raises NoChange: also for one that the new key, or the former one, did not sign."""
    try:
        parts = fields(record.encode())
        kind, *middle, by_former, by_new = parts
        told = [(part or b"").decode() for part in middle]
        told += [""] * (7 - len(told))
        form = rf"[0-9T:.Z-]{{27}}\n(0|[1-9][0-9]{{0,15}})\n{'[0-9a-f]{64}' * 3}"
        fits = re.fullmatch(form, f"{told[0]}\n{told[3]}\n{told[4]}{told[5]}{told[6]}", re.ASCII)
        keys = bytes.fromhex(told[5]), bytes.fromhex(told[6])
        signed = [None if one is None else bytes.fromhex(one.decode()) for one in (by_former, by_new)]
    except ValueError:
        raise NoChange("handover") from None
    if len(parts) != 10 or not fits or kind != b"takuso.key.1" or keys[0] == keys[1] or not told[1] or not told[2]:
        raise NoChange("handover")
    at, who, why, place, previous, *_ = told
    change = Change(record, at, who, why, int(place), previous, keys[0], keys[1], signed[0] is None)
    said = HANDOVER.encode() + net(parts[:8])
    if signed[1] is None or not ed25519(change.new, said, signed[1]):
        raise NoChange("handover", change.place)
    if signed[0] is not None and not ed25519(change.former, said, signed[0]):
        raise NoChange("unsigned", change.place)
    return change


class Keys:
    """Which keys may sign: the ones that were pinned, and those that signed changes tie to them."""

    def __init__(self, pinned: Sequence[bytes], changes: Sequence[Change]) -> None:
        self.pinned, self.changes, trusted = bool(pinned), sorted(set(changes), key=lambda c: c.place), set(pinned)
        while True:
            # The new key signs every change, so it vouches for the one before; the former one only what it signed.
            more = {c.former for c in self.changes if c.new in trusted}
            more |= {c.new for c in self.changes if c.former in trusted and not c.lost}
            if more <= trusted:
                break
            trusted |= more
        self.trusted = trusted
        # A change that the former key did not sign counts once its new key came another way.
        self.counted = [change for change in self.changes if not change.lost or change.new in set(pinned)]

    def good(self, key: bytes) -> bool:
        """Whether this key is one of the log's; without a pinned one every key is."""
        return not self.pinned or key in self.trusted

    def wrong(self, key: bytes, size: int) -> str | None:
        """Why a state of this size cannot be this key's: a code."""
        if not self.good(key):
            return "key"
        early = any(change.new == key and size <= change.place for change in self.counted)
        return "retired" if early or self.over(key, size) else None

    def over(self, key: bytes, size: int) -> bool:
        """Whether this key had been followed by another one when the log was so long."""
        return any(change.former == key and size > change.place for change in self.counted)

    def twice(self) -> list[Finding]:
        """One key that handed over to two."""
        signed = [change for change in self.changes if not change.lost]
        pairs = [(a, b) for a, b in combinations(signed, 2) if a.former == b.former]
        return [Finding("forked", a.place, b.place + 1) for a, b in pairs]


def _changes(told: Any) -> tuple[list[Change], list[NoChange]]:
    """The changes that a file carries, in order, and what is wrong among them."""
    found, wrong = [], []
    for record in told if isinstance(told, list) else []:
        try:
            found.append(change_of_key(str(record)))
        except NoChange as error:
            wrong.append(error)
    for i in range(1, len(found)):
        a, b = found[i - 1], found[i]
        if a.new != b.former or a.place >= b.place or any(b.new in (c.former, c.new) for c in found[:i]):
            wrong.append(NoChange("handover", b.place))
    return found, wrong


def checkpoint(found: Any) -> Checkpoint | None:
    """From its JSON object; None if it is none."""
    body, signature = (found.get("body"), found.get("signature")) if isinstance(found, dict) else (None, None)
    parts = CHECKPOINT.fullmatch(body) if isinstance(body, str) else None
    if parts is None or not isinstance(signature, str) or not re.fullmatch(r"[0-9a-f]{128}", signature):
        return None
    key, size, root, time, _, _, previous = parts.groups()
    signed = bytes.fromhex(signature)
    return Checkpoint(str(body), signed, bytes.fromhex(key), int(size), bytes.fromhex(root), time, previous)


def body_hash(body: str) -> str:
    """What the next checkpoint says as `previous`."""
    return hashlib.sha256(body.encode()).hexdigest()


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """(where, text) of every line of a bundle."""
    try:
        for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
            with file.open(encoding="utf-8", newline="\n", errors="replace") as stream:
                for number, text in enumerate(stream, 1):
                    if text.strip():
                        yield f"{file.name}:{number}", text
    except OSError as error:
        raise CouldNotRun(f"{path}: {error.strerror or error}") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


class Bundle:
    """One bundle: its header and checkpoints are read at once, its records when they are checked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header: dict[str, Any] = {}
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.told: list[tuple[str, Any]] = []
        self.proofs: list[tuple[str, dict[str, Any]]] = []
        self.carried: list[tuple[Checkpoint, str, int]] = []  # of the proofs: where, and the index of the record
        self.deletions: dict[int, Deletion] = {}
        self.places: dict[int, int] = {}
        self.rules: dict[tuple[str, str, str], str] = {}
        self.ruled: dict[int, Rule] = {}
        self.erasures: list[tuple[int, str, str, str, str]] = []  # index, erasure, step, person, target
        for where, text in _lines(path):
            found = None if text.startswith("[") else _json(text)
            if isinstance(found, dict) and found.get("type") == "bundle" and not self.header:
                self.header = found
            elif isinstance(found, dict) and found.get("type") == "checkpoint":
                self.told.append((where, found))
            elif isinstance(found, dict) and found.get("type") == "proof":
                self.proofs.append((where, found))
            elif not text.startswith("["):
                self.findings.append(Finding("malformed", 0, where=where))
        self.checkpoints: list[Checkpoint] = []
        self.stated: dict[str, Any] = {}
        self.first = 0
        body = self.header.get("body")
        said = _json(body) if isinstance(body, str) else None
        self.changes, self.wrong = _changes(said.get("keys") if isinstance(said, dict) else None)

    def signed(self, keys: Keys) -> None:
        """Header and checkpoints."""
        body, signature = self.header.get("body"), self.header.get("signature")
        try:
            stated = json.loads(body)  # type: ignore[arg-type]
            told = bytes.fromhex(stated["key"])
            Growing(stated["first"], [bytes.fromhex(peak) for peak in stated["peaks"]])
            good = ed25519(told, (BUNDLE + str(body)).encode(), bytes.fromhex(signature))  # type: ignore[arg-type]
            good = good and set(self.header) == {"type", "body", "signature"} and {"previous", "last"} <= set(stated)
            good = good and type(stated["size"]) is int and stated["size"] >= stated["first"]
        except (ValueError, TypeError, KeyError, RecursionError):
            good = False
        if not good:
            self.findings.append(Finding("header", 0))
            return
        self.stated, self.first = stated, stated["first"]
        self.findings += [Finding(one.code, one.place) for one in self.wrong]
        if self.changes and self.changes[-1].new != told:
            self.findings.append(Finding("key", self.first))
        self._trust(keys, told)
        self._chain(keys, told)
        self._proofs(keys, told)

    def _trust(self, keys: Keys, told: bytes) -> None:
        broken = [change for change in self.changes if change.lost and not keys.good(change.new)]
        if broken:
            self.findings.append(Finding("lost", broken[0].place))
        elif not keys.good(told):
            self.findings.append(Finding("key", self.first))
        elif keys.over(told, self.stated["size"]):
            self.findings.append(Finding("retired", self.first))
        for change in self.changes:
            said = f"{change.at}、申告 {shown(change.who)}、理由「{shown(change.why)}」、新しい鍵 {change.new.hex()}"
            loud = "★注意★ 前の鍵が失われ、前の鍵の署名なしに" if change.lost else "前の鍵の署名で"
            self.notes.append(f"{change.place} 番で、{loud}鍵が替わっています: {said}。")

    def _proofs(self, keys: Keys, told: bytes) -> None:
        """The deletions that are carried: each is in the log of a checkpoint of this log's keys."""
        for where, found in self.proofs:
            one = checkpoint(found.get("checkpoint"))
            wrong = check_proof(found, one, where)
            if one is not None and not wrong:
                size = min(one.size, self.stated["size"])
                right = one.key == self._key_at(one.size, told) and keys.wrong(one.key, one.size) != "retired"
                right = right and ed25519(one.key, one.body.encode(), one.signature)
                wrong = [] if right else [Finding("signature", size, where=where)]
            self.findings += wrong
            if one is not None and not wrong:
                self.carried.append((one, where, int(found["index"])))
                self._kept(found["record"], found["index"], where, one.time)

    def untied(self, bundles: Sequence[Bundle]) -> list[Finding]:
        """Carried proofs of a state that is longer than this bundle, and that no other one ties to it."""
        size = self.stated.get("size", 0)
        spans = [(each.first, each.stated.get("size", -1)) for each in bundles if each is not self]
        return [
            Finding("untied", index, where=f"{self.path}/{where}")
            for one, where, index in self.carried
            if one.size > size and not any(first <= size and one.size <= last for first, last in spans)
        ]

    def _kept(self, record: str, index: int, where: str, over: str) -> None:
        """A rule of retention, or a deletion. `over`: the time of the checkpoint over it; empty if there is none."""
        rule = record.startswith("18:takuso.retention.1,")
        try:
            at = self._rule(record, index) if rule else self._deletion(record, index, where)
            # The clocks of the database and of what signs may be a little apart.
            if over and _instant(at) > _instant(over) + timedelta(minutes=1):
                self.findings.append(Finding("backdated", index, where=where))
        except (ValueError, AttributeError, OverflowError):
            self.findings.append(Finding("malformed", index, where=where))

    def _rule(self, record: str, index: int) -> str:
        """Keep a rule; returns when it says that it was written. Raises ValueError."""
        _, no, since, years, label, _, _, _, at, *_ = (_text(part) for part in fields(record.encode()))
        told = (_instant(at) + timedelta(hours=9)).date()
        rule = Rule(int(no), date.fromisoformat(since), int(years), told, index)
        if self.ruled.setdefault(rule.number, rule) != rule:
            self.findings.append(Finding("rule", index))
        self.rules[no, years, label] = since
        return at

    def _ruled(self) -> None:
        """No rule begins before it was written, but the log's first; a shorter one is known thirty days before."""
        for rule in self.ruled.values():
            before = [one for one in self.ruled.values() if one.number < rule.number and one.since <= rule.since]
            last = max(before, key=lambda one: (one.since, one.number), default=rule)
            sudden = rule.years < last.years and rule.since < rule.told + timedelta(days=30)
            if sudden or (rule.number != 1 and rule.since < rule.told):
                self.findings.append(Finding("rule", rule.place))

    def _deletion(self, record: str, index: int, where: str) -> str:
        """Keep a deletion; returns when it says that it was. Raises ValueError, AttributeError, OverflowError."""
        found = deletion(record)
        if found.number not in self.deletions:
            self.deletions[found.number] = found
            self.places[found.number] = index
            self.notes.append(f"{index} 番: {found.said}。")
            if not found.old:
                self.findings.append(Finding("young", index, where=where))
        elif self.deletions[found.number] != found:
            self.findings.append(Finding("deleted", index, where=where))
        return found.time

    def _key_at(self, size: int, key: bytes) -> bytes:
        """Whose signature a state of this size has; `key` is that of the header."""
        for change in reversed(self.changes):
            key = change.former if change.place >= size else key
        return key

    def _chain(self, keys: Keys, told: bytes) -> None:
        """Form, key, order, chain and signature of every checkpoint."""
        at, previous, time = self.first, self.stated["previous"], ""
        for where, found in self.told:
            one = checkpoint(found)
            if one is None or set(found) != {"type", "body", "signature"}:
                self.findings.append(Finding("checkpoint", at, where=where))
                continue
            key = self._key_at(one.size, told)
            former = any(one.key in (change.former, change.new) for change in self.changes)
            code = "signature" if one.key == key else "retired" if former else "key"
            if one.key != key or not ed25519(key, one.body.encode(), one.signature):
                self.findings.append(Finding(code, at, one.size, where))
            elif (wrong := keys.wrong(one.key, one.size)) == "retired":
                self.findings.append(Finding(wrong, at, one.size, where))
            for change in self.changes:
                if at <= change.place < one.size and (change.place, change.previous) != (at, previous):
                    self.findings.append(Finding("handover", change.place, where=where))
            if one.previous != previous or one.size < at or (at == one.size and self.checkpoints):
                self.findings.append(Finding("chain", at, where=where))
            if one.time < time:
                back = f"{time} のあとに {one.time}（{one.size} 番まで）"
                self.notes.append(f"時計が戻っています: {back}。順は番号で決まります。")
            at, previous, time = one.size, body_hash(one.body), one.time
            self.checkpoints.append(one)
        last = self.checkpoints[-1].size if self.checkpoints else self.first
        if last != self.stated["size"] or previous != self.stated["last"]:
            self.findings.append(Finding("chain", min(last, self.stated["size"])))

    def records(self, known: Sequence[Held]) -> None:
        """The records. `known`: checkpoints they must agree with."""
        if not self.stated:
            return
        roots = self._leaves({one.size for one, _, _ in known} | {one.size for one in self.checkpoints})
        sound = self.first
        for one in self.checkpoints:
            if one.size in roots and roots[one.size] != one.root:
                if not any(f.code in ("altered", "doubled") and sound <= f.index < one.size for f in self.findings):
                    self.findings.append(Finding("root", sound, one.size))
                break
            sound = one.size
        agreed = self.first
        for one, name, binding in sorted(known, key=lambda held: held[0].size):
            if binding and one.size > self.stated["size"]:
                self.findings.append(Finding("rollback", self.stated["size"], one.size, f"{self.path} と {name}"))
            elif self._differs(one, roots):
                self.findings.append(Finding("forked", agreed, one.size, f"{self.path} と {name}"))
                break
            elif one.size in roots:
                agreed = one.size

    def _differs(self, other: Checkpoint, roots: dict[int, bytes]) -> bool:
        mine = next((one for one in self.checkpoints if one.size == other.size), None)
        return roots.get(other.size, other.root) != other.root or (mine is not None and mine.body != other.body)

    def _leaves(self, wanted: set[int]) -> dict[int, bytes]:
        """Check the records one by one; returns the roots at the wanted sizes, as far as the order is sound."""
        tree = Growing(self.first, [bytes.fromhex(peak) for peak in self.stated["peaks"]])
        self.due = {change.place: change.record for change in self.changes if self.first <= change.place}
        roots = {tree.size: tree.root()} if tree.size in wanted else {}
        broken, later = False, set()
        self.gone: dict[Part, list[Any]] = {}
        for where, text in _lines(self.path):
            if not text.startswith("["):
                continue
            found = _json(text)
            if not _is_leaf(found):
                self.findings.append(Finding("malformed", tree.size, where=where))
                return roots
            if broken or found[0] > tree.size:
                broken = True
                later.add(found[0])
            elif found[0] < tree.size:
                self.findings.append(Finding("doubled", found[0], found[0] + 1, where))
            else:
                self._leaf(tree, found, where)
                if tree.size in wanted:
                    roots[tree.size] = tree.root()
        if broken:
            self.findings.append(Finding("reordered" if tree.size in later else "missing", tree.size, where=""))
        elif tree.size != self.stated["size"]:
            cut = tree.size < self.stated["size"]
            self.findings.append(Finding("cut" if cut else "uncovered", min(tree.size, self.stated["size"])))
        self._ended(tree.size)
        return roots

    def _ended(self, size: int) -> None:
        """What was announced and did not come: changes of the key, and all the records that a deletion took."""
        self.findings += [Finding("handover", place) for place in self.due if place < size]
        self._ruled()
        self.findings += self._erasures()
        for number, one in self.deletions.items():
            # The rule is in the tree as well, and had begun.
            if self.rules.get(one.rule, "9") > one.at:
                self.findings.append(Finding("young", self.places[number]))
        for part in (part for found in self.deletions.values() for part in found.parts):
            records, digest = self.gone.get(part, [0, hashlib.sha256()])
            inside = self.first <= part.first and part.last < size
            fits = inside and (records, digest.hexdigest()) == (part.records, part.digest)
            if (inside or part in self.gone) and not fits:
                self.findings.append(Finding("deleted", part.first, part.last + 1))

    def _erasures(self) -> Iterator[Finding]:
        """Approvals without their request by another person, `again` without an approval; unknown before the bundle."""
        asked = {(one[1], one[4]): one[3] for one in self.erasures if one[2] == "request"}
        approved = {target for _, _, step, _, target in self.erasures if step == "approval"}
        for index, erasure, step, person, target in self.erasures:
            if step == "approval":
                wrong = asked.get((erasure, target), person if self.first == 0 else "") == person
            else:
                # Without a name of its erasure there never was an approval that the log knew.
                wrong = step != "request" and target not in approved and (self.first == 0 or not erasure)
            if wrong:
                yield Finding("erasure", index)

    def _deleted(self, index: int, leaf: str, number: int, where: str) -> None:
        """A record that is said to have gone by a rule: the deletion's own record must say so of all of them."""
        parts = self.deletions[number].parts if number in self.deletions else ()
        part = next((part for part in parts if part.first <= index <= part.last), None)
        if part is None:
            self.findings.append(Finding("missing", index, index + 1, where))
            return
        held = self.gone.setdefault(part, [0, hashlib.sha256()])
        held[0] += 1
        held[1].update(bytes.fromhex(leaf))

    def _leaf(self, tree: Growing, found: list[Any], where: str) -> None:
        at, leaf, record = tree.size, bytes.fromhex(found[1]), found[2]
        if len(found) == 4:
            self._deleted(at, found[1], found[3], where)
        elif record is None:
            self.findings.append(Finding("missing", at, at + 1, where))
        elif leaf_hash(record.encode("utf-8", "surrogatepass")) != leaf:
            self.findings.append(Finding("altered", at, at + 1, where))
        else:
            kind = record.partition(",")[0]
            if kind in ("12:takuso.gap.1", "16:takuso.erasure.1"):
                self._note(at, record, where)
            elif kind in ("17:takuso.deletion.1", "18:takuso.retention.1"):
                over = next((one.time for one in self.checkpoints if one.size > at), "")
                self._kept(record, at, where, over)
            elif kind == "12:takuso.key.1" and self.due.pop(at, None) != record:
                self.findings.append(Finding("handover", at, at + 1, where))
        tree.push(leaf)

    def _note(self, index: int, record: str, where: str) -> None:
        """What an auditor is told although it is no fault: gaps and erasures."""
        try:
            parts = [_text(part) for part in fields(record.encode())]
            if parts[0] == "takuso.gap.1":
                _, at, who, why, lost, *_ = parts
                told = f"{at}、申告 {who}、理由「{why}」、失われた控え {lost or '不明'} 件"
                self.notes.append(f"{index} 番は断絶の申告です: {told}。")
            else:
                _, erasure, step, _, _, _, at, person, _, _, target, law, why = parts
                self.erasures.append((index, erasure, step, person, target))
                done = {"approval": "消去（二人の承認）", "again": "再消去（承認ではなく、配備の権限による）"}.get(step)
                if done:
                    self.notes.append(f"{index} 番: {target} に入力された文字の{done}（{at}、{law}、{why}）。")
        except (ValueError, IndexError):
            self.findings.append(Finding("malformed", index, index + 1, where))


def _is_leaf(found: Any) -> bool:
    kinds = [type(part) for part in found] if isinstance(found, list) else []
    return kinds in ([int, str, str], [int, str, type(None)], [int, str, type(None), int]) and bool(
        re.fullmatch(r"[0-9a-f]{64}", found[1])
    )


def check_proof(found: dict[str, Any], one: Checkpoint | None, name: str) -> list[Finding]:
    """A proof that one record is in the log of its checkpoint, whose signature is checked with the others'."""
    try:
        index, path = int(found["index"]), [bytes.fromhex(step) for step in found["path"]]
        leaf = leaf_hash(found["record"].encode())
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return [Finding("malformed", 0, where=name)]
    if one is None:
        return [Finding("checkpoint", index, where=name)]
    return [] if included(leaf, index, one.size, path, one.root) else [Finding("proof", index, where=name)]


def _signed(one: Checkpoint, name: str, keys: Keys) -> list[Finding]:
    wrong = [keys.wrong(one.key, one.size)]
    wrong += [None if ed25519(one.key, one.body.encode(), one.signature) else "signature"]
    return [Finding(code, 0, one.size, name) for code in wrong if code]


def _carried(found: dict[str, Any], name: str, findings: list[Finding]) -> list[Change]:
    """The changes of the key that come with a checkpoint or a proof."""
    changes, wrong = _changes(found.get("keys"))
    findings += [Finding(one.code, one.place, where=name) for one in wrong]
    return changes


def _forked(held: Sequence[Held]) -> list[Finding]:
    return [
        Finding("forked", 0, a[0].size, f"{a[1]} と {b[1]}")
        for a, b in combinations(held, 2)
        if a[0].size == b[0].size and a[0].body != b[0].body
    ]


def _not_compared(held: Sequence[Held], bundles: Sequence[Bundle]) -> list[str]:
    """Neighbours in size that no bundle spans: whether the later one continues the earlier one is not known."""
    names = {one.size: str(bundle.path) for bundle in bundles for one in bundle.checkpoints}
    names.update({one.size: name for one, name, _ in held})
    sizes, spans = sorted(names), [(bundle.first, bundle.stated.get("size", -1)) for bundle in bundles]
    return [
        f"比べていません: {names[a]}（{a} 件）と {names[b]}（{b} 件）。枝分かれの有無は、両方を覆う束で分かります。"
        for a, b in ((sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1))
        if not any(first <= a and b <= last for first, last in spans)
    ]


# ---------------------------------------------------------------------------------------------------------- the command
def read_key(text: str) -> bytes:
    """A public key: 64 hexadecimal digits, or a file of them or of PEM. Raises ValueError, CouldNotRun."""
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return bytes.fromhex(text)
    try:
        content = Path(text).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise CouldNotRun(f"{text}: {error}") from None
    if "PUBLIC KEY" in content:
        return base64.b64decode("".join(content.strip().splitlines()[1:-1]))[-32:]
    return bytes.fromhex(content.strip())


def _whole(path: Path) -> Any:
    """A file that is one JSON object, None for a bundle."""
    if path.is_dir():
        return None
    try:
        found = _json(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise CouldNotRun(f"{path}: {error.strerror or error}") from None
    return found if isinstance(found, dict) and found.get("type") in ("proof", "checkpoint", None) else None


def check(
    paths: Sequence[Path], key: bytes | Sequence[bytes] | None, known: Sequence[Path]
) -> tuple[list[Finding], list[str], int]:
    """Findings by first bad index, notes, and how many records were covered. Raises CouldNotRun, ValueError."""
    held: list[Held] = []
    findings: list[Finding] = []
    bundles, notes, covered, changes = [], [], 0, []
    pinned = [key] if isinstance(key, bytes) else list(key or ())
    for path in known:
        found = _whole(path)
        one = checkpoint(found)
        if one is None:
            raise ValueError(f"{path} は控えではありません。")
        held.append((one, str(path), True))
        changes += _carried(found, str(path), findings)
    for path in paths:
        found = _whole(path) or {}
        one = checkpoint(found.get("checkpoint") if "path" in found else found)
        if one:
            held.append((one, str(path), "path" not in found))
            changes += _carried(found, str(path), findings)
        if "path" in found:
            findings += check_proof(found, one, str(path))
            covered += 1
        elif not one:
            bundles.append(Bundle(path))
            changes += bundles[-1].changes
    keys = Keys(pinned, changes)
    findings += keys.twice()
    forged = [finding for one, name, _ in held for finding in _signed(one, name, keys)]
    bad = {finding.where for finding in forged}  # what anybody can forge tells nothing of the log
    held = [each for each in held if each[1] not in bad]
    findings += forged
    for bundle in bundles:
        bundle.signed(keys)
        held += [(one, f"{bundle.path}/{where}", False) for one, where, _ in bundle.carried]
    findings += _forked(held)
    for bundle in bundles:
        findings += bundle.untied(bundles)
        others = [(one, str(each.path), False) for each in bundles if each is not bundle for one in each.checkpoints]
        bundle.records([*held, *others])
        findings += bundle.findings
        notes += bundle.notes
        covered += int(bundle.stated.get("size", 0)) - bundle.first
    notes += _not_compared(held, bundles)
    if not pinned:
        notes.append("鍵は、確かめたファイルの中のものです。--key で、別に受け取った鍵を指定してください。")
    return sorted(findings, key=lambda f: f.index), notes, covered


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    about = "閲覧記録の証拠を確かめる。終了コード 0 正常、1 指摘、2 誤用、3 実行不能"
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="束・証明・控え")
    parser.add_argument("--key", action="append", default=[], help="公開鍵（16 進 64 桁か、そのファイル）。何度でも")
    parser.add_argument("--known", action="append", default=[], type=Path, help="すでに持っている控え")
    parser.add_argument("--json", action="store_true", help="結果を JSON で出す")
    options = parser.parse_args(arguments)
    try:
        findings, notes, covered = check(options.files, [read_key(key) for key in options.key], options.known)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except CouldNotRun as error:
        sys.stderr.write(f"読めません: {error}\n")
        return 3
    end = f"{covered} 件を確かめました: " + (f"指摘 {len(findings)}" if findings else "すべて正常です。")
    told = "\n".join([*notes, *(finding.words() for finding in findings), end])
    if options.json:
        told = json.dumps(document(findings, notes, covered), ensure_ascii=False)
    sys.stdout.write(f"{told}\n")
    return 1 if findings else 0


def document(findings: Sequence[Finding], notes: Sequence[str], covered: int) -> dict[str, Any]:
    """The result for a program."""
    told = [{**asdict(finding), "what": finding.words()} for finding in findings]
    first = findings[0].index if findings else None
    return {"ok": not findings, "records": covered, "first_bad": first, "findings": told, "notes": list(notes)}


if __name__ == "__main__":
    sys.exit(main())
