"""AD40 画面の登録簿: every screen, command and job that opens tickets, every version of its definition; read only."""

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.matrix import ACTIONS, CLASS_NAMES, DUTY_NAMES, DataClass
from takuso.barrier.office_queries import SCREENS
from takuso.doors.web.administration.forms import drawn, framed, show
from takuso.doors.web.page import Page


def screen_list(request: HttpRequest, page: Page, links: "dict[str, list[str]]") -> HttpResponse:
    """The register; `links`: code of a screen to those it leads to."""

    def draw(sight: Sight) -> bytes:
        lines = sight.rows(SCREENS)
        extra = {
            "lines": [line for line in lines if line.recorded_to is None],
            "former": [line for line in lines if line.recorded_to is not None],
            "links": links,
            "classes": {one.value: CLASS_NAMES[one] for one in DataClass},
            "may": {code: [DUTY_NAMES[d] for d in sorted(duties)] for code, duties in ACTIONS.items()},
        }
        return drawn(request, "screens.html", framed(sight, page, (), ()), extra)

    return show(request, page, action="office.read", queries=(SCREENS,), parameters={}, draw=draw)
