"""Addresses of the API, its description, and above them those of the office."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.params.functions import Header, Path, Query

from takuso.doors.api import customers, reception, schemas
from takuso.doors.api.answers import JSON, malformed, shown
from takuso.doors.api.reception import REASONS
from takuso.doors.api.tokens import Bearer, token
from takuso.doors.web import problems, urls
from takuso.doors.web.frame import Answer
from takuso.doors.web.reception.offered import FILED
from takuso.doors.web.screens import PAGES
from takuso.flow.reception.forms import FORMS
from takuso.flow.reception.procedures import CATALOGUE, Procedure

_ABOUT: Final = """小売電気事業者のシステムのための API。画面と同じことができ、同じ関門を通り、同じ閲覧記録が残ります。

- 認証: 送配電の管理者が発行した資格情報（client_id と client_secret）で POST /api/v1/token からトークンを得て、
  `Authorization: Bearer` に付けます。トークンは 1 時間有効です。見える範囲は、資格情報の持ち主の発令で決まります。
- 見えないものと、ないものは、同じ 404 です。
- 申込には冪等キー（Idempotency-Key）が要ります。同じキーと同じ内容は、同じ受付番号を返します。
- 申込は登録されるだけで、判断はそのあとに行われます。状態は GET で確かめてください。
- 誤りは application/problem+json（RFC 9457）です。`code` は変わりません。
"""
_PROBLEMS: Final = dict.fromkeys((400, 401, 403, 503), schemas.Problem)

api: Final = NinjaAPI(
    title="託送 API",
    version="1",
    description=_ABOUT,
    docs_url=None,
    openapi_url=None,
    auth=Bearer(),
    urls_namespace="api",
)


def _said(screen: str, **more: Any) -> dict[str, Any]:
    """What the description of an operation says beside: the screen that does the same for a person."""
    return {"openapi_extra": {"x-screen": screen, **more}}


def _responses(*more: int, **good: Any) -> dict[int, Any]:
    return {int(name[1:]): model for name, model in good.items()} | _PROBLEMS | dict.fromkeys(more, schemas.Problem)


_After = Query(None, max_length=40, description="前の答えの after")
_Number = Path(..., max_length=40, description="受付番号")
_Code = Path(..., max_length=40, description="お客さまコード 14 桁。供給地点特定番号からは POST /api/v1/search で探す")


@api.get("/v1/applications", summary="申込一覧", response=_responses(_200=schemas.Copies), **_said("RT10"))
def list_applications(request: HttpRequest, after: str | None = _After) -> Answer:
    """自社の申込を、新しいものから 50 件ずつ。"""
    return reception.one_list(request, "own", after)


@api.get("/v1/relays", summary="廃止取次の回答待ち", response=_responses(_200=schemas.Copies), **_said("RT30"))
def list_relays(request: HttpRequest, after: str | None = _After) -> Answer:
    """自社の回答を待つ廃止取次を、期限の近いものから 50 件ずつ。"""
    return reception.one_list(request, "relays", after)


def _filing(procedure: Procedure) -> None:
    """One operation for each procedure, described by its form."""
    form, entry = FORMS[procedure], CATALOGUE[procedure]

    def apply(request: HttpRequest, key: str = Header(..., alias="Idempotency-Key")) -> Answer:
        return reception.file(request, procedure, key)

    apply.__name__ = f"file_{procedure.name.lower()}"
    apply.__doc__ = entry.purpose
    api.post(
        f"/v1/applications/{procedure.value}",
        summary=f"{entry.name}を申し込む",
        response=_responses(422, _201=schemas.Filed),
        **_said("RT40", requestBody=schemas.body_of(form)),
    )(apply)


for _one in FILED:
    _filing(_one)


@api.get(
    "/v1/applications/{number}",
    summary="申込 1 件（申込内容照会）",
    response=_responses(404, _200=schemas.OneCopy),
    **_said("RT20"),
)
def get_application(request: HttpRequest, number: str = _Number) -> Answer:
    """自社の申込、または自社に取り次がれた廃止の 1 件。"""
    return reception.one(request, number)


_REASONS: Final = " ".join(f"{code}: {text}" for code, text in REASONS.items())
_ANSWER: Final = schemas.json_body(
    {
        "type": "object",
        "properties": {
            "answer": {"type": "string", "enum": ["agree", "decline"], "title": "承諾または不承諾"},
            "reason": {
                "type": "string",
                "enum": list(REASONS),
                "title": "不承諾の理由のコード",
                "description": _REASONS,
            },
            "day": {"type": "string", "title": "取次の希望日（理由の文が日を挙げるとき）"},
        },
        "required": ["answer"],
        "additionalProperties": False,
    }
)


@api.post(
    "/v1/relays/{number}/answer",
    summary="廃止取次に回答する",
    response=_responses(404, 409, 422, _202=schemas.Filed),
    **_said("RT20", requestBody=_ANSWER),
)
def answer_relay(request: HttpRequest, number: str = _Number) -> Answer:
    """取次を承諾する、または理由を付けて不承諾とする。"""
    return reception.answer_relay(request, number)


def _view(view: str, code: str) -> None:
    """One operation for each screen of one customer."""
    screen = PAGES[code].screen

    def look(request: HttpRequest, customer: str = _Code) -> Answer:
        return customers.customer(request, customer, view)

    look.__name__ = f"get_{view}"
    look.__doc__ = f"画面 {code} {screen.name} と同じ内容。"
    api.get(
        f"/v1/customers/{{customer}}/{view}",
        summary=screen.name,
        response=_responses(404, _200=schemas.Customer),
        **_said(code),
    )(look)


for _name, _screen in customers.VIEWS.items():
    _view(_name, _screen)


@api.get("/v1/notices", summary="口振異動通知 一覧", response=_responses(_200=schemas.List), **_said("KF00"))
def list_notices(request: HttpRequest, after: str | None = _After) -> Answer:
    """自社のお客さまの口振異動通知を、新しいものから 50 件ずつ。"""
    return customers.notices(request, after)


_SEARCH: Final = schemas.json_body(
    {
        "type": "object",
        "properties": {
            "how": {"type": "string", "enum": list(customers.KINDS), "title": "探し方"},
            "term": {"type": "string", "title": "探す語"},
            "after": {"type": "string", "title": "前の答えの after"},
        },
        "required": ["how", "term"],
        "additionalProperties": False,
    }
)


@api.post(
    "/v1/search",
    summary="お客さま検索",
    response=_responses(422, _200=schemas.List),
    **_said("KS10", requestBody=_SEARCH),
)
def search(request: HttpRequest) -> Answer:
    """自社のお客さまを探す。50 件ずつ。"""
    return customers.search(request)


_TOKEN: Final = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "properties": {
                    "grant_type": {"type": "string", "enum": ["client_credentials"]},
                    "client_id": {"type": "string"},
                    "client_secret": {"type": "string"},
                },
                "required": ["grant_type"],
            }
        }
    },
}


@api.post(
    "/v1/token",
    auth=None,
    summary="トークンを得る",
    response={200: schemas.Token, 400: schemas.TokenProblem, 401: schemas.TokenProblem, 503: schemas.Problem},
    openapi_extra={"requestBody": _TOKEN},
)
def get_token(request: HttpRequest) -> Answer:
    """client credentials（RFC 6749 第 4.4 節）。資格情報は HTTP Basic か本文で送る。"""
    return token(request)


@api.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: Exception) -> Answer:  # noqa: ARG001
    return problems.sign_in_needed()


@api.exception_handler(ValidationError)
def _bad_parameter(request: HttpRequest, error: ValidationError) -> Answer:  # noqa: ARG001
    names = sorted({str(one["loc"][-1]) for one in error.errors})
    return malformed("parameter", f"{'、'.join(names)} を確かめてください。", status=400)


_ROOT: Final = "api-root"
"""What django-ninja finds itself by; nobody asks for it."""


@cache
def description() -> bytes:
    """The OpenAPI document as UTF-8, the same for everybody."""
    found = api.get_openapi_schema(path_prefix="/api/")
    for operations in found["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                _as_problem(response["content"])
    return json.dumps(found, ensure_ascii=False).encode()


def _as_problem(content: dict[str, Any]) -> None:
    if content[JSON]["schema"].get("$ref", "").endswith("/Problem"):
        content[problems.MEDIA] = content.pop(JSON)


def screens_of() -> dict[str, str]:
    """Address (as the register has it) and the screen that does the same for a person."""
    paths = json.loads(description())["paths"]
    return {
        path.replace("{", "<").replace("}", ">"): operation["x-screen"]
        for path, operations in paths.items()
        for operation in operations.values()
        if "x-screen" in operation
    }


def openapi(request: HttpRequest) -> Answer:  # noqa: ARG001
    """GET /api/openapi.json, without a sign-in."""
    return shown(description())


def _routes() -> list[URLPattern]:
    """Flat, as the office's own are: every address can be compared with the register."""
    made = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != _ROOT]
    return [path(f"api/{one.pattern}", cast("Callable[..., HttpResponse]", one.callback)) for one in made]


urlpatterns: Final = [
    *urls.urlpatterns,
    path("api/openapi.json", require_GET(openapi)),
    *_routes(),
]
handler400: Final = urls.handler400
handler403: Final = urls.handler403
handler404: Final = urls.handler404
handler500: Final = urls.handler500
