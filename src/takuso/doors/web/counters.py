"""How many requests ended how, by screen: numbers shared by the server's processes, without any customer in them."""

from collections.abc import Iterable
from multiprocessing import get_context
from typing import Final

OUTCOMES: Final = (
    "shown",
    "neutral",
    "no-class",
    "form",
    "malformed",
    "redirect",
    "sign-in-needed",
    "enrolment-needed",
    "purpose-needed",
    "refused",
    "closed",
    "error",
)
OTHER: Final = "other"


class Counters:
    """A fixed table of screens and outcomes, made before the workers are forked so that they share it."""

    def __init__(self, screens: Iterable[str]) -> None:
        labels = [(screen, outcome) for screen in (*screens, OTHER) for outcome in OUTCOMES]
        self._place = {label: number for number, label in enumerate(labels)}
        self._counts = get_context("fork").Array("Q", len(labels))

    def add(self, screen: str, outcome: str) -> None:
        """One more request; an unknown screen counts as `other`. Raises KeyError for an unknown outcome."""
        label = (screen, outcome)
        place = self._place[label if label in self._place else (OTHER, outcome)]
        with self._counts.get_lock():
            self._counts[place] += 1

    def prometheus(self) -> str:
        """Text of the exposition format 0.0.4."""
        with self._counts.get_lock():
            counts = self._counts[:]
        lines = [
            "# HELP takuso_requests_total Requests by screen and outcome.",
            "# TYPE takuso_requests_total counter",
        ]
        lines += [
            f'takuso_requests_total{{screen="{screen}",outcome="{outcome}"}} {counts[place]}'
            for (screen, outcome), place in self._place.items()
        ]
        return "\n".join(lines) + "\n"
