"""Contents as a form gives them, and what people type: for the properties of forms and of what is passed on."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from takuso.flow.reception.case import Case
from takuso.flow.reception.facts import Holding, PointFacts, RetailerFacts, Tenure, Voltage
from takuso.flow.reception.fields import Field, FieldKind
from takuso.flow.reception.forms import FORMS
from takuso.flow.reception.model import Application, Consent, ConsentPurpose, Content, UsagePassword
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import Conflict, Refusal, places
from takuso.flow.reception.refusals.texts import TEXTS
from takuso.flow.reception.vocabulary import State
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import JST, DatePeriod

SIGNS = "山田髙橋﨑神ゞ々アあがｶﾞﾊﾟ゛ﾞﾟ\u3099ーｰ-－−・ 　㈱①Ａａ1１AZz.,()（）\u200b\ufeff´\u2025"
TEXTS_TYPED = st.text(alphabet=SIGNS, max_size=6)
DAYS = st.dates(date(1873, 1, 1), date(2099, 12, 31))
MOMENTS = st.integers(1_459_436_400, 2_208_956_400).map(lambda one: datetime.fromtimestamp(one, JST))
CODES = st.text(alphabet="ABz019-あ", min_size=1, max_size=6)
POINTS = st.text(alphabet="0123456789", min_size=20, max_size=20).map(lambda one: SupplyPointNumber("06" + one))


def _day_texts(day: date) -> st.SearchStrategy[str]:
    return st.sampled_from(
        (day.isoformat(), f"{day.year}/{day.month}/{day.day}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日")
    )


def _typed(field: Field) -> st.SearchStrategy[str]:
    match field.kind:
        case FieldKind.SUPPLY_POINT:
            return POINTS.flatmap(
                lambda one: st.sampled_from((one.text, one.grouped, f"　{one.text[:9]} {one.text[9:]}"))
            )
        case FieldKind.DAY:
            return DAYS.flatmap(_day_texts)
        case FieldKind.PHONE:
            return st.sampled_from(("", "０６－１２３４－５６７８", "(03)1234-5678", "09012345678", "+81 3-1234-5678"))
        case FieldKind.CHOICE:
            empty = () if field.need == "form" else ("",)
            return st.sampled_from((*empty, *(text for one in field.choices for text in (one.value, one.label))))
        case FieldKind.FLAG:
            return st.sampled_from(("", "○", "はい", "TRUE", "０", "no"))
        case FieldKind.COUNT:
            return st.integers(1, field.limit).map(str)
        case FieldKind.PAPERS:
            return st.lists(TEXTS_TYPED, max_size=3).map("、".join)
        case _:
            return TEXTS_TYPED.map(lambda one: f"x{one}" if field.need == "form" else one)


def typed_forms(procedure: Procedure) -> st.SearchStrategy[dict[str, str]]:
    """What somebody types, sound for each field alone."""
    made = st.fixed_dictionaries({one.name: _typed(one) for one in FORMS[procedure].fields})
    return made.map(_agreeing) if procedure is Procedure.AMENDMENT else made


def _agreeing(typed: dict[str, str]) -> dict[str, str]:
    withdraws = typed["change"] in ("withdraw", "取り消す")
    return {**typed, "desired_on": "", "wished": ""} if withdraws else typed


PERIODS = st.builds(
    lambda start, length: DatePeriod(start=start, end=None if length is None or start is None else start + length),
    st.none() | DAYS,
    st.none() | st.integers(0, 900).map(lambda one: timedelta(days=one)),
)
CONFLICTS = st.builds(
    Conflict,
    number=CODES | st.just(""),
    procedure=st.none() | st.sampled_from(Procedure),
    day=st.none() | DAYS,
    parties=st.frozensets(CODES, max_size=3),
    withheld=st.booleans(),
)


@st.composite
def refusals(draw: st.DrawFn) -> Refusal:
    """Of any code, with values of every type."""
    code = draw(st.sampled_from(RefusalCode))
    values: Any = {name: draw(st.integers() | DAYS | TEXTS_TYPED) for name in sorted(places(TEXTS[code]))}
    return Refusal(
        code=code, values=tuple(sorted(values.items())), conflicts=tuple(draw(st.lists(CONFLICTS, max_size=2)))
    )


def cases(contents: st.SearchStrategy[Content]) -> st.SearchStrategy[Case]:
    """Any case of such contents, possible or not."""
    applications = st.builds(
        Application,
        number=CODES,
        received_at=MOMENTS,
        sender=CODES,
        content=contents,
        amended_at=st.none() | MOMENTS,
    )
    return st.builds(
        Case,
        application=applications,
        state=st.sampled_from(State),
        since=MOMENTS,
        due=st.none() | DAYS,
        refusals=st.lists(refusals(), max_size=2).map(tuple),
        counterparts=st.frozensets(CODES, max_size=2),
        partner=CODES | st.just(""),
    )


def _in_order(spans: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(spans, key=lambda one: one.valid.start or date.min))


POINT_FACTS = st.builds(
    PointFacts,
    number=POINTS,
    place=TEXTS_TYPED,
    voltage=st.sampled_from(Voltage),
    power_kw=st.none() | st.decimals(0, 9999, places=2) | st.just(Decimal("40")),
    holdings=st.lists(st.builds(Holding, retailer=CODES, valid=PERIODS, customer_no=CODES), max_size=3).map(_in_order),
    tenures=st.lists(st.builds(Tenure, name=TEXTS_TYPED, kana=TEXTS_TYPED, valid=PERIODS), max_size=3).map(_in_order),
    disconnection=TEXTS_TYPED,
    reading_days=st.frozensets(DAYS, max_size=3),
    menus=st.frozensets(TEXTS_TYPED, max_size=3),
    special=st.booleans(),
)
RETAILER_FACTS = st.builds(
    RetailerFacts, code=CODES, balancing_groups=st.frozensets(CODES, max_size=3), contract=PERIODS
)
PASSWORDS = st.builds(
    UsagePassword,
    digest=CODES,
    point=POINTS,
    retailer=CODES,
    issued_on=DAYS,
    valid_days=st.integers(1, 31),
    consent=st.builds(
        Consent,
        given_on=DAYS,
        purpose=st.sampled_from(ConsentPurpose),
        identity_papers=st.lists(TEXTS_TYPED, max_size=2).map(tuple),
        withdrawn_on=st.none() | DAYS,
    ),
)
