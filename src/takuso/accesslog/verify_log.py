#!/usr/bin/env python3
"""閲覧記録の検証: checks evidence of the access log. One file, the standard library alone, Python 3.9 or later.

    python verify_log.py [--key KEY] [--known CHECKPOINT]... [--json] FILE...

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
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
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
    "chain": "控えのつながりが切れています（{at} 番から）。",
    "checkpoint": "控えの形が正しくありません（{at} 番から）。",
    "forked": "ほかの控えと枝分かれしています（{at} 番から先の、{last} 番までのどこか）。",
    "rollback": "すでに知られている控えより短い記録です（{at} 番から先がありません）。",
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


class CouldNotRun(Exception):
    """A file cannot be read."""


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
        for where, text in _lines(path):
            found = None if text.startswith("[") else _json(text)
            if isinstance(found, dict) and found.get("type") == "bundle" and not self.header:
                self.header = found
            elif isinstance(found, dict) and found.get("type") == "checkpoint":
                self.told.append((where, found))
            elif not text.startswith("["):
                self.findings.append(Finding("malformed", 0, where=where))
        self.checkpoints: list[Checkpoint] = []
        self.stated: dict[str, Any] = {}
        self.first = 0

    def signed(self, key: bytes | None) -> None:
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
        if key is not None and told != key:
            self.findings.append(Finding("key", self.first))
        self._chain()

    def _chain(self) -> None:
        """Form, key, order, chain and signature of every checkpoint."""
        key, at, previous, time = bytes.fromhex(self.stated["key"]), self.first, self.stated["previous"], ""
        for where, found in self.told:
            one = checkpoint(found)
            if one is None or set(found) != {"type", "body", "signature"}:
                self.findings.append(Finding("checkpoint", at, where=where))
                continue
            code = "key" if one.key != key else "signature"
            if one.key != key or not ed25519(key, one.body.encode(), one.signature):
                self.findings.append(Finding(code, at, one.size, where))
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
        roots = {tree.size: tree.root()} if tree.size in wanted else {}
        broken, later = False, set()
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
                self._leaf(tree, found[1], found[2], where)
                if tree.size in wanted:
                    roots[tree.size] = tree.root()
        if broken:
            self.findings.append(Finding("reordered" if tree.size in later else "missing", tree.size, where=""))
        elif tree.size != self.stated["size"]:
            cut = tree.size < self.stated["size"]
            self.findings.append(Finding("cut" if cut else "uncovered", min(tree.size, self.stated["size"])))
        return roots

    def _leaf(self, tree: Growing, stated: str, record: str | None, where: str) -> None:
        leaf = bytes.fromhex(stated)
        if record is None:
            self.findings.append(Finding("missing", tree.size, tree.size + 1, where))
        elif leaf_hash(record.encode("utf-8", "surrogatepass")) != leaf:
            self.findings.append(Finding("altered", tree.size, tree.size + 1, where))
        elif record.startswith("12:takuso.gap.1,"):
            try:
                _, at, who, why, lost, *_ = ((field or b"").decode() for field in fields(record.encode()))
                told = f"{at}、申告 {who}、理由「{why}」、失われた控え {lost or '不明'} 件"
                self.notes.append(f"{tree.size} 番は断絶の申告です: {told}。")
            except ValueError:
                self.findings.append(Finding("malformed", tree.size, tree.size + 1, where))
        tree.push(leaf)


def _is_leaf(found: Any) -> bool:
    kinds = [type(part) for part in found] if isinstance(found, list) else []
    return kinds in ([int, str, str], [int, str, type(None)]) and bool(re.fullmatch(r"[0-9a-f]{64}", found[1]))


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


def _signed(one: Checkpoint, name: str, key: bytes | None) -> list[Finding]:
    good = {"key": key in (None, one.key), "signature": ed25519(one.key, one.body.encode(), one.signature)}
    return [Finding(code, 0, one.size, name) for code in good if not good[code]]


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


def check(paths: Sequence[Path], key: bytes | None, known: Sequence[Path]) -> tuple[list[Finding], list[str], int]:
    """Findings by first bad index, notes, and how many records were covered. Raises CouldNotRun, ValueError."""
    held: list[Held] = []
    bundles, findings, notes, covered = [], [], [], 0
    for path in known:
        one = checkpoint(_whole(path))
        if one is None:
            raise ValueError(f"{path} は控えではありません。")
        held.append((one, str(path), True))
    for path in paths:
        found = _whole(path) or {}
        one = checkpoint(found.get("checkpoint") if "path" in found else found)
        if one:
            held.append((one, str(path), "path" not in found))
        if "path" in found:
            findings += check_proof(found, one, str(path))
            covered += 1
        elif not one:
            bundles.append(Bundle(path))
    forged = [finding for one, name, _ in held for finding in _signed(one, name, key)]
    bad = {finding.where for finding in forged}  # what anybody can forge tells nothing of the log
    held = [each for each in held if each[1] not in bad]
    findings += forged
    findings += [
        Finding("forked", 0, a[0].size, f"{a[1]} と {b[1]}")
        for a, b in combinations(held, 2)
        if a[0].size == b[0].size and a[0].body != b[0].body
    ]
    for bundle in bundles:
        bundle.signed(key)
    for bundle in bundles:
        others = [(one, str(each.path), False) for each in bundles if each is not bundle for one in each.checkpoints]
        bundle.records([*held, *others])
        findings += bundle.findings
        notes += bundle.notes
        covered += int(bundle.stated.get("size", 0)) - bundle.first
    notes += _not_compared(held, bundles)
    if key is None:
        notes.append("鍵は、確かめたファイルの中のものです。--key で、別に受け取った鍵を指定してください。")
    return sorted(findings, key=lambda f: f.index), notes, covered


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    about = "閲覧記録の証拠を確かめる。終了コード 0 正常、1 指摘、2 誤用、3 実行不能"
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="束・証明・控え")
    parser.add_argument("--key", help="公開鍵（16 進 64 桁か、そのファイル）")
    parser.add_argument("--known", action="append", default=[], type=Path, help="すでに持っている控え")
    parser.add_argument("--json", action="store_true", help="結果を JSON で出す")
    options = parser.parse_args(arguments)
    try:
        findings, notes, covered = check(options.files, options.key and read_key(options.key), options.known)
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
