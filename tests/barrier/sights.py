"""What a person really gets of a customer: every guarded table read straight through the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any

from takuso.barrier.gate import Gate, PurposeNeeded, Released, Sight, Visit
from takuso.barrier.matrix import DataClass
from takuso.barrier.query import Query
from takuso.barrier.signin import Proof

# Every readable column of every guarded table (account_no belongs to the login `bank` alone).
COLUMNS: dict[str, tuple[str, str]] = {
    "place": ("A", "point supply_point customer_code town"),
    "equipment": ("B", "point meter_number service_pole"),
    "meter_install": ("B", "point meter_number"),
    "party": ("C", "point name kana phone mail_address valid"),
    "supply": ("D", "point retailer balancing_group contract_no valid"),
    "contract_size": ("E", "point menu valid"),
    "usage_month": ("F", "point month energy_wh valid"),
    "pending": ("G", "point party application_no"),
    "bank_mandate": ("H", "point branch_name holder_kana account_tail"),
    "mandate_notice": ("H", "point branch_name source_file"),
    "contact_note": ("I", "point subject body"),
    "care_note": ("S", "point body"),
}


def everything(folder: Path) -> list[Query[Any]]:
    """A query per table that selects all it can, and forgets every condition: not even the ticket's points."""
    queries: list[Query[Any]] = []
    for table, (letter, columns) in COLUMNS.items():
        file = folder / f"{table}.sql"
        file.write_text(f"SELECT {', '.join(columns.split())} FROM points.{table}", encoding="utf-8")
        row = make_dataclass(table, columns.split())
        queries.append(Query(name=table, file=file, classes=frozenset({DataClass(letter)}), row=row))
    return queries


@dataclass(frozen=True, slots=True)
class Look:
    """One look: the rows by table, and what the gate released."""

    released: Released
    rows: Mapping[str, Sequence[Any]]
    sight: Sight

    @property
    def classes(self) -> set[DataClass]:
        """Classes of which there was at least one row."""
        return {DataClass(COLUMNS[table][0]) for table, rows in self.rows.items() if rows}


def look(gate: Gate, proof: Proof, screen: str, code: str, queries: Sequence[Query[Any]], **more: Any) -> Look:
    """Look at a customer code on a screen, rendering all that comes; states a purpose where one is needed."""
    seen: dict[str, Any] = {}

    def render(sight: Sight) -> bytes:
        seen["sight"] = sight
        seen["rows"] = {q.name: sight.rows(q) for q in queries if not sight.withheld(q)} if sight.shown else {}
        return repr(seen["rows"]).encode()

    visit = Visit(proof=proof, screen=screen, **more)
    try:
        released = gate.look(visit, asked=[code], queries=queries, render=render)
    except PurposeNeeded:
        state(gate, proof, code)
        released = gate.look(Visit(proof=proof, screen=screen, **more), asked=[code], queries=queries, render=render)
    return Look(released, seen["rows"], seen["sight"])


def state(gate: Gate, proof: Proof, scope: str) -> None:
    """State a purpose this duty has."""
    visit = Visit(proof=proof, screen="PU10")
    duty = gate.look(Visit(proof=proof, screen="MN00"), render=lambda s: s.viewer.duty.value.encode()).body.decode()
    code = "KAN" if duty in {"network.compliance", "network.admin"} else "TOI"
    gate.state_purpose(visit, code=code, reference="TOI-1", scope=scope)
