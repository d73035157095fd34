"""Pages of docs/reference that the program writes about itself: `make docs`.

Each module makes one page from the program's own registers; the same program gives the same text. PAGES names them
all. `tables` needs a deployed database, the others only the program.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from takuso.main import program
from takuso.proof.page import page as barrier
from tools.pages import cases, classes, commands, forms, keys, messages, processes, purposes, refusals, routes, settings

PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "barrier.md": lambda: barrier(program()),
        "cases.md": cases.page,
        "classes.md": classes.page,
        "commands.md": commands.page,
        "forms.md": forms.page,
        "keys.md": keys.page,
        "messages.md": messages.page,
        "processes.md": processes.page,
        "purposes.md": purposes.page,
        "refusals.md": refusals.page,
        "routes.md": routes.page,
        "settings.md": settings.page,
    }
)
"""File name in docs/reference to what writes it."""
