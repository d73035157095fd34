"""MN00 メニュー: where the work starts; shows no customer and asks for no purpose."""

from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.screen import ScreenKind
from takuso.doors.web.definitions import CI10, CI20, KF00, KF10, KS10, MN00, PC10, SCREENS
from takuso.doors.web.frame import Answer, Frame, render
from takuso.doors.web.keys import screen_url
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page

ABOUT: Final = MappingProxyType(
    {
        KF10.code: "口座振替の登録と、金融機関からの異動通知",
        CI10.code: "名義・連絡先、供給者、契約種別、申込中の異動",
        CI20.code: "使用量、設備と計器、供給者と契約の履歴、応対履歴",
        PC10.code: "過去の供給期間の契約と使用量",
        KF00.code: "異動通知の新しい順の一覧",
        KS10.code: "カナ氏名、お客さまコード、供給地点特定番号で探す",
    }
)
"""What each screen is opened for, in the words of the menu."""


def menu(request: HttpRequest, page: Page) -> HttpResponse:
    """The screens, by what they are opened with."""

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=MN00.name, screen=MN00.code, keys=page.keys)
        links = [
            (screen, screen_url(screen.code, receipt=sight.receipt), ABOUT[screen.code])
            for screen in SCREENS
            if screen.kind is not ScreenKind.MENU
        ]
        lists = [entry for entry in links if entry[0].kind is ScreenKind.LIST]
        customers = [entry for entry in links if entry[0].kind is ScreenKind.CUSTOMER]
        return render(request, "menu.html", frame, {"lists": lists, "customers": customers})

    released = office(request).gate.look(visit(request, MN00.code), render=draw)
    return Answer(released.body, screen=MN00.code, outcome="shown")
