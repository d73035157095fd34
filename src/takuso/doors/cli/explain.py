"""`takuso barrier explain`: which row decided what a person may see, told to the compliance duty as a record."""

import json as jsonlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from takuso.barrier.decide import Decision
from takuso.barrier.explanation import ASKED, QUERIES, Acting, Appointment, Explained, PointExplained, explain
from takuso.barrier.gate import Sight
from takuso.barrier.matrix import CLASS_NAMES, DUTY_NAMES, DataClass, Duty
from takuso.doors.cli.answers import Json, paper, wrong_use
from takuso.doors.cli.database import database
from takuso.doors.cli.explain_page import print_explanation
from takuso.doors.cli.house import home
from takuso.doors.cli.log_reading import LOGINS, number, read_log
from takuso.doors.cli.screens import AL30
from takuso.kernel.periods import JST
from takuso.store.pools import Pools

_PERSON: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_SCREEN: Final = re.compile(r"[A-Z]{2}[0-9]{2}", re.ASCII)
_YEARS: Final = range(1952, 4700)


def explain_command(
    person: Annotated[str, typer.Argument(help="だれが（利用者のコード）", metavar="PERSON")],
    screen: Annotated[str, typer.Argument(help="どの画面で（画面コード）", metavar="SCREEN")],
    customer: Annotated[
        str, typer.Argument(help="だれのことを（お客さまコード 14 桁か供給地点特定番号 22 桁）", metavar="CUSTOMER")
    ],
    at: Annotated[
        str | None, typer.Option(help="この業務の時刻に（例: 2026-11-27T10:30。既定はいま）", metavar="INSTANT")
    ] = None,
    as_person: Annotated[str, typer.Option("--as", help="だれとして読むか（情報管理・監査の職務）")] = "td-compliance",
    json: Json = False,
) -> None:
    """どの規則がその閲覧の可否を決めたかを、当時の記録といまの記録の両方で説明する。この説明も記録される。"""
    here = home()
    asked = {"person": _person(person), "screen": _screen(screen), "customer": number(customer)}
    parameters = {**asked, "at": _instant(at)}

    def render(sight: Sight) -> bytes:
        document = {"receipt": sight.receipt, "person": asked["person"], **_document(sight)}
        return jsonlib.dumps(document, ensure_ascii=False, default=str).encode()

    with database(here), Pools(here, LOGINS) as pools:
        body = read_log(
            pools,
            as_person,
            screen=AL30.code,
            terminal="takuso barrier explain",
            asked=" ".join(asked.values()),
            queries=QUERIES,
            parameters=parameters,
            render=render,
        )
    if json:
        typer.echo(body.decode())
        return
    print_explanation(paper(), asked["screen"], jsonlib.loads(body))


def _person(text: str) -> str:
    if not _PERSON.fullmatch(text):
        raise wrong_use(
            "利用者のコードの形ではありません。\n"
            "対処: 利用者のコード（英数字と - _ . の 64 文字まで。例: aoi-clerk）を指定してください。"
        )
    return text


def _screen(text: str) -> str:
    code = text.upper()
    if not _SCREEN.fullmatch(code):
        raise wrong_use(
            "画面コードの形ではありません。\n対処: 画面コード（英字 2 つと数字 2 つ。例: CI20）を指定してください。"
        )
    return code


def _instant(text: str | None) -> datetime | None:
    """A business instant; without a zone it is Japan's."""
    if text is None:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        given = None
    if given is None or given.year not in _YEARS:
        raise wrong_use(
            f"--at の {text!r} は時刻の形ではありません。\n"
            "対処: 2026-11-27T10:30 の形で指定してください（時間帯がなければ日本時間、日付だけなら 0 時）。"
        )
    return given if given.tzinfo is not None else given.replace(tzinfo=JST)


def _document(sight: Sight) -> dict[str, Any]:
    both = explain(ASKED.found(sight.rows))
    told: dict[str, Any] = {answer: _answer(explained) for answer, explained in both.items()}
    at = both["then"].moment.at.astimezone(JST).isoformat()
    differs = {**told["then"], "recorded": None} != {**told["now"], "recorded": None}
    return {"at": at, "differs": differs, **told}


def _answer(explained: Explained) -> dict[str, Any]:
    screen = explained.screen
    return {
        "recorded": explained.moment.recorded.astimezone(JST).isoformat(),
        "screen": {
            "version": screen.version if screen else None,
            "name": screen.name if screen else None,
            "view": screen.view if screen else None,
            "kind": screen.kind if screen else None,
            "classes": sorted(screen.classes) if screen else [],
        },
        "appointments": [_acting(one) for one in explained.acting],
    }


def _acting(acting: Acting) -> dict[str, Any]:
    return {
        **_appointment(acting.appointment),
        "conditions": list(acting.conditions),
        "points": [_point(point) for point in acting.points],
    }


def _appointment(one: Appointment | None) -> Mapping[str, str | None]:
    if one is None:
        return dict.fromkeys(("employer", "employer_name", "principal", "principal_name", "duty", "duty_name"))
    return {
        "employer": one.employer,
        "employer_name": one.employer_name,
        "principal": one.principal,
        "principal_name": one.principal_name,
        "duty": one.duty,
        "duty_name": DUTY_NAMES[Duty(one.duty)],
    }


def _point(point: PointExplained) -> dict[str, Any]:
    return {
        "no": point.no,
        "relation": point.relation,
        "holder": point.holder,
        "classes": [_class(letter, decision) for letter, decision in point.classes.items()],
    }


def _class(letter: DataClass, decision: Decision) -> dict[str, Any]:
    rule = decision.rule
    return {
        "class": letter,
        "name": CLASS_NAMES[letter],
        "verdict": "show" if decision.show else "deny",
        "own_periods_only": decision.periods is not None,
        "rule": rule
        and {
            "key": rule.key,
            "article": rule.article,
            "note": rule.note,
            "since": rule.since,
            "until": rule.until,
        },
    }
