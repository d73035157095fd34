"""Who is looking, as the wall answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from takuso.barrier.matrix import Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A signed-in person in one appointment. `organisation` is the employer, or a contractor's principal."""

    person_code: str
    person_name: str
    employer_name: str
    organisation_code: str
    organisation_name: str
    organisation_kind: str
    duty: Duty

    @classmethod
    def from_answer(cls, answer: Mapping[str, str]) -> "Viewer":
        """From the `viewer` object of the wall's answer."""
        return cls(
            person_code=answer["person_code"],
            person_name=answer["person_name"],
            employer_name=answer["employer_name"],
            organisation_code=answer["organisation_code"],
            organisation_name=answer["organisation_name"],
            organisation_kind=answer["organisation_kind"],
            duty=Duty(answer["duty"]),
        )
