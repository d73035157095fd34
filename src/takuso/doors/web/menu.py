"""MN00 メニュー: where the work starts; shows no customer and asks for no purpose."""

from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.screen import ScreenKind
from takuso.doors.web.definitions import (
    AD10,
    AD20,
    AD30,
    AD40,
    AL10,
    AL20,
    AL40,
    AL50,
    CI10,
    CI20,
    KF00,
    KF10,
    KS10,
    MN00,
    MY10,
    PC10,
    RT10,
    RT30,
    RT40,
    TR10,
    UK10,
    UK20,
    UK30,
    offered,
)
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
        KS10.code: "名義、住所、電話番号、計器番号、お客さまコードなどで探す",
        RT10.code: "自社の申込の状態と、却下の理由",
        RT30.code: "自社に取り次がれ、回答を待っている廃止",
        RT40.code: "スイッチング、再点、廃止、需要者情報変更、取消・変更の申込",
        UK10.code: "申込の処理待ち、照合待ち、すべての一覧と、次の案件",
        UK20.code: "受付番号で、申込 1 件とその供給地点",
        UK30.code: "紙や電話で受けた小売の申込を、その小売の名義で入力",
        AL10.code: "だれが、いつ、どの画面で、どのお客さまを開いたか",
        AL20.code: "ほかのシステムの閲覧記録を、決まった問いで調べる",
        AL40.code: "だれが、どの会社の、どの区分を見られるか",
        AL50.code: "だれが、どの端末から、サインインし、断られたか",
        AD10.code: "利用者、発令の登録・訂正・終了と、その履歴",
        MY10.code: "表示言語、Enter の動き、行の高さ",
        AD20.code: "会社、特定関係事業者、委託関係と、その履歴",
        AD30.code: "規則の変更と、管理・監査の職務の発令の、申請と承認",
        AD40.code: "画面ごとのデータの種類、操作、版",
    }
)
"""What each screen is opened for, in the words of the menu."""

GROUPS: Final = (
    ("customer", "お客さまコードで開く", ScreenKind.CUSTOMER),
    ("list", "探す・一覧", ScreenKind.LIST),
    ("cases", "異動受付", ScreenKind.CASES),
    ("log", "閲覧記録の調査", ScreenKind.LOG),
    ("office", "管理", ScreenKind.OFFICE),
    ("own", "設定・使い方", ScreenKind.MENU),
)
"""The parts of the menu, in order: id, heading, and the kind of the screens in it."""


def menu(request: HttpRequest, page: Page) -> HttpResponse:
    """The screens, by what they are opened with."""

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=MN00.name, screen=MN00.code, keys=page.keys)
        links = [
            (screen, screen_url(screen.code, receipt=sight.receipt), ABOUT[screen.code])
            for screen in offered(sight.viewer.duty)
            if screen.code in ABOUT
        ]
        groups = [
            (name, title, found)
            for name, title, kind in GROUPS
            if (found := [entry for entry in links if entry[0].kind is kind])
        ]
        tour = screen_url(TR10.code, receipt=sight.receipt) if office(request).demo else ""
        return render(request, "menu.html", frame, {"groups": groups, "tour": tour})

    released = office(request).gate.look(visit(request, MN00.code), render=draw)
    return Answer(released.body, screen=MN00.code, outcome="shown")
