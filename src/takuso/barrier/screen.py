"""画面定義 as the wall knows it: what a screen may ask for."""

from dataclasses import dataclass
from enum import StrEnum

from takuso.barrier.matrix import DataClass, View


class ScreenKind(StrEnum):
    """menu: no customer; customer: by code; list: search or list of points; log: the access log; write: a change."""

    MENU = "menu"
    CUSTOMER = "customer"
    LIST = "list"
    LOG = "log"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen, a command or a job that opens tickets. `classes` is the most it can ever be granted."""

    code: str
    name: str
    kind: ScreenKind
    classes: frozenset[DataClass] = frozenset()
    view: View = View.CURRENT
    actions: frozenset[str] = frozenset()
