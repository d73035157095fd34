"""Where the desk's links lead. A 22-digit number stands in no address: such a way is a form with one button."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from takuso.doors.web.definitions import AL10, AL11, AL12
from takuso.doors.web.desk.asked import Asked

_IN_ADDRESS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Goto:
    """A link by its address, or a form by its fields where there is no address."""

    href: str = ""
    action: str = f"/screens/{AL10.code}"
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways out of the page that was opened with this ticket."""

    receipt: str

    def to(self, asked: Asked) -> Goto:
        """To the records that these filters leave, page and all."""
        fields = asked.fields | ({"after": asked.after.text} if asked.after else {}) | {"from": self.receipt}
        if len(asked.customer) > _IN_ADDRESS:
            return Goto(fields=tuple(fields.items()))
        return Goto(href=f"/screens/{AL10.code}?{urlencode(fields)}")

    def export(self, asked: Asked) -> Goto:
        """To the request for an export of these records."""
        fields = asked.exact | {"from": self.receipt}
        if len(asked.customer) > _IN_ADDRESS:
            return Goto(action=f"/screens/{AL12.code}", fields=tuple(fields.items()))
        return Goto(href=f"/screens/{AL12.code}?{urlencode(fields)}")

    def record(self, receipt: str, day: date, no: int = 1) -> str:
        """To one record, and which of its subjects."""
        more = {"no": str(no)} if no > 1 else {}
        query = {"receipt": receipt, "day": str(day), **more, "from": self.receipt}
        return f"/screens/{AL11.code}?{urlencode(query)}"
