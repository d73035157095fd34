"""次へ and the addresses of cases: the next one that nobody else has in hand."""

import re
from typing import Final
from unicodedata import normalize
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from takuso.doors.web.definitions import UK10, UK20
from takuso.doors.web.office import came_from, office, visit
from takuso.doors.web.redirects import see_other
from takuso.flow.reception import operations

FORM: Final = "next-form"
_NUMBER: Final = re.compile(r"[0-9]{6}-[0-9A-Z]{10}")
_LONGEST: Final = 40


def typed_number(text: str) -> str | None:
    """The 受付番号 in any width and case; None for anything else."""
    number = normalize("NFKC", text[:_LONGEST]).strip().upper()
    return number if _NUMBER.fullmatch(number) else None


def case_url(number: str, *, receipt: str | None = None, order: str = "", done: str = "") -> str:
    """Address of UK20 for this 受付番号, with the order that is about to be confirmed or was given."""
    query = {"number": number, "order": order, "done": done, "from": receipt or ""}
    return f"/screens/{UK20.code}?{urlencode({name: value for name, value in query.items() if value})}"


def take_next(request: HttpRequest, screen: str) -> HttpResponse:
    """POST `after`: takes the next case behind that one, or the first, and goes there; to the inbox if none is left."""
    after = typed_number(request.POST.get("after", ""))
    number = office(request).gate.administer(
        visit(request, screen),
        action=operations.HANDLE,
        asked=() if after is None else (after,),
        statement=operations.TAKE_NEXT,
        parameters={"action": operations.HANDLE, "after": after},
    )
    if number:
        return see_other(case_url(number, receipt=came_from(request)))
    return see_other(f"/screens/{UK10.code}?{urlencode({'none': 'yes', 'from': came_from(request) or ''})}")
