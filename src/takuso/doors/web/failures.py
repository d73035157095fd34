"""Pages for what went wrong: what happened, what to do; no trace, no value, no sign-in needed."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.http import HttpRequest, HttpResponse

from takuso.doors.web import problems
from takuso.doors.web.frame import NO_KEYS, Answer, Frame, render
from takuso.doors.web.keys import KeyBar
from takuso.doors.web.language import _
from takuso.doors.web.office import viewer


@dataclass(frozen=True, slots=True)
class Failure:
    """Heading and advice of one page."""

    title: str
    advice: str
    outcome: str


FAILURES: Final = MappingProxyType(
    {
        400: Failure(
            "リクエストを受け付けられません",
            "アドレスを確かめ、メニューから操作をやり直してください。",
            "malformed",
        ),
        403: Failure(
            "この操作は受け付けられません",
            "画面の有効期限が切れたか、ほかの画面から送られた可能性があります。"
            "前の画面に戻って再読み込みし、もう一度操作してください。",
            "refused",
        ),
        404: Failure(
            "画面が見つかりません",
            "画面コードとアドレスを確かめるか、メニューから選んでください。",
            "refused",
        ),
        405: Failure("この操作は受け付けられません", "メニューから操作をやり直してください。", "refused"),
        408: Failure(
            "送信が途中で止まりました",
            "操作は受け付けられていません。通信の状態を確かめ、前の画面に戻ってもう一度送ってください。",
            "malformed",
        ),
        500: Failure(
            "システムの内部で問題が起きました",
            "操作は完了していません。少し待ってやり直し、続くときはシステム管理の担当へ時刻を知らせてください。",
            "error",
        ),
        503: Failure(
            "ただいまご利用になれません",
            "閲覧の記録またはデータベースが使えないため、お客さま情報を表示できません。"
            "少し待ってやり直し、続くときはシステム管理の担当へ知らせてください。",
            "closed",
        ),
    }
)
AGAIN: Final = Failure(
    "もう一度操作してください",
    "同じ操作が重なったか、操作の途中で日付が変わったため、表示を取りやめました。"
    "前の画面に戻って再読み込みし、もう一度操作してください。",
    "closed",
)
NO_SUCH_PAGE: Final = Failure(
    "一覧の続きを表示できません",
    "続きは、一覧を開いた本人が、その日のうちに限り表示できます。一覧または検索を最初から開き直してください。",
    "malformed",
)
UNSOUND: Final = Failure(
    "入力に使えない文字があります",
    "画面に出ない制御文字か、壊れた文字が含まれています。前の画面に戻り、貼り付けずに入力し直してください。",
    "malformed",
)
WRONG_DOOR: Final = Failure(
    "この窓口では扱えません",
    "所属する会社の窓口のアドレスから操作してください。分からないときは自社の管理者へ確かめてください。",
    "refused",
)


def page(request: HttpRequest, status: int, failure: Failure | None = None) -> HttpResponse:
    """The page of that status; for a program the same words as a problem document."""
    shown = failure or FAILURES[status]
    if problems.for_machine(request):
        body = problems.document(status, problems.CODES[status], shown.title, shown.advice)
        return problems.answered(body, status=status, outcome=shown.outcome)
    frame = Frame(title=shown.title, keys=KeyBar())
    body = render(request, "failure.html", frame, {"failure": shown, "status": status})
    return Answer(body, outcome=shown.outcome, status=status)


def not_of_duty(request: HttpRequest, receipt: str) -> HttpResponse:
    """403 under a receipt: the wall refused the duty, and nothing was read."""
    if problems.for_machine(request):
        return problems.not_of_duty(receipt)
    frame = Frame(title=_("この操作は職務に含まれていません"), viewer=viewer(request), receipt=receipt, keys=NO_KEYS)
    return Answer(render(request, "not_of_duty.html", frame), outcome="refused", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler400."""
    return page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Django's handler404."""
    return page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler500."""
    return page(request, 500)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """Django's CSRF_FAILURE_VIEW."""
    return page(request, 403)
