"""What a screen of the office is made of: its definition, its panels, its keys and the view that serves it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from takuso.barrier.query import Query
from takuso.barrier.screen import Screen, ScreenKind
from takuso.barrier.viewer import Viewer
from takuso.doors.web.keys import KeyBar


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One part of a customer screen: the rows of one query under a heading.

    `network_only`: the part does not exist for retailers, so that nobody asks what it hides. `wide` takes the
    whole width of the page. `reveal`: for the network company it starts as 非表示, and nothing of it is read until the
    person asks for it; that is a look of its own, with its own record.
    """

    id: str
    title: str
    query: Query[Any]
    template: str
    network_only: bool = False
    wide: bool = False
    reveal: bool = False

    def masked(self, viewer: Viewer, revealed: frozenset[str]) -> bool:
        """True while this person has not asked for it; `revealed` are the ids that the address asks for."""
        return self.reveal and viewer.organisation_kind == "network" and self.id not in revealed


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A screen of the office. `lead` are the queries of the strip above the panels; `form`: it takes a POST."""

    screen: Screen
    view: "Callable[[HttpRequest, Page], HttpResponse]"
    keys: KeyBar
    lead: tuple[Query[Any], ...] = ()
    panels: tuple[Panel, ...] = ()
    links: tuple[str, ...] = ()
    form: bool = False

    @property
    def for_customer(self) -> bool:
        """True if the screen is opened for one お客さまコード."""
        return self.screen.kind is ScreenKind.CUSTOMER

    @property
    def takes_form(self) -> bool:
        """True if a form may be sent to its address: what is searched for need not stand in one."""
        return self.form or self.screen.kind is ScreenKind.LIST

    @property
    def queries(self) -> tuple[Query[Any], ...]:
        """Every query of the screen, each once."""
        return tuple(dict.fromkeys((*self.lead, *(panel.query for panel in self.panels))))

    def wanted(self, viewer: Viewer, revealed: frozenset[str]) -> tuple[Query[Any], ...]:
        """The queries of a look by this person."""
        shown = (panel.query for panel in self.panels if not panel.masked(viewer, revealed))
        return tuple(dict.fromkeys((*self.lead, *shown)))

    @property
    def leads_to(self) -> frozenset[str]:
        """Codes of the screens this one has a link or a key to."""
        return frozenset(self.links) | {key.screen for key in self.keys.keys if key.screen}
