"""MN00 メニュー: where the work starts; shows no customer and asks for no purpose."""

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.screen import ScreenKind
from takuso.doors.web.definitions import MN00, SCREENS
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page


def menu(request: HttpRequest, page: Page) -> HttpResponse:
    """The screens, by what they are opened with."""

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=MN00.name, screen=MN00.code, keys=page.keys)
        links = [
            (screen, screen_url(screen.code, receipt=sight.receipt))
            for screen in SCREENS
            if screen.kind is not ScreenKind.MENU
        ]
        lists = [entry for entry in links if entry[0].kind is ScreenKind.LIST]
        customers = [entry for entry in links if entry[0].kind is ScreenKind.CUSTOMER]
        return render(request, "menu.html", frame, {"lists": lists, "customers": customers})

    released = office(request).gate.look(visit(request, MN00.code), render=draw)
    return Answer(released.body, screen=MN00.code, outcome="shown")
