"""TR10 はじめての案内: the notice's path in an invented area, step by step; only in a demo home.

Each step has what does it, and says how far it is where that can be known. Faults are planted by commands alone: a
browser that could plant one would be a door that the product does not have.
"""

import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.demo.customers import NoDemo, customers
from takuso.doors.web.definitions import AL10, AL20, CI20, KF10, TR10, offered
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import Office, office, visit
from takuso.doors.web.page import Page
from takuso.doors.web.surveys.sources import DEMO, runs_of
from takuso.survey.runs import State

CLERK: Final = "aoi-clerk"
RIVAL: Final = "asahi-clerk"
READER: Final = "td-compliance"
FAULT: Final = "notice-transition"
SURVEY: Final = "notice-2022-12"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What is typed into a second terminal, ready to be copied."""

    plant: str
    verify: str
    serve: str
    heal: str


def tour(request: HttpRequest, page: Page) -> HttpResponse:
    """The steps, as far as whoever is signed in has come."""
    here = office(request)
    if not here.demo:
        raise Http404

    def draw(sight: Sight) -> bytes:
        own, foreign = (_customer(here, kind, sight.today) for kind in ("own", "foreign"))
        frame = Frame.of_sight(sight, title=TR10.name, screen=TR10.code, keys=page.keys)
        reads = AL10 in offered(sight.viewer.duty)
        extra = {
            "clerk": CLERK,
            "reader": READER,
            "is_clerk": sight.viewer.person_code == CLERK,
            "reads": reads,
            "ways": _ways(own, foreign, sight.receipt),
            "split": f"/demo/split?customer={own}&screen={CI20.code}&a={CLERK}&b={RIVAL}",
            "own": own,
            "foreign": foreign,
            "survey": SURVEY,
            "source": DEMO,
            "surveyed": reads and _surveyed(here),
            "faults": list(here.ready()),
            "commands": _commands(here.folder),
            "fault": FAULT,
        }
        return render(request, "tour.html", frame, extra)

    released = here.gate.look(visit(request, TR10.code), render=draw)
    return Answer(released.body, screen=TR10.code, outcome="shown")


def _customer(here: Office, kind: str, today: date) -> str:
    """Code of a customer of that kind, as the clerk's company sees it today; nothing if the plan knows none."""
    try:
        found = customers(here.folder, kind, CLERK, 1, today=today)
    except NoDemo:
        return ""
    return str(found[0]["customer_code"]) if found else ""


def _ways(own: str, foreign: str, receipt: str) -> dict[str, str]:
    return {
        "own_notice": screen_url(KF10.code, customer=own, receipt=receipt),
        "foreign_notice": screen_url(KF10.code, customer=foreign, receipt=receipt),
        "foreign_info": screen_url(CI20.code, customer=foreign, receipt=receipt),
        "log": f"{screen_url(AL10.code, receipt=receipt)}&person={CLERK}",
        "surveys": screen_url(AL20.code, receipt=receipt),
    }


def _surveyed(here: Office) -> bool:
    """True if the notice's survey of the demo's week has been run to its end."""
    return any(
        run.state is State.DONE and (run.asked.survey, run.asked.source) == (SURVEY, DEMO)
        for run in runs_of(here).all()
    )


def _commands(folder: Path) -> Commands:
    program = Path(sys.executable).with_name("takuso")
    inside = program.relative_to(Path.cwd()) if program.is_relative_to(Path.cwd()) else program
    begin = f"TAKUSO_HOME={folder} {inside}"
    port = os.environ.get("PORT", "8000")
    return Commands(
        plant=f"{begin} drill plant {FAULT}",
        verify=f"{begin} barrier verify --brief --only walk",
        serve=f"PORT={port} {begin} serve",
        heal=f"{begin} drill heal",
    )
