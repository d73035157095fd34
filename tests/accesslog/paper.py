"""A log on paper: what the database would answer to the one who writes a bundle, without the database."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from takuso.accesslog import checkpoints, verify_log
from takuso.accesslog.checkpoints import Signed
from takuso.barrier.evidence_queries import CheckpointRow, CompletenessRow, KeyRow, LeafRow
from takuso.barrier.query import Query
from takuso.doors.cli.log_bundle import Days, write_bundle
from takuso.store.home import Home

DAY = date(2026, 10, 1)
ALL = Days(since=None, until=None)


def net(*fields: str | None) -> str:
    """Fields with their lengths, by another hand than the database's."""
    return "".join("-," if f is None else f"{len(f.encode())}:{f}," for f in fields)


@dataclass
class _Rows:
    found: Sequence[Any]
    receipt: str = "x"

    def rows(self, _: Query[Any]) -> Sequence[Any]:
        return self.found


@dataclass
class Paper:
    """Records, and checkpoints over them."""

    home: Home
    records: list[str] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    signed: list[CheckpointRow] = field(default_factory=list)
    tree: verify_log.Growing = field(default_factory=verify_log.Growing)
    second: int = 0
    keys: list[str] = field(default_factory=list)

    def grow(self, *records: str, day: date = DAY, back: int = 0) -> Signed:
        """One batch and its checkpoint."""
        for record in records:
            self.records.append(record)
            self.days.append(day)
            self.tree.push(verify_log.leaf_hash(record.encode()))
        self.second += 1 - back
        made = checkpoints.checkpoint(
            self.home,
            size=self.tree.size,
            root=self.tree.root(),
            at=f"2026-10-01T00:{self.second // 60:02}:{self.second % 60:02}.000000Z",
            rules="ab",
            catalogue="cd",
            previous=self.signed[-1].body if self.signed else None,
        )
        row = CheckpointRow(
            size=self.tree.size,
            day=day,
            body=made.body,
            signature=made.signature,
            peaks=b"".join(self.tree.peaks),
            token=None,
        )
        self.signed.append(row)
        return made

    def read(
        self, queries: Sequence[Query[Any]], parameters: Mapping[str, Any], render: Any, asked: str | None = None
    ) -> bytes:
        """What the gate would release."""
        answers: dict[str, Any] = {
            "log.checkpoints": self._checkpoints,
            "log.leaves": self._leaves,
            "log.keys": lambda _: [KeyRow(index=0, record=record) for record in self.keys],
            "log.completeness": lambda _: [CompletenessRow(kind="ticket", records=len(self.records), open=0)],
        }
        body: bytes = render(_Rows(answers[queries[0].name](parameters)))
        return body

    def _checkpoints(self, asked: Mapping[str, Any]) -> list[CheckpointRow]:
        before = [row for row in self.signed if asked["since"] and row.day < asked["since"]][-1:]
        since = [row for row in self.signed if not asked["since"] or row.day >= asked["since"]]
        return [*before, *(row for row in since if not asked["until"] or row.day < asked["until"])]

    def _leaves(self, asked: Mapping[str, Any]) -> list[LeafRow]:
        return [
            LeafRow(index=i, hash=verify_log.leaf_hash(self.records[i].encode()), record=self.records[i])
            for i in range(asked["first"], asked["last"])
        ]

    def bundle(self, out: Path, days: Days = ALL) -> Path:
        """Written by the product's own hand."""
        write_bundle(self.read, self.home, days, out)
        return out


def found(*paths: Path, key: bytes | None = None, known: Sequence[Path] = ()) -> list[tuple[str, int, int | None]]:
    """(code, first bad index, end of the range) of what the verifier says."""
    findings, _, _ = verify_log.check(paths, key, known)
    return [(f.code, f.index, f.until) for f in findings]


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def rewrite(file: Path, told: Sequence[Any]) -> None:
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told), encoding="utf-8")
