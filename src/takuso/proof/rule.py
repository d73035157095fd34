"""Check `rule`: the matrix and the pure rule against the law, and the matrix against the one that was approved."""

from collections.abc import Iterator, Sequence

from takuso.barrier import lawful
from takuso.barrier.approvals import HomeTable
from takuso.barrier.changes import in_force
from takuso.barrier.lawful import COMPANIES, HISTORIES, TODAY, Question, questions
from takuso.barrier.matrix import RULES, Rule, digest
from takuso.proof.reviewed import MATRIX

Wrong = lawful.Wrong


def rule_faults(rules: Sequence[Rule] = RULES) -> tuple[list[Wrong], int]:
    """(where, what) of every question answered otherwise than the law allows, and how many were asked."""
    wrong, asked = lawful.faults(rules)
    return [*_approved(rules), *wrong], asked


def home_faults(table: HomeTable) -> tuple[list[Wrong], int]:
    """(where, what) of approvals that nothing bears out, and of the table on the day of each approved change asked as
    the program's is; and how many questions were asked."""
    wrong = [("承認した規則の変更", what) for what in (*table.faults, *([table.misfit] if table.misfit else []))]
    asked = 0
    for day in sorted({one.change.on for one in table.approvals}):
        more, questions_asked = lawful.faults(in_force(table.coming, day))
        wrong += more
        asked += questions_asked
    return wrong, asked


def row_faults(rules: Sequence[Rule]) -> Iterator[Wrong]:
    """(key, what) of rows that are wrong by themselves, and of a table that is not the one approved."""
    yield from lawful.row_faults(rules)
    yield from _approved(rules)


def _approved(rules: Sequence[Rule]) -> Iterator[Wrong]:
    if digest(tuple(rules)).hex() != MATRIX:
        yield "情報遮断の表", "承認した表と違います（承認のうえ proof/reviewed.py の MATRIX を改める）"


__all__ = [
    "COMPANIES",
    "HISTORIES",
    "TODAY",
    "Question",
    "Wrong",
    "home_faults",
    "questions",
    "row_faults",
    "rule_faults",
]
