"""型: what the answers and bodies of the API look like, for its description."""

from typing import Any, Final

from ninja import Schema
from pydantic import Field

from takuso.flow.reception.fields import Field as FormField
from takuso.flow.reception.fields import FieldKind, Need
from takuso.flow.reception.forms import Form
from takuso.flow.reception.procedures import Procedure
from takuso.flow.reception.vocabulary import State

RECEIPT: Final = "閲覧票の受付番号（32 文字）。記録を問い合わせるときに使う"


class FieldProblem(Schema):
    """項目の誤り。"""

    field: str
    label: str = ""
    code: str
    rule: str
    cure: str


class Problem(Schema):
    """問題の文書（RFC 9457）。`code` は変わらない。"""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] = Field(default_factory=list)
    receipt: str = ""


class Token(Schema):
    """アクセストークン（RFC 6749 第 5.1 節）。"""

    access_token: str
    token_type: str
    expires_in: int


class TokenProblem(Schema):
    """トークンを出せない理由（RFC 6749 第 5.2 節）。"""

    error: str
    error_description: str


class Refusal(Schema):
    """却下・不承諾の理由。"""

    code: str
    field: str
    rule: str
    cure: str


class Copy(Schema):
    """自社が持つ申込の写し。"""

    number: str = Field(description="受付番号")
    procedure: str = Field(
        description="手続き（固定の名前）", json_schema_extra={"enum": [one.value for one in Procedure]}
    )
    procedure_name: str = Field(description="手続きの名前")
    role: str = Field(description="sender（申込者）または holder（取次を受けた供給者）")
    supply_point: str | None = Field(description="供給地点特定番号")
    content: dict[str, Any] = Field(description="申し込んだ内容")
    day: str | None = Field(description="希望日または実施日")
    received_at: str = Field(description="受付日時")
    state: str = Field(description="状態（固定の名前）", json_schema_extra={"enum": [one.value for one in State]})
    state_name: str = Field(description="状態の名前")
    since: str = Field(description="この状態になった日時")
    due: str | None = Field(description="期限")
    refusals: list[Refusal]


class OneCopy(Schema):
    """申込 1 件。"""

    receipt: str = Field(description=RECEIPT)
    application: Copy


class Copies(Schema):
    """申込の一覧（50 件まで）。"""

    receipt: str = Field(description=RECEIPT)
    applications: list[Copy]
    after: str | None = Field(description="続きがあれば、次の要求の after に渡す値")


class Filed(Schema):
    """受け付けた申込。判断はこのあとに行われる。"""

    number: str = Field(description="受付番号")
    href: str = Field(description="この申込のアドレス")


class Part(Schema):
    """お客さま 1 件の情報の一部。`withheld` は非表示（区分を取り扱えない）。"""

    id: str
    title: str
    withheld: bool
    rows: list[dict[str, Any]]


class Point(Schema):
    """供給地点 1 つ。"""

    no: int
    lead: dict[str, dict[str, Any] | None] = Field(description="画面の上の帯と同じ、いまの状態の行")
    parts: list[Part]


class Customer(Schema):
    """お客さま 1 件。"""

    receipt: str = Field(description=RECEIPT)
    customer: str = Field(description="お客さまコード 14 桁")
    points: list[Point]


class Found(Schema):
    """一覧の 1 行: 供給地点 1 つの、取り扱える区分の行。"""

    rows: dict[str, list[dict[str, Any]]]


class List(Schema):
    """お客さまの一覧（50 件まで）。"""

    receipt: str = Field(description=RECEIPT)
    found: list[Found]
    after: str | None = Field(description="続きがあれば、次の要求の after に渡す値")


def body_of(form: Form) -> dict[str, Any]:
    """The body of an application of this form as an OpenAPI request body: every value is a text, as on the screen."""
    schema = {
        "type": "object",
        "title": form.name,
        "properties": {one.name: _property(one) for one in form.fields},
        "required": [one.name for one in form.fields if one.need is Need.FORM],
        "additionalProperties": False,
    }
    return json_body(schema)


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """A request body that is JSON of this schema."""
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _property(field: FormField) -> dict[str, Any]:
    flag = "true か false。" if field.kind is FieldKind.FLAG else ""
    told = " ".join(filter(None, (flag, field.help, "（必須）" if field.need is Need.RULE else "")))
    found: dict[str, Any] = {"type": "string", "title": field.label}
    if told:
        found["description"] = told
    if field.choices:
        found["enum"] = [one.value for one in field.choices] + [""] * (field.need is not Need.FORM)
    return found
