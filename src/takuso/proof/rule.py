"""Check `rule`: the matrix and the pure rule against the law, and the matrix against the one that was approved."""

from collections.abc import Iterator, Sequence

from takuso.barrier import lawful
from takuso.barrier.lawful import COMPANIES, HISTORIES, TODAY, Question, questions
from takuso.barrier.matrix import RULES, Rule, digest
from takuso.proof.reviewed import MATRIX

Wrong = lawful.Wrong


def rule_faults(rules: Sequence[Rule] = RULES) -> tuple[list[Wrong], int]:
    """(where, what) of every question answered otherwise than the law allows, and how many were asked."""
    wrong, asked = lawful.faults(rules)
    return [*_approved(rules), *wrong], asked


def row_faults(rules: Sequence[Rule]) -> Iterator[Wrong]:
    """(key, what) of rows that are wrong by themselves, and of a table that is not the one approved."""
    yield from lawful.row_faults(rules)
    yield from _approved(rules)


def _approved(rules: Sequence[Rule]) -> Iterator[Wrong]:
    if digest(tuple(rules)).hex() != MATRIX:
        yield "情報遮断の表", "承認した表と違います（承認のうえ proof/reviewed.py の MATRIX を改める）"


__all__ = ["COMPANIES", "HISTORIES", "TODAY", "Question", "Wrong", "questions", "row_faults", "rule_faults"]
