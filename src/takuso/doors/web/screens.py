"""画面の登録簿: every screen of the office with its view, its panels and its keys.

A screen that is not here has no address. `SCREENS` is what a deployment loads into the wall.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse

from takuso.doors.web.administration.people import people
from takuso.doors.web.administration.proposals import proposals
from takuso.doors.web.administration.relations import relations
from takuso.doors.web.administration.screen_list import screen_list
from takuso.doors.web.customer import customer_screen
from takuso.doors.web.definitions import (
    AD10,
    AD20,
    AD30,
    AD40,
    AL10,
    AL11,
    AL12,
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
    RT20,
    RT30,
    RT40,
    SCREENS,
    TR10,
    UK10,
    UK20,
    UK30,
)
from takuso.doors.web.desk import attempts, exports, log_list, record, rights
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.lists import customer_search, notice_list
from takuso.doors.web.menu import menu
from takuso.doors.web.page import Page, Panel
from takuso.doors.web.preferences import FORM as PREFERENCES
from takuso.doors.web.preferences import preferences
from takuso.doors.web.reception.applying import applying
from takuso.doors.web.reception.lists import own_list, relay_list
from takuso.doors.web.reception.one import application
from takuso.doors.web.reception_desk.case import reception_case
from takuso.doors.web.reception_desk.lists import reception_list
from takuso.doors.web.reception_desk.taking import FORM as NEXT_FORM
from takuso.doors.web.surveys.screen import FORM as SURVEY_FORM
from takuso.doors.web.surveys.screen import survey_screen
from takuso.doors.web.tour import tour
from takuso.flow.points import queries as q


def _screen_list(request: HttpRequest, page: Page) -> HttpResponse:
    return screen_list(request, page, {code: sorted(one.leads_to) for code, one in PAGES.items()})


_FIND: Final = (Key(key="F2", screen=KS10.code), Key(key="F4", screen=KF00.code))
_OWN_LIST: Final = (Key(key="F2", screen=KS10.code), Key(key="F4", screen=RT10.code))
_LEAVE: Final = (Key(key="F8", prints=True), Key(key="Escape", back=True))
_INFO_1: Final = Key(key="F7", screen=CI10.code, customer=True)
_INFO_2: Final = Key(key="F9", screen=CI20.code, customer=True)
_CUSTOMER_TABS: Final = (KF10.code, CI10.code, CI20.code, PC10.code)
_LOG: Final = (AL10.code, AL20.code, AL40.code, AL50.code)
_OFFICE: Final = (AD10.code, AD20.code, AD30.code, AD40.code)
_OFFICE_TABS: Final = (MN00.code, *_OFFICE)
_APPLICATIONS: Final = (RT10.code, RT30.code, RT40.code)
_RECEPTION: Final = (UK10.code, UK20.code, UK30.code)
_LEAD: Final = (q.PLACE, q.EQUIPMENT, q.PARTY)

_ALL: Final = (
    Page(
        screen=MN00,
        view=menu,
        keys=KeyBar(_FIND),
        links=(
            *(KF00.code, KS10.code, MY10.code, *_LOG, TR10.code, *_CUSTOMER_TABS, *_OFFICE),
            *(*_APPLICATIONS, *_RECEPTION),
        ),
    ),
    Page(
        screen=KF00,
        view=notice_list,
        keys=KeyBar((Key(key="F2", screen=KS10.code), *_LEAVE)),
        lead=(q.PLACE, q.PARTY, q.NOTICES),
        links=(MN00.code, KF10.code),
    ),
    Page(
        screen=KF10,
        view=customer_screen,
        keys=KeyBar((*_FIND, _INFO_1, _INFO_2, *_LEAVE)),
        lead=_LEAD,
        panels=(
            Panel(id="mandate", title="口座振替", query=q.MANDATE, template="panels/mandate.html", reveal=True),
            Panel(id="notices", title="異動通知", query=q.NOTICES, template="panels/notices.html", wide=True),
        ),
        links=(MN00.code, *_CUSTOMER_TABS),
    ),
    Page(
        screen=CI10,
        view=customer_screen,
        keys=KeyBar((*_FIND, _INFO_2, *_LEAVE)),
        lead=_LEAD,
        panels=(
            Panel(
                id="care",
                title="注意情報",
                query=q.CARE_NOTES,
                template="panels/care.html",
                network_only=True,
                wide=True,
            ),
            Panel(id="party", title="契約名義", query=q.PARTY, template="panels/party.html"),
            Panel(id="reach", title="連絡先", query=q.PARTY_CONTACT, template="panels/reach.html", reveal=True),
            Panel(id="place", title="需要場所", query=q.PLACE, template="panels/place.html"),
            Panel(id="supply", title="供給者", query=q.SUPPLY_TODAY, template="panels/supply.html"),
            Panel(id="size", title="契約種別・契約容量", query=q.SIZE_TODAY, template="panels/size.html"),
            Panel(id="pending", title="申込中の異動", query=q.PENDING, template="panels/pending.html", wide=True),
        ),
        links=(MN00.code, *_CUSTOMER_TABS),
    ),
    Page(
        screen=CI20,
        view=customer_screen,
        keys=KeyBar((*_FIND, _INFO_1, Key(key="F9", label="履歴", screen=PC10.code, customer=True), *_LEAVE)),
        lead=_LEAD,
        panels=(
            Panel(id="usage", title="月別使用量", query=q.USAGE, template="panels/usage.html", wide=True),
            Panel(id="equipment", title="設備", query=q.EQUIPMENT, template="panels/equipment.html"),
            Panel(id="meters", title="計器取替履歴", query=q.METER_INSTALLS, template="panels/meters.html"),
            Panel(
                id="history",
                title="供給者の履歴",
                query=q.SUPPLY_HISTORY,
                template="panels/supply_history.html",
            ),
            Panel(
                id="sizes",
                title="契約種別・契約容量の履歴",
                query=q.SIZE_HISTORY,
                template="panels/size_history.html",
            ),
            Panel(
                id="contact",
                title="応対履歴",
                query=q.CONTACT_NOTES,
                template="panels/contact.html",
                wide=True,
            ),
        ),
        links=(MN00.code, *_CUSTOMER_TABS),
    ),
    Page(
        screen=PC10,
        view=customer_screen,
        keys=KeyBar((*_FIND, _INFO_1, _INFO_2, *_LEAVE)),
        panels=(
            Panel(
                id="history",
                title="供給者の履歴",
                query=q.SUPPLY_HISTORY,
                template="panels/supply_history.html",
            ),
            Panel(
                id="sizes",
                title="契約種別・契約容量の履歴",
                query=q.SIZE_HISTORY,
                template="panels/size_history.html",
            ),
            Panel(id="usage", title="月別使用量", query=q.USAGE, template="panels/usage.html", wide=True),
        ),
        links=(MN00.code, *_CUSTOMER_TABS),
    ),
    Page(
        screen=KS10,
        view=customer_search,
        keys=KeyBar(
            (
                Key(key="F4", screen=KF00.code),
                Key(key="F10", label="検索実行", form="search-form"),
                *_LEAVE,
            )
        ),
        lead=(q.PLACE, q.EQUIPMENT, q.PARTY, q.PARTY_CONTACT),
        links=(MN00.code, CI10.code),
    ),
    Page(
        screen=AL10,
        view=log_list.log_list,
        keys=KeyBar((Key(key="F10", label="絞り込み", form=log_list.FORM), *_LEAVE)),
        links=(MN00.code, AL11.code, AL12.code),
        form=True,
    ),
    Page(
        screen=MY10,
        view=preferences,
        keys=KeyBar((*_FIND, Key(key="F10", label="保存", form=PREFERENCES), *_LEAVE)),
        links=(MN00.code,),
    ),
    Page(
        screen=AL20,
        view=survey_screen,
        keys=KeyBar((Key(key="F10", label="調査開始", form=SURVEY_FORM), *_LEAVE)),
        links=(MN00.code,),
        form=True,
    ),
    Page(
        screen=TR10,
        view=tour,
        keys=KeyBar((*_FIND, *_LEAVE)),
        links=(MN00.code, KF10.code, CI20.code, AL10.code, AL20.code),
    ),
    Page(
        screen=AL11,
        view=record.log_record,
        keys=KeyBar(_LEAVE),
        links=(MN00.code, AL10.code),
    ),
    Page(
        screen=AL12,
        view=exports.exports,
        keys=KeyBar(_LEAVE),
        links=(MN00.code,),
        form=True,
    ),
    Page(
        screen=AL40,
        view=rights.rights,
        keys=KeyBar((Key(key="F10", label="比べる", form=rights.FORM), *_LEAVE)),
        links=(MN00.code,),
    ),
    Page(
        screen=AL50,
        view=attempts.sign_ins,
        keys=KeyBar((Key(key="F10", label="絞り込む", form=attempts.FORM), *_LEAVE)),
        links=(MN00.code,),
    ),
    Page(
        screen=AD10,
        view=people,
        keys=KeyBar(_LEAVE),
        links=_OFFICE_TABS,
        form=True,
    ),
    Page(
        screen=AD20,
        view=relations,
        keys=KeyBar(_LEAVE),
        links=_OFFICE_TABS,
        form=True,
    ),
    Page(
        screen=AD30,
        view=proposals,
        keys=KeyBar(_LEAVE),
        links=_OFFICE_TABS,
        form=True,
    ),
    Page(
        screen=UK10,
        view=reception_list,
        keys=KeyBar((*_FIND, Key(key="F10", label="次へ", form=NEXT_FORM), *_LEAVE)),
        links=(MN00.code, UK20.code, UK30.code),
        form=True,
    ),
    Page(
        screen=UK20,
        view=reception_case,
        keys=KeyBar(
            (
                Key(key="F2", screen=KS10.code),
                Key(key="F4", screen=UK10.code),
                _INFO_1,
                _INFO_2,
                Key(key="F10", label="次へ", form=NEXT_FORM),
                *_LEAVE,
            )
        ),
        links=(MN00.code, UK10.code, CI10.code, CI20.code),
        form=True,
    ),
    Page(
        screen=AD40,
        view=_screen_list,
        keys=KeyBar(_LEAVE),
        links=_OFFICE_TABS,
    ),
    Page(
        screen=RT10,
        view=own_list,
        keys=KeyBar((*_FIND, *_LEAVE)),
        links=(MN00.code, RT20.code, RT30.code, RT40.code),
    ),
    Page(
        screen=RT20,
        view=application,
        keys=KeyBar((*_OWN_LIST, *_LEAVE)),
        links=(MN00.code, RT10.code, RT40.code),
        form=True,
    ),
    Page(
        screen=RT30,
        view=relay_list,
        keys=KeyBar((*_OWN_LIST, *_LEAVE)),
        links=(MN00.code, RT20.code),
    ),
    Page(
        screen=UK30,
        view=applying,
        keys=KeyBar((Key(key="F2", screen=KS10.code), Key(key="F4", screen=UK10.code), *_LEAVE)),
        links=(MN00.code, KS10.code, UK10.code),
        form=True,
    ),
    Page(
        screen=RT40,
        view=applying,
        keys=KeyBar((*_OWN_LIST, *_LEAVE)),
        links=(MN00.code, RT20.code),
        form=True,
    ),
)

PAGES: Final[Mapping[str, Page]] = MappingProxyType({page.screen.code: page for page in _ALL})

__all__ = ["PAGES", "SCREENS"]
