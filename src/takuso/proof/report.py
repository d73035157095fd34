"""What a run of the proof found, and how much of the program it reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from takuso.barrier.matrix import Rule


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that is not as it must be. `check` is the check's name, `where` a door, table or transition."""

    check: str
    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What exists in the program, and how many of its cells the walk reached.

    `doors`: ways in and out. `transitions`: links, forms and redirections between screens, as read from the pages.
    `persons` and `kinds`: who walked, and the kinds of customer. `cells`: person × kind × door and transition.
    """

    doors: int = 0
    transitions: int = 0
    persons: int = 0
    kinds: int = 0
    cells: int = 0
    reached: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One check that ran: what it found, the questions it asked (`cells`), its wall time in seconds."""

    name: str
    title: str
    findings: tuple[Finding, ...]
    cells: int
    seconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole run. `facts` says what was proved: version, rules, catalogue (see book.py); `rules`: the home's table."""

    checks: tuple[Checked, ...]
    coverage: Coverage
    seconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, check by check."""
        return tuple(finding for check in self.checks for finding in check.findings)

    @property
    def ok(self) -> bool:
        """True if nothing was found."""
        return not self.findings

    def document(self) -> dict[str, Any]:
        """As JSON: the contract of `takuso barrier verify --json`, and more beside it."""
        return {
            "ok": self.ok,
            "findings": [_finding(finding) for finding in self.findings],
            "coverage": {name: getattr(self.coverage, name) for name in Coverage.__slots__},
            "seconds": round(self.seconds, 2),
            "checks": [_check(check) for check in self.checks],
            "facts": dict(self.facts),
        }


def _finding(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "where": finding.where, "what": finding.what}


def _check(check: Checked) -> dict[str, Any]:
    return {
        "name": check.name,
        "title": check.title,
        "ok": not check.findings,
        "findings": len(check.findings),
        "cells": check.cells,
        "seconds": round(check.seconds, 2),
        "facts": dict(check.facts),
    }


def findings(check: str, wrong: Sequence[tuple[str, str]]) -> tuple[Finding, ...]:
    """Findings of one check from (where, what), each once, in order."""
    return tuple(Finding(check=check, where=where, what=what) for where, what in dict.fromkeys(wrong))
