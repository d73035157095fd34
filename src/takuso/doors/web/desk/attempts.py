"""AL50 サインインの記録: attempts and changes, newest first, and who and which terminal was refused most."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.barrier.gate import Sight
from takuso.barrier.signin_queries import ATTEMPTS, PAGE, REFUSED
from takuso.doors.web.frame import Answer, Frame, Problem, render
from takuso.doors.web.language import _
from takuso.doors.web.office import office, visit
from takuso.doors.web.page import Page
from takuso.kernel.periods import JST

FORM: Final = "attempts-form"
DEFAULT_DAYS: Final = 7
LONGEST_DAYS: Final = 400
RESULTS: Final = MappingProxyType(
    {
        "signed-in": "サインインした",
        "refused": "断られた",
        "paused": "休止中",
        "ended": "終わらせた",
        "changed": "変更した",
        "issued": "発行した",
        "reset": "作り直しにした",
        "linked": "アカウントを追加した",
        "unlinked": "アカウントを取り消した",
        "unreachable": "ID 基盤に届かない",
    }
)
"""What came of it, by the word in the log."""
MEANS: Final = MappingProxyType(
    {
        "password": "パスワード",
        "one-time-link": "ワンタイムリンク",
        "command": "コマンド",
        "demo": "デモ",
        "totp": "認証アプリ",
        "recovery-code": "回復コード",
        "passkey": "パスキー",
        "external": "会社の ID 基盤",
        "session": "サインイン",
        "api-client": "知らない API の資格情報",
    }
)
"""With what, by the word in the log; a word that is not here stands as it is."""
NAMES: Final = {"since": "期間の初日", "until": "期間の末日", "person": "利用者", "result": "結果", "terminal": "端末"}
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}|-", re.ASCII)
_TERMINAL: Final = re.compile(r"[A-Za-z0-9 .:_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Sound filters; days are both included, "" is none, `before` is the last row of the page before."""

    since: date
    until: date
    person: str = ""
    result: str = ""
    terminal: str = ""
    before: int | None = None

    @property
    def fields(self) -> dict[str, str]:
        """As they stand in an address, page and all."""
        more = {"before": str(self.before)} if self.before else {}
        given = {"since": str(self.since), "until": str(self.until), "person": self.person, "result": self.result}
        return {name: value for name, value in {**given, "terminal": self.terminal, **more}.items() if value}

    @property
    def parameters(self) -> dict[str, object]:
        """As the queries take them."""
        return {
            "since": self.since,
            "until": self.until,
            "person": self.person or None,
            "result": self.result or None,
            "terminal": self.terminal or None,
            "before": self.before,
            "last": PAGE + 1,
        }


def sign_ins(request: HttpRequest, page: Page) -> HttpResponse:
    """GET with the filters in the address."""
    asked, problems = read_asked(request.GET.dict(), datetime.now(UTC).astimezone(JST).date())

    def draw(sight: Sight) -> bytes:
        frame = Frame.of_sight(sight, title=page.screen.name, screen=page.screen.code, keys=page.keys)
        frame = replace(frame, problems=problems)
        return render(request, "desk/attempts.html", frame, _context(sight, asked, problems, request.GET))

    released = office(request).gate.read_log(
        visit(request, page.screen.code),
        asked=" ".join(f"{name}={value}" for name, value in asked.fields.items()),
        queries=() if problems else (ATTEMPTS, REFUSED),
        parameters=asked.parameters,
        render=draw,
    )
    outcome, status = ("malformed", 400) if problems else ("shown", 200)
    return Answer(released.body, screen=page.screen.code, outcome=outcome, status=status)


def read_asked(given: Mapping[str, str], today: date) -> tuple[Asked, tuple[Problem, ...]]:
    """The filters of an address, and what is wrong with them; a wrong one narrows nothing."""
    problems: list[Problem] = []

    def wrong(name: str, rule: str) -> None:
        problems.append(Problem(field=f"filter-{name}", text=f"{_(NAMES[name])}: {rule}"))

    def day(name: str, usual: date) -> date:
        text = given.get(name, "").strip()[:32]
        try:
            return date.fromisoformat(text.replace("/", "-")) if text else usual
        except ValueError:
            wrong(name, _("日付の形ではありません。2026-11-27の形で入力してください。"))
            return usual

    def text(name: str, shape: re.Pattern[str], rule: str) -> str:
        typed = normalize("NFKC", given.get(name, "")).strip()[:64]
        if typed and not shape.fullmatch(typed):
            wrong(name, rule)
            return ""
        return typed

    since, until = day("since", today - timedelta(days=DEFAULT_DAYS - 1)), day("until", today)
    if since > until:
        wrong("since", _("末日より後の日です。初日と末日を確かめてください。"))
    elif (until - since).days >= LONGEST_DAYS:
        wrong("since", _("一度に調べられるのは400日までです。期間を分けてください。"))
    result = given.get("result", "")
    if result and result not in RESULTS:
        wrong("result", _("選べるのは次のどれかです: {known}。").format(known=", ".join(RESULTS)))
    before = given.get("before", "")
    asked = Asked(
        since=since,
        until=until,
        person=text(
            "person", _CODE, _("{example}を入力してください。").format(example=_("利用者のコード(例: aoi-clerk)"))
        ),
        result=result if result in RESULTS else "",
        terminal=text("terminal", _TERMINAL, _("端末のアドレス(例: 192.0.2.10)を入力してください。")),
        before=int(before) if re.fullmatch(r"[0-9]{1,18}", before, re.ASCII) else None,
    )
    return asked, tuple(problems)


def _context(sight: Sight, asked: Asked, problems: tuple[Problem, ...], given: Mapping[str, str]) -> dict[str, Any]:
    def way(**changes: Any) -> str:
        fields = replace(asked, **{"before": None, **changes}).fields | {"from": sight.receipt}
        return f"/screens/AL50?{urlencode(fields)}"

    found = () if problems else sight.rows(ATTEMPTS)
    refused = () if problems else sight.rows(REFUSED)
    return {
        "form": FORM,
        "asked": asked,
        "given": {name: given.get(name, "") for name in NAMES} | ({} if problems else asked.fields),
        "names": NAMES,
        "wrong": {problem.field for problem in problems},
        "results": RESULTS,
        "means": MEANS,
        "lines": found[:PAGE],
        "next": way(before=found[PAGE - 1].id) if len(found) > PAGE else None,
        "first": way() if asked.before else None,
        "persons": [(one, way(person=one.value)) for one in refused if one.by == "person"],
        "terminals": [(one, way(terminal=one.value)) for one in refused if one.by == "terminal"],
        "way": way,
    }
