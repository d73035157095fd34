"""One sound application of each procedure, and circumstances in which it is accepted."""

from dataclasses import replace
from datetime import date, datetime

from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Circumstances, Holding, PointFacts, RetailerFacts, Tenure
from takuso.flow.reception.model import (
    Amendment,
    Application,
    Consent,
    ConsentPurpose,
    ConsumerChange,
    Content,
    DesiredDate,
    EquipmentInquiry,
    FourItems,
    MoveOut,
    PasswordRequest,
    PointSearch,
    Reenergisation,
    StatusInquiry,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
    UsageInquiry,
    UsagePassword,
)
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.vocabulary import State
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import JST, DatePeriod

POINT = SupplyPointNumber("0600000000000000000001")
HOLDER, COMER, STRANGER = "葵電力", "あさひ電力", "ひかりエナジー"
AT = datetime(2024, 6, 3, 9, tzinfo=JST)
TODAY, DAY = date(2024, 6, 3), date(2024, 6, 20)
WISHED = DesiredDate(on=DAY, wished=True)
ITEMS = FourItems(point=POINT, name="山田 太郎", kana="ヤマダ タロウ", customer_no="AO-100", place="葵市坂上町3丁目4番")
CONSENT = Consent(given_on=TODAY, purpose=ConsentPurpose.SWITCH_OFFER, identity_papers=("運転免許証",))
ALWAYS = DatePeriod(start=None, end=None)

CONTENTS: dict[Procedure, Content] = {
    Procedure.EQUIPMENT_INQUIRY: EquipmentInquiry(point=POINT),
    Procedure.POINT_SEARCH: PointSearch(meter_number="K-1"),
    Procedure.USAGE_PASSWORD: PasswordRequest(items=ITEMS, consent=CONSENT, valid_days=7),
    Procedure.USAGE_INQUIRY: UsageInquiry(point=POINT, digest="d"),
    Procedure.TERMINATION_RELAY: TerminationRelay(items=ITEMS, holder=HOLDER, desired=WISHED),
    Procedure.SWITCH_START: SwitchStart(
        point=POINT, relay="R1", desired=WISHED, balancing_group="BG", menu="従量", customer_no="AS-1"
    ),
    Procedure.SWITCH_END: SwitchEnd(point=POINT, relay="R1", on=DAY),
    Procedure.REENERGISATION: Reenergisation(
        point=POINT,
        name="佐藤 花子",
        kana="サトウ ハナコ",
        phone="000",
        desired=WISHED,
        balancing_group="BG",
        menu="従量",
    ),
    Procedure.MOVE_OUT: MoveOut(point=POINT, on=DAY, disconnection="計器SW開放"),
    Procedure.CONSUMER_CHANGE: ConsumerChange(point=POINT, name="佐藤 花子", kana="サトウ", phone="000", on=DAY),
    Procedure.AMENDMENT: Amendment(concerns="A0"),
    Procedure.STATUS_INQUIRY: StatusInquiry(concerns="A0"),
}


def application(procedure: Procedure, number: str = "A1", sender: str | None = None) -> Application:
    """The example of the procedure, sent by whom it is sent by as a rule."""
    holders = (Procedure.SWITCH_END, Procedure.MOVE_OUT, Procedure.CONSUMER_CHANGE)
    usual = HOLDER if procedure in holders else COMER
    return Application(number=number, received_at=AT, sender=sender or usual, content=CONTENTS[procedure])


def case(
    procedure: Procedure,
    state: State,
    number: str = "A1",
    sender: str | None = None,
    counterparts: frozenset[str] = frozenset(),
) -> Case:
    """A case of the example, in a state."""
    made = application(procedure, number, sender)
    return Case(application=made, state=state, since=AT, counterparts=counterparts)


def circumstances(procedure: Procedure) -> Circumstances:
    """Where the example is accepted: supplied by HOLDER, or for a move-in vacant since May."""
    vacant = procedure is Procedure.REENERGISATION
    valid = DatePeriod(start=date(2020, 4, 1), end=date(2024, 5, 1) if vacant else None)
    own = application(Procedure.REENERGISATION, "A0")
    relay = case(Procedure.TERMINATION_RELAY, State.AGREED, "R1", counterparts=frozenset({HOLDER}))
    halves = procedure in (Procedure.SWITCH_START, Procedure.SWITCH_END)
    changed = procedure in (Procedure.AMENDMENT, Procedure.STATUS_INQUIRY)
    password = UsagePassword(digest="d", point=POINT, retailer=COMER, issued_on=TODAY, valid_days=1, consent=CONSENT)
    return Circumstances(
        at=AT,
        area="06",
        retailers={
            one: RetailerFacts(code=one, balancing_groups=frozenset({"BG"}), contract=ALWAYS)
            for one in (HOLDER, COMER, STRANGER)
        },
        point=PointFacts(
            number=POINT,
            place=ITEMS.place,
            holdings=(Holding(retailer=HOLDER, valid=valid, customer_no=ITEMS.customer_no),),
            tenures=(Tenure(name=ITEMS.name, kana=ITEMS.kana, valid=valid),),
            menus=frozenset({"従量"}),
        ),
        cases=(
            *((relay,) if halves else ()),
            *((Case(application=own, state=State.SCHEDULED, since=AT),) if changed else ()),
        ),
        passwords=(password,),
    )


def with_point(known: Circumstances, **changes: object) -> Circumstances:
    """The same with another fact of the point."""
    assert known.point is not None
    return replace(known, point=replace(known.point, **changes))  # type: ignore[arg-type]
