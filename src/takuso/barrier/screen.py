"""画面定義 as the wall knows it: what a screen may ask for."""

from dataclasses import dataclass
from enum import StrEnum

from takuso.barrier.matrix import ACTIONS, DataClass, Duty, View


class ScreenKind(StrEnum):
    """menu: no customer; customer: by code; list: search or list of points; log: the access log; write: a change;
    office: the administration, without customers; cases: applications."""

    MENU = "menu"
    CUSTOMER = "customer"
    LIST = "list"
    LOG = "log"
    WRITE = "write"
    OFFICE = "office"
    CASES = "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen, a command or a job that opens tickets. `classes` is the most it can ever be granted."""

    code: str
    name: str
    kind: ScreenKind
    classes: frozenset[DataClass] = frozenset()
    view: View = View.CURRENT
    actions: frozenset[str] = frozenset()

    def opens_for(self, duty: Duty) -> bool:
        """True unless the screen is for actions of which this duty may do none."""
        return not self.actions or any(duty in ACTIONS[action] for action in self.actions)
