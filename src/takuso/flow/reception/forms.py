"""書式: what is typed for each procedure, once for screens, JSON and files; read into a content and written back.

`read` refuses what is malformed, unknown or too long, and what the content's type cannot do without. A text that is
merely absent is read as empty and refused by the rules (Need.RULE), so that it gets the same code by every door.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from takuso.flow.reception.fields import Choice, Field, FieldKind, Need, read_field, write_field
from takuso.flow.reception.form_errors import FieldError, FieldProblem, FormErrorCode
from takuso.flow.reception.model import (
    DISCONNECTIONS,
    WORK_NAMES,
    Amendment,
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
    Work,
    procedure_of,
)
from takuso.flow.reception.procedures import CATALOGUE, Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """書式 of a procedure: its fields in the order of the screen and of the columns of a file."""

    procedure: Procedure
    fields: tuple[Field, ...]

    @property
    def name(self) -> str:
        """The Japanese name of the procedure."""
        return CATALOGUE[self.procedure].name

    def field(self, name: str) -> Field | None:
        """By its key."""
        return next((one for one in self.fields if one.name == name), None)

    def labelled(self, label: str) -> Field | None:
        """By its label, as columns of a file are headed."""
        return next((one for one in self.fields if one.label == label), None)


_FORM, _RULE = Need.FORM, Need.RULE
_POINT: Final = Field(
    name="supply_point",
    label="供給地点特定番号",
    kind=FieldKind.SUPPLY_POINT,
    need=_FORM,
    help="22 桁。ハイフンや空白があっても構いません。",
    width=28,
    limit=22,
)
_NAME: Final = Field(name="name", label="契約名義", kind=FieldKind.TEXT, need=_RULE, width=40, limit=60)
_KANA: Final = Field(
    name="kana",
    label="契約名義（カナ）",
    kind=FieldKind.KANA,
    need=_RULE,
    help="ひらがな、半角カナでも構いません。",
    width=40,
    limit=80,
)
_CUSTOMER_NO: Final = Field(
    name="customer_no",
    label="お客さま番号（契約番号）",
    kind=FieldKind.CUSTOMER_NO,
    need=_RULE,
    help="いまの小売の検針票・請求書にある番号。",
    width=24,
    limit=30,
)
_PLACE: Final = Field(name="place", label="使用場所", kind=FieldKind.TEXT, need=_RULE, width=60, limit=120)
_ITEMS: Final = (_POINT, _NAME, _KANA, _CUSTOMER_NO, _PLACE)
_PHONE: Final = Field(name="phone", label="電話番号", kind=FieldKind.PHONE, need=_RULE, width=16, limit=20)
_GROUP: Final = Field(
    name="balancing_group", label="BGコード", kind=FieldKind.BALANCING_GROUP, need=_RULE, width=12, limit=20
)
_MENU: Final = Field(name="menu", label="契約種別", kind=FieldKind.MENU, need=_RULE, width=30, limit=60)
_OWN_NO: Final = Field(
    name="own_customer_no",
    label="自社のお客さま番号",
    kind=FieldKind.CUSTOMER_NO,
    help="申込者がこの需要者に付けた番号。",
    width=24,
    limit=30,
)
_RELAY: Final = Field(
    name="relay",
    label="廃止取次の受付番号",
    kind=FieldKind.APPLICATION,
    need=_RULE,
    help="いまの小売が承諾した取次の番号。",
    width=24,
    limit=30,
)
_CONCERNS: Final = Field(
    name="concerns",
    label="対象の受付番号",
    kind=FieldKind.APPLICATION,
    need=_FORM,
    help="自社の申込の番号。",
    width=24,
    limit=30,
)
_WISHED: Final = Field(
    name="wished",
    label="需要者の希望",
    kind=FieldKind.FLAG,
    help="需要者がこの日を望むとき。定例検針日でなくても構いません。",
    width=6,
)


def _day(need: Need = _FORM, label: str = "希望日", about: str = "和暦・西暦のどちらでも。") -> Field:
    return Field(name="desired_on", label=label, kind=FieldKind.DAY, need=need, help=about, width=16, limit=30)


_WORK: Final = Field(
    name="work",
    label="工事",
    kind=FieldKind.CHOICE,
    help="空欄は「工事なし」。",
    width=30,
    choices=tuple(Choice(work.value, WORK_NAMES[work], work) for work in Work),
)
_CONSENTS: Final = (
    Field(name="consent_on", label="同意の日", kind=FieldKind.DAY, need=_FORM, width=16, limit=30),
    Field(
        name="consent_purpose",
        label="同意の目的",
        kind=FieldKind.CHOICE,
        need=_FORM,
        width=20,
        choices=(
            Choice("switch-offer", "切替の提案", ConsentPurpose.SWITCH_OFFER),
            Choice("other", "そのほか", ConsentPurpose.OTHER),
        ),
    ),
    Field(
        name="identity_papers",
        label="本人確認書類",
        kind=FieldKind.PAPERS,
        need=_RULE,
        help="読点・コンマ・改行で区切って 5 つまで。",
        width=40,
        limit=30,
    ),
)
_VALID_DAYS: Final = Field(
    name="valid_days",
    label="有効日数",
    kind=FieldKind.COUNT,
    need=_FORM,
    help="1・7・31 のいずれか。",
    width=6,
    limit=999,
)
_HOLDER: Final = Field(
    name="holder",
    label="取次先",
    kind=FieldKind.RETAILER,
    need=_FORM,
    help="いまの小売の事業者コード。",
    width=16,
    limit=30,
)
_SEARCHES: Final = (
    Field(name="address", label="住所", kind=FieldKind.TEXT, help="住所か計器番号のどちらか。", width=60, limit=120),
    Field(name="meter_number", label="計器番号", kind=FieldKind.METER, width=20, limit=30),
)
_PASSWORD: Final = Field(
    name="password",
    label="パスワード",
    kind=FieldKind.SECRET,
    need=_FORM,
    help="発行された使用量照会パスワード。",
    width=30,
    limit=100,
)
_DISCONNECTION: Final = Field(
    name="disconnection",
    label="廃止措置方法",
    kind=FieldKind.CHOICE,
    need=_RULE,
    width=40,
    choices=tuple(Choice(one, one) for one in DISCONNECTIONS),
)
_WITHDRAW, _NEW_DAY = "withdraw", "new-day"
_CHANGE: Final = Field(
    name="change",
    label="取消・変更の別",
    kind=FieldKind.CHOICE,
    need=_FORM,
    width=20,
    choices=(Choice(_WITHDRAW, "取り消す"), Choice(_NEW_DAY, "希望日を改める")),
)

_FIELDS: Final[Mapping[Procedure, tuple[Field, ...]]] = {
    Procedure.EQUIPMENT_INQUIRY: (_POINT,),
    Procedure.POINT_SEARCH: _SEARCHES,
    Procedure.USAGE_PASSWORD: (*_ITEMS, *_CONSENTS, _VALID_DAYS),
    Procedure.USAGE_INQUIRY: (_POINT, _PASSWORD),
    Procedure.TERMINATION_RELAY: (*_ITEMS, _HOLDER, _day(), _WISHED),
    Procedure.SWITCH_START: (_POINT, _RELAY, _day(), _WISHED, _GROUP, _MENU, _WORK, _OWN_NO),
    Procedure.SWITCH_END: (_POINT, _RELAY, _day()),
    Procedure.REENERGISATION: (_POINT, _NAME, _KANA, _PHONE, _day(), _WISHED, _GROUP, _MENU, _OWN_NO),
    Procedure.MOVE_OUT: (_POINT, _day(about="供給がなくなる最初の日。"), _DISCONNECTION),
    Procedure.CONSUMER_CHANGE: (_POINT, _NAME, _KANA, _PHONE, _day(about="この日から新しい名義・電話番号。")),
    Procedure.AMENDMENT: (
        _CONCERNS,
        _CHANGE,
        _day(Need.OPTIONAL, "新しい希望日", "希望日を改めるときだけ。"),
        _WISHED,
    ),
    Procedure.STATUS_INQUIRY: (_CONCERNS,),
}
FORMS: Final[Mapping[Procedure, Form]] = MappingProxyType(
    {procedure: Form(procedure=procedure, fields=_FIELDS[procedure]) for procedure in Procedure}
)
"""The form of each procedure."""


def read(procedure: Procedure, typed: Mapping[str, object]) -> Content | tuple[FieldError, ...]:
    """The content that was typed under the keys of the form, or everything that is wrong with it, in its order.

    A key that is absent counts as empty; one that the form does not have is an error.
    """
    form = FORMS[procedure]
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for field in form.fields:
        try:
            values[field.name] = read_field(field, _as_text(typed.get(field.name, "")))
        except FieldProblem as problem:
            errors.append(problem.at(field.name, field.label))
    errors += [_unknown(key) for key in sorted(map(str, typed)) if form.field(key) is None]
    if not errors and procedure is Procedure.AMENDMENT:
        errors += _amendment_errors(values)
    return tuple(errors) if errors else _BUILD[procedure](values)


def write(content: Content) -> dict[str, str]:
    """The canonical texts by which `read` gives this content again, one for each field of its form.

    A password is left out: only its digest is known. A consent that was withdrawn later is written as it was given.
    """
    form = FORMS[procedure_of(content)]
    parts = _parts(content)
    return {one.name: write_field(one, parts[one.name]) for one in form.fields if one.kind is not FieldKind.SECRET}


def _as_text(value: object) -> str:
    if not isinstance(value, str):
        raise FieldProblem(FormErrorCode.NOT_TEXT)
    return value


_LONGEST_KEY: Final = 40


def _unknown(key: str) -> FieldError:
    shown = "".join(sign if sign.isprintable() else "?" for sign in key[:_LONGEST_KEY])
    return FieldProblem(FormErrorCode.UNKNOWN_FIELD, key=shown).at(shown, shown)


def _amendment_errors(values: Mapping[str, Any]) -> Iterator[FieldError]:
    field = FORMS[Procedure.AMENDMENT].field("desired_on")
    if field is None:
        return
    wanted, given = values["change"] == _NEW_DAY, values["desired_on"] is not None
    if wanted and not given:
        yield FieldProblem(FormErrorCode.MISSING).at(field.name, field.label)
    if not wanted and (given or values["wished"]):
        yield FieldProblem(FormErrorCode.DAY_NOT_WANTED).at(field.name, field.label)


_Values: TypeAlias = Mapping[str, Any]


def _items(values: _Values) -> FourItems:
    return FourItems(
        point=values["supply_point"],
        name=values["name"],
        kana=values["kana"],
        customer_no=values["customer_no"],
        place=values["place"],
    )


def _desired(values: _Values) -> DesiredDate:
    return DesiredDate(on=values["desired_on"], wished=values["wished"])


def _consent(values: _Values) -> Consent:
    return Consent(
        given_on=values["consent_on"], purpose=values["consent_purpose"], identity_papers=values["identity_papers"]
    )


_BUILD: Final[Mapping[Procedure, Callable[[_Values], Content]]] = {
    Procedure.EQUIPMENT_INQUIRY: lambda v: EquipmentInquiry(point=v["supply_point"]),
    Procedure.POINT_SEARCH: lambda v: PointSearch(address=v["address"], meter_number=v["meter_number"]),
    Procedure.USAGE_PASSWORD: lambda v: PasswordRequest(
        items=_items(v), consent=_consent(v), valid_days=v["valid_days"]
    ),
    Procedure.USAGE_INQUIRY: lambda v: UsageInquiry(point=v["supply_point"], digest=v["password"]),
    Procedure.TERMINATION_RELAY: lambda v: TerminationRelay(items=_items(v), holder=v["holder"], desired=_desired(v)),
    Procedure.SWITCH_START: lambda v: SwitchStart(
        point=v["supply_point"],
        relay=v["relay"],
        desired=_desired(v),
        balancing_group=v["balancing_group"],
        menu=v["menu"],
        work=v["work"] or Work.NONE,
        customer_no=v["own_customer_no"],
    ),
    Procedure.SWITCH_END: lambda v: SwitchEnd(point=v["supply_point"], relay=v["relay"], on=v["desired_on"]),
    Procedure.REENERGISATION: lambda v: Reenergisation(
        point=v["supply_point"],
        name=v["name"],
        kana=v["kana"],
        phone=v["phone"],
        desired=_desired(v),
        balancing_group=v["balancing_group"],
        menu=v["menu"],
        customer_no=v["own_customer_no"],
    ),
    Procedure.MOVE_OUT: lambda v: MoveOut(
        point=v["supply_point"], on=v["desired_on"], disconnection=v["disconnection"]
    ),
    Procedure.CONSUMER_CHANGE: lambda v: ConsumerChange(
        point=v["supply_point"], name=v["name"], kana=v["kana"], phone=v["phone"], on=v["desired_on"]
    ),
    Procedure.AMENDMENT: lambda v: Amendment(
        concerns=v["concerns"], new_day=_desired(v) if v["change"] == _NEW_DAY else None
    ),
    Procedure.STATUS_INQUIRY: lambda v: StatusInquiry(concerns=v["concerns"]),
}


def _parts(content: Content) -> dict[str, Any]:
    """The values of a content under the keys of its form: names that are the same are taken over, others said here."""
    found = {name: getattr(content, name) for name in content.__dataclass_fields__}
    return {key: value for name, one in found.items() for key, value in _named(name, one).items()} | _extra(content)


def _named(name: str, value: Any) -> dict[str, Any]:
    match value:
        case FourItems():
            return {
                "supply_point": value.point,
                "name": value.name,
                "kana": value.kana,
                "customer_no": value.customer_no,
                "place": value.place,
            }
        case DesiredDate():
            return {"desired_on": value.on, "wished": value.wished}
        case Consent():
            return {
                "consent_on": value.given_on,
                "consent_purpose": value.purpose,
                "identity_papers": value.identity_papers,
            }
        case _:
            return {_KEYS.get(name, name): value}


_KEYS: Final = {"point": "supply_point", "on": "desired_on", "customer_no": "own_customer_no"}


def _extra(content: Content) -> dict[str, Any]:
    if not isinstance(content, Amendment):
        return {}
    if content.new_day is None:
        return {"change": _WITHDRAW, "desired_on": None, "wished": False}
    return {"change": _NEW_DAY}
