"""答え: JSON of what the gate gave, and problem documents, as bytes that may leave."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from django.http import HttpRequest

from takuso.barrier.gate import Sight, Visit
from takuso.barrier.signin import Proof
from takuso.doors.web import problems
from takuso.doors.web.frame import Answer
from takuso.doors.web.office import terminal
from takuso.flow.reception.form_errors import FieldError
from takuso.flow.reception.plain import plain

JSON: Final = "application/json"
_KEYS: Final = frozenset({"point", "application"})
"""What rows are told apart by inside the database: nobody else's business."""


def visit(request: HttpRequest, screen: str) -> Visit:
    """This request as the gate wants it: for the screen that shows a person the same."""
    proof: Proof = request.auth  # type: ignore[attr-defined]
    return Visit(proof=proof, screen=screen, terminal=terminal(request))


def encoded(value: Mapping[str, Any]) -> bytes:
    """As UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode()


def shown(body: bytes, *, screen: str = "", status: int = 200, outcome: str = "shown") -> Answer:
    """An answer that is no problem."""
    answer = Answer(body, screen=screen, outcome=outcome, status=status)
    answer["Content-Type"] = JSON
    return answer


def row_of(row: Any) -> dict[str, Any]:
    """A row of a query as an object, without the keys of the database."""
    return {one.name: plain(getattr(row, one.name)) for one in fields(row) if one.name not in _KEYS}


def neutral(sight: Sight) -> bytes:
    """Hidden, absent and no longer held: one document, but for the receipt."""
    return problems.document(
        404,
        "not-found",
        "該当するものはないか、取り扱えません",
        "番号を確かめてください。自社の申込と、いま自社が供給しているお客さまだけを取り扱えます。",
        receipt=sight.receipt,
    )


def looked(body: bytes, *, found: bool, screen: str) -> Answer:
    """What the gate released: the thing itself, or the neutral document."""
    if found:
        return shown(body, screen=screen)
    return problems.answered(body, status=404, outcome="neutral", screen=screen)


def wrong_field(error: FieldError) -> dict[str, str]:
    """One error of the form for a problem document."""
    return {
        "field": error.field,
        "label": error.label,
        "code": error.code.value,
        "rule": error.rule,
        "cure": error.cure,
    }


def malformed(code: str, detail: str, *errors: Mapping[str, Any], status: int = 422) -> Answer:
    """What was sent cannot be taken; `errors` name field, code, rule and cure."""
    body = problems.document(status, code, "送られた内容を受け付けられません", detail, errors=errors)
    return problems.answered(body, status=status, outcome="malformed")
