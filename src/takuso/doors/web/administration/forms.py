"""What is common to the forms of the administration: typed values, refusals in words, the ticket of a look."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, LiteralString

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Declined, Sight
from takuso.barrier.query import Query
from takuso.barrier.screen import ScreenKind
from takuso.doors.web.definitions import offered
from takuso.doors.web.filters import minute, slash
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.keys import Key, KeyBar
from takuso.doors.web.language import _
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page
from takuso.kernel.periods import JST

LONGEST: Final = 200
DONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "recorded": "記録しました。",
        "proposed": "申請しました。ほかの人が承認するまで、何も変わりません。",
        "approved": "承認しました。",
        "refused": "却下しました。",
        "withdrawn": "申請を取り下げました。",
    }
)
"""What a page says after a change, by the wall's word for it."""
WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "self": ("own-note", "自分自身の発令はできません。ほかのシステム管理の担当者に依頼してください。"),
        "person": ("person", "利用者: 登録されていません。一覧から選び直してください。"),
        "code": ("code", "利用者コード: 英小文字で始まる、英小文字・数字・ハイフンの 2〜32 文字で入力してください。"),
        "name": ("name", "氏名: 1〜64 文字で入力してください。"),
        "taken": ("code", "利用者コード: すでに使われています。別のコードを入力してください。"),
        "duty": ("duty", "職務: 選ばれていません。一覧から 1 つ選んでください。"),
        "company": ("employer", "会社: 登録されていない会社です。一覧から選んでください。"),
        "principal": (
            "principal",
            "委託元: 委託元を指定できるのは、勤務先が委託先のときだけです。空にしてください。",
        ),
        "no-principal": (
            "principal",
            "委託元: 委託先の人には委託元が必要です。どの会社の名義で働くかを選んでください。",
        ),
        "duty-company": (
            "duty",
            "職務: 会社の種類と合いません。送配電の職務は送配電会社の、小売の職務は小売会社の名義で発令してください。",
        ),
        "since": ("since", "開始: 1900-01-01T00:00 以降の日時を、2026-12-01T09:00 の形で入力してください。"),
        "until": ("until", "終了: 開始より後の日時を入力してください。"),
        "reason": ("reason", "理由: 1〜200 文字で入力してください。"),
        "company-code": (
            "company-code",
            "会社コード: 英小文字で始まる、英小文字・数字・ハイフンの 2〜32 文字で入力してください。",
        ),
        "company-name": ("company-name", "名称: 1〜64 文字で入力してください。"),
        "company-kind": ("company-kind", "種類: 小売か委託先を選んでください。送配電会社は増やせません。"),
        "company-taken": ("company-code", "会社コード: すでに使われています。別のコードを入力してください。"),
        "company-stale": ("company-code", "ほかの人が同時に登録しました。もう一度登録してください。"),
        "registered": ("registered", "登録番号: 小売だけに、英大文字 1 字と数字 4 桁(A0001 など)で入力してください。"),
        "registered-taken": ("registered", "登録番号: ほかの会社の番号です。番号を確かめてください。"),
        "kind": ("relation", "関係: 一覧から 1 つ選んでください。"),
        "affiliation-companies": ("one", "会社: 特定関係事業者は、送配電会社と、送配電でない会社を選んでください。"),
        "contracting-companies": ("one", "会社: 委託関係は、委託先の会社と、別の委託元の会社を選んでください。"),
        "since-day": ("since-day", "開始日: 2026-12-01 の形で、1900-01-01 以降の日を入力してください。"),
        "until-day": ("until-day", "終了日の翌日: 2026-12-01 の形で、開始日より後の日を入力してください。"),
        "on": ("on", "適用日: 明日以降の日を、2026-12-01 の形で入力してください。"),
        "do": ("duty", "申請の内容が読めません。新しく申請してください。"),
        "class": ("class", "データの種類: 選ばれていません。一覧から 1 つ選んでください。"),
        "article": ("article", "根拠の条文: 電気事業法の条文を「電気事業法23条…」の形で入力してください。"),
        "no-row": ("key", "終える行: その日に効いている行がありません。一覧から選び直してください。"),
        "row-stands": ("class", "データの種類: 同じ行がその日にすでにあります。先にその行を終えてください。"),
        "proposed-already": ("proposals-title", "同じ内容の申請が承認を待っています。"),
        "decided": ("proposals-title", "この申請は、すでに決まったか、取り下げられています。"),
        "own-proposal": ("proposals-title", "自分の申請は承認・却下できません。ほかの人に依頼してください。"),
        "own-appointment": ("proposals-title", "自分の発令の申請は承認・却下できません。ほかの人に依頼してください。"),
        "not-yours": ("proposals-title", "取り下げられるのは、申請した人だけです。"),
        "comment": ("comment", "決めた理由: 1〜200 文字で入力してください(承認では空でもかまいません)。"),
        "unproved": ("proposals-title", "変更後の表が検査に合格していないため、承認できません。"),
        "moved": (
            "proposals-title",
            "検査のあいだに、別の変更が承認されたか配備されました。表の違いを確かめて、もう一度承認してください。",
        ),
        "late": ("proposals-title", "適用日を過ぎました。却下し、新しい適用日で申請し直してください。"),
        "relation-stale": (
            "relate-form",
            "この関係は、ほかの人が先に変えました。いまの記録を確かめて、もう一度操作してください。",
        ),
        "stale": ("reason", "この記録は、ほかの人が先に変えました。いまの記録を確かめて、もう一度操作してください。"),
    }
)
"""The wall's word for a refusal to the field it is about and what to do."""


class Malformed(ValueError):
    """A typed value is none of its kind."""


def instant(text: str) -> datetime | None:
    """2026-12-01T09:00 or 2026-12-01, Japan's time; None for nothing. Raises Malformed."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Malformed from None
    return found.replace(tzinfo=JST) if found.tzinfo is None else found


def day(text: str) -> date | None:
    """2026-12-01; None for nothing. Raises Malformed."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Malformed from None


def problem(error: Declined) -> Problem:
    """A refusal of the wall as a line of the summary."""
    if error.why == "overlap":
        return Problem(field="since", text=_overlap(error.about))
    if error.why == "relation-overlap":
        return Problem(field="since-day", text=_days(error.about))
    if error.why == "needed":
        text = _("終了: この委託関係が要る発令があります({persons})。先に AD10 でその発令を終了してください。")
        return Problem(field="until-day", text=text.format(persons=error.about.get("persons", "")))
    if error.why == "chain":
        return Problem(field="principal", text=_chain(error.about))
    field, text = WORDS.get(error.why, WORDS["stale"])
    return Problem(field=str(error.about.get("field", field)), text=_(text))


def _overlap(about: Mapping[str, Any]) -> str:
    text = _("開始: 同じ人の同じ会社の発令と期間が重なります({held})。先の発令を終了するか、期間を変えてください。")
    since, until = about.get("since"), about.get("until")
    if since is None and until is None:
        return text.format(held="〜")
    ends = [minute(datetime.fromisoformat(one)) if one else "" for one in (since, until)]
    return text.format(held="〜".join(ends))


def _days(about: Mapping[str, Any]) -> str:
    text = _("開始日: 同じ関係と期間が重なります({held})。先の関係を終了するか、期間を変えてください。")
    ends = [slash(date.fromisoformat(about[name])) if about.get(name) else "" for name in ("since", "until")]
    return text.format(held="〜".join(ends))


def _chain(about: Mapping[str, Any]) -> str:
    days = str(about.get("days", "{}"))
    text = _(
        "委託元: この期間に委託関係がありません(登録されている期間: {days})。先に AD20 で委託関係を登録してください。"
    )
    return text.format(days=_("なし") if days == "{}" else days)


def framed(sight: Sight, page: Page, keys: tuple[Key, ...], problems: tuple[Problem, ...]) -> Frame:
    """The surroundings of an administration page, with more keys than its own and what was not taken."""
    bar = KeyBar((*keys, *page.keys.keys))
    frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=bar)
    return frame.with_problems(problems) if problems else frame


def drawn(request: HttpRequest, name: str, frame: Frame, extra: Mapping[str, Any]) -> bytes:
    """A page of the administration, with the way to its other screens."""
    duty = frame.viewer.duty if frame.viewer else None
    tabs = [one for one in offered(duty) if one.kind is ScreenKind.OFFICE] if duty else []
    return render(request, f"administration/{name}", frame, {"tabs": tabs, **extra})


def show(
    request: HttpRequest,
    page: Page,
    *,
    action: str,
    queries: Sequence[Query[Any]],
    parameters: Mapping[str, object],
    draw: Callable[[Sight], bytes],
    failed: bool = False,
) -> HttpResponse:
    """The screen under a ticket for `action`; 400 when it shows a form again."""
    released = office(request).gate.read_office(
        visit(request, page.screen.code), action=action, queries=queries, parameters=parameters, render=draw
    )
    code = page.screen.code
    return Answer(released.body, screen=code, outcome="malformed" if failed else "shown", status=400 if failed else 200)


def change(
    request: HttpRequest, page: Page, *, action: str, statement: LiteralString, parameters: Mapping[str, object]
) -> str:
    """Do it, under a ticket for `action`; returns the wall's word for what was done. Raises Declined."""
    return office(request).gate.administer(
        visit(request, page.screen.code), action=action, statement=statement, parameters=parameters
    )


def typed(request: HttpRequest, names: Sequence[str]) -> dict[str, str]:
    """The fields of a form as they were typed."""
    return {name: request.POST.get(name, "").strip()[: LONGEST * 2] for name in names}


def written(value: datetime | date | None) -> str:
    """A moment or a day as a form field has it; empty for None."""
    if isinstance(value, datetime):
        return f"{value.astimezone(JST):%Y-%m-%dT%H:%M}"
    return value.isoformat() if value else ""


__all__ = ["DONE", "Malformed", "change", "day", "drawn", "framed", "instant", "problem", "show", "typed", "written"]
