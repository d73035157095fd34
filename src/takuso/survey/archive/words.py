"""Dictionaries of the form: texts by code. They only grow, so that days coded earlier stay readable."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

NONE: Final = -1
"""The code of what is not there."""
Codes = npt.NDArray[np.int32]
Affiliation = tuple[tuple[str, ...], tuple[str, ...]]


@dataclass(slots=True, kw_only=True)
class Words:
    """Screens, persons, retailers, and affiliations of a viewer on a day: (employers, all with whom connected).

    `organisations` and `holders` are those of people.parquet and supply.parquet as they are now.
    """

    screens: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    retailers: list[str] = field(default_factory=list)
    affiliations: list[Affiliation] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    holders: list[str] = field(default_factory=list)

    def text(self) -> str:
        """As a file."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, file: Path) -> Self:
        """From a file. Raises OSError, ValueError, TypeError."""
        document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        document["affiliations"] = [(tuple(one), tuple(other)) for one, other in document["affiliations"]]
        return cls(**document)

    def screen_codes(self, texts: Iterable[str]) -> set[int]:
        """Codes of those screens that the log has."""
        known = codes(self.screens)
        return {known[text] for text in texts if text in known}

    def with_organisation(self, organisation: str, *, contractors: bool) -> set[int]:
        """Codes of the affiliations with an organisation, as employees or with contractors."""
        place = 1 if contractors else 0
        return {code for code, found in enumerate(self.affiliations) if organisation in found[place]}


def codes(texts: Sequence[Any]) -> Mapping[Any, int]:
    """Text to code."""
    return {text: code for code, text in enumerate(texts)}


def grow(texts: list[Any], more: Iterable[Any]) -> Mapping[Any, int]:
    """Give new texts the next codes, in order; text to code."""
    known = set(texts)
    texts += sorted(set(more) - known)
    return codes(texts)
