"""Counting over days: records add up, persons and supply periods are put together by their codes."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np

from takuso.survey.archive.kept import Kept
from takuso.survey.archive.words import NONE
from takuso.survey.figures import Count
from takuso.survey.standing.arrays import Array
from takuso.survey.standing.question import Question

_FIRST: Final = 1 << 10
_CURE: Final = (
    "誰かが書き換えていないか調べる。takuso survey standing の --drop で消してから、survey stand で作り直す。"
)


class Contradicted(Exception):
    """Extracts that do not agree with themselves or with the raw days: a finding that stops the answer."""


class Seen:
    """Different codes; NONE is none."""

    def __init__(self) -> None:
        self._seen = np.zeros(_FIRST, dtype=np.bool_)

    def add(self, codes: Array) -> None:
        """Take codes in."""
        most = int(codes.max(initial=NONE)) + 1
        if most >= len(self._seen):
            wider = np.zeros(max(most + 1, 2 * len(self._seen)), dtype=np.bool_)
            wider[: len(self._seen)] = self._seen
            self._seen = wider
        # NONE has a place in front.
        self._seen[codes + 1] = True

    def count(self) -> int:
        """How many there are."""
        return int(np.count_nonzero(self._seen[1:]))

    def same(self, other: "Seen") -> bool:
        """True if both are the same codes."""
        return np.array_equal(np.flatnonzero(self._seen[1:]), np.flatnonzero(other._seen[1:]))


class Tally:
    """The figures of each step, while days and records come in. Counts of what is unknown are records."""

    def __init__(self, question: Question) -> None:
        self._last = question.daily - 1
        self._rows = [0] * len(question.steps)
        self._persons = [Seen() for _ in question.steps]
        self._contracts = [Seen() for _ in question.steps]
        self._left = Seen()
        self.no_person = self.no_holder = self.no_predecessor = 0

    def day(self, day: date, rows: Mapping[str, Array], held: Mapping[str, Array]) -> None:
        """Take in the daily steps of a day. Raises Contradicted if the day does not agree with itself."""
        counts = rows["counts"].tolist()
        person = rows["person"]
        if counts[self._last] != len(rows["place"]) or not np.array_equal(
            np.unique(person[person != NONE]), rows[f"persons.{self._last}"]
        ):
            raise contradicted(day, "残した記録と、その記録や人の数")
        for place, count in enumerate(counts):
            self._rows[place] += count
            self._persons[place].add(rows[f"persons.{place}"])
            self._contracts[place].add(held[f"contracts.{place}"])
        no_person, no_predecessor = rows["unknown"].tolist()
        self.no_person += no_person
        self.no_predecessor += no_predecessor
        self.no_holder += int(held["unknown"][0])

    def left(self, kept: Kept) -> None:
        """Take in records that the daily steps leave, to be compared in the end."""
        self._left.add(kept.columns["then_contract"])

    def close(self) -> None:
        """After the last day. Raises Contradicted unless what was left has the supply periods that were counted."""
        if not self._left.same(self._contracts[self._last]):
            raise Contradicted(
                f"日ごとの抜き書きの供給期間が、残した記録の供給期間と合いません。何も書いていません。\n対処: {_CURE}"
            )

    def count(self, place: int, kept: Kept) -> None:
        """Take in what a later step leaves."""
        kept.hold("then")
        self._rows[place] += int(np.count_nonzero(kept.then_in))
        self._persons[place].add(kept.columns["person"][kept.then_in])
        self._contracts[place].add(kept.columns["then_contract"][kept.then_in])

    def figures(self) -> list[tuple[int, Count]]:
        """Records, persons and supply periods after each step."""
        return [
            (rows, Count(viewers=persons.count(), contracts=contracts.count()))
            for rows, persons, contracts in zip(self._rows, self._persons, self._contracts, strict=True)
        ]


def contradicted(day: date, what: str) -> Contradicted:
    """What is said of a day whose extract is not right."""
    return Contradicted(
        f"{day} の抜き書きが正しくありません（{what}が合いません）。何も書いていません。\n対処: {_CURE}"
    )
