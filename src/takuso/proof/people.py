"""Who walks: one invented person for every duty, and clerks of two more retailers."""

from dataclasses import dataclass
from typing import Final

from takuso.barrier.decide import Asker
from takuso.barrier.deployment import Loader
from takuso.barrier.matrix import PURPOSES, Duty

NETWORK, AFFILIATE, RIVAL, THIRD, CONTRACTOR = 1, 2, 3, 4, 9
RETAILERS: Final = (AFFILIATE, RIVAL, THIRD)
_COMPANIES: Final = (
    (NETWORK, "proof-network", "検証送配電", "network"),
    (AFFILIATE, "proof-affiliate", "検証関係小売", "retailer"),
    (RIVAL, "proof-rival", "検証第二小売", "retailer"),
    (THIRD, "proof-third", "検証第三小売", "retailer"),
    (CONTRACTOR, "proof-contractor", "検証委託", "contractor"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """An invented person. `organisation` is the company in whose name the person works."""

    code: str
    duty: Duty
    employer: int
    principal: int | None = None

    @property
    def organisation(self) -> int:
        """The principal of a contractor, else the employer."""
        return self.principal or self.employer

    @property
    def asker(self) -> Asker:
        """As the rule wants it."""
        return Asker(organisation=self.organisation, duty=self.duty)

    @property
    def purpose(self) -> str | None:
        """Code of a purpose this duty may state, None for duties that have none."""
        return next((one.code for one in PURPOSES if self.duty in one.duties), None)


def _walker(code: str, duty: Duty, employer: int, principal: int | None = None) -> Walker:
    return Walker(code=code, duty=duty, employer=employer, principal=principal)


WALKERS: Final = (
    *(_walker(f"proof-{duty.value.partition('.')[2]}", duty, NETWORK) for duty in Duty if duty.is_network),
    _walker("proof-clerk", Duty.CLERK, AFFILIATE),
    _walker("proof-manager", Duty.MANAGER, AFFILIATE),
    _walker("proof-contracted", Duty.CONTRACTOR, CONTRACTOR, AFFILIATE),
    _walker("proof-rival-clerk", Duty.CLERK, RIVAL),
    _walker("proof-third-clerk", Duty.CLERK, THIRD),
)
BY_CODE: Final = {walker.code: walker for walker in WALKERS}
BRIEF: Final = (
    "proof-clerk",
    "proof-contact",
    "proof-rival-clerk",
    "proof-billing",
    "proof-compliance",
    "proof-admin",
    "proof-intake",
)
"""Who walks a brief walk, first who finds most. Together they are shown every way there is."""
REFERENCES: Final = {one.code: f"PROOF-{one.code}" for one in PURPOSES}
"""An open case for every purpose, by the purpose's code."""


def settle(loader: Loader) -> None:
    """Load the companies, the people and an open case for every purpose."""
    loader.load("wall.org", [{"id": i, "code": c, "name": n, "kind": k} for i, c, n, k in _COMPANIES])
    loader.load(
        "wall.person",
        [{"id": no, "code": w.code, "name": f"検証 {w.code}"} for no, w in enumerate(WALKERS, start=1)],
    )
    loader.load(
        "wall.appointment",
        [
            {"person": no, "employer": w.employer, "principal": w.principal, "duty": w.duty.value, "valid": _ALWAYS}
            for no, w in enumerate(WALKERS, start=1)
        ],
    )
    loader.load("wall.affiliation", [{"network": NETWORK, "affiliate": AFFILIATE, "valid": "[2020-04-01,)"}])
    loader.load("wall.contracting", [{"contractor": CONTRACTOR, "principal": AFFILIATE, "valid": "[2016-04-01,)"}])
    loader.load(
        "wall.cases",
        [
            {
                "reference": REFERENCES[one.code],
                "kind": min(one.case_kinds),
                "customer_code": None,
                "opened_at": "2020-01-01 00:00+09",
            }
            for one in PURPOSES
        ],
    )


_ALWAYS: Final = "[2016-04-01 00:00+09,)"
