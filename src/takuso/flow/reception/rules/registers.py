"""登録との照らし合わせ: items that must be there, the area, the retailer and its contract, BG, menu, duplicates."""

import re
from collections.abc import Iterator
from typing import Final

from takuso.flow.reception.case import own_conflict
from takuso.flow.reception.facts import Circumstances
from takuso.flow.reception.model import (
    Application,
    ConsumerChange,
    Content,
    MoveOut,
    PasswordRequest,
    PointSearch,
    Reenergisation,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
    day_of,
    point_of,
)
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Refusal, refusal
from takuso.kernel.kana import search_key

_KANA: Final = re.compile(r"[ァ-ヶー0-9A-Z&.,'()/]+")


def item_refusals(content: Content) -> Iterator[Refusal]:
    """Every text that the procedure needs is there, and kana are kana."""
    for name, text in _needed(content):
        if not text.strip():
            yield refusal(RefusalCode.ITEM_MISSING, item=name)
        elif name == _KANA_ITEM and not _KANA.fullmatch(search_key(text)):
            yield refusal(RefusalCode.NOT_KANA, item=name)


def register_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """The area, and who is named: the sender, for a relay the holder too."""
    point = point_of(application.content)
    if point is not None and point.area.code != known.area:
        yield refusal(RefusalCode.AREA_DIFFERS, area=known.area)
    named = {application.sender}
    if isinstance(application.content, TerminationRelay):
        named |= {application.content.holder}
    if not named <= set(known.retailers):
        yield refusal(RefusalCode.RETAILER_UNKNOWN)


def contract_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """A supply that begins needs a contract in force, a BG of the sender's and a menu the point can have."""
    content, sender = application.content, known.retailers.get(application.sender)
    day = day_of(content)
    if sender is None or day is None or not isinstance(content, SwitchStart | Reenergisation):
        return
    if not sender.contract.contains(day):
        yield refusal(RefusalCode.CONTRACT_NOT_IN_FORCE, day=day)
    if content.balancing_group not in sender.balancing_groups:
        yield refusal(RefusalCode.GROUP_UNKNOWN)
    if known.point is not None and content.menu not in known.point.menus:
        yield refusal(RefusalCode.MENU_NOT_ALLOWED, menus="、".join(sorted(known.point.menus)) or "ありません")


def point_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """The point is known; what a retailer learns by that, 設備情報照会 tells every retailer alike."""
    if point_of(application.content) is not None and known.point is None:
        yield refusal(RefusalCode.POINT_UNKNOWN)


def duplicate_refusals(application: Application, known: Circumstances) -> Iterator[Refusal]:
    """The sender has no open case of this procedure at this point that came before."""
    point = point_of(application.content)
    for case in known.cases:
        if (
            case.is_open
            and (case.application.sender, case.application.procedure) == (application.sender, application.procedure)
            and point_of(case.content) == point
            and case.application.place_in_line < application.place_in_line
        ):
            yield refusal(RefusalCode.DUPLICATE, own_conflict(application), case.as_conflict())


_KANA_ITEM: Final = "契約名義（カナ）"


def _needed(content: Content) -> tuple[tuple[str, str], ...]:
    match content:
        case PointSearch():
            return (("住所または計器番号", content.address + content.meter_number),)
        case TerminationRelay() | PasswordRequest():
            items = content.items
            return (
                ("契約名義", items.name),
                (_KANA_ITEM, items.kana),
                ("お客さま番号（契約番号）", items.customer_no),
                ("使用場所", items.place),
            )
        case SwitchStart():
            return (
                ("廃止取次の受付番号", content.relay),
                ("BGコード", content.balancing_group),
                ("契約種別", content.menu),
            )
        case SwitchEnd():
            return (("廃止取次の受付番号", content.relay),)
        case Reenergisation():
            return (
                ("契約名義", content.name),
                (_KANA_ITEM, content.kana),
                ("電話番号", content.phone),
                ("BGコード", content.balancing_group),
                ("契約種別", content.menu),
            )
        case MoveOut():
            return (("廃止措置方法", content.disconnection),)
        case ConsumerChange():
            return (("契約名義", content.name), (_KANA_ITEM, content.kana), ("電話番号", content.phone))
        case _:
            return ()
