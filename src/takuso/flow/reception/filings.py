"""申込の登録: what the statement FILE is given for a content, the same by every door."""

import json
from typing import Any

from takuso.flow.reception import wire
from takuso.flow.reception.model import (
    Amendment,
    Content,
    StatusInquiry,
    SwitchEnd,
    SwitchStart,
    day_of,
    point_of,
    procedure_of,
)


def filing(content: Content, *, action: str, via: str, key: str | None, sender: str | None = None) -> dict[str, Any]:
    """Parameters of operations.FILE beside the gate's own. `key`: 冪等キー; `sender`: a code, for the intake alone."""
    point = point_of(content)
    return {
        "action": action,
        "sender": sender,
        "procedure": procedure_of(content).value,
        "supply_point": None if point is None else point.text,
        "content": json.dumps(wire.content_json(content), ensure_ascii=False),
        "wanted": day_of(content),
        "named": list(named_in(content)),
        "via": via,
        "key": key,
    }


def named_in(content: Content) -> tuple[str, ...]:
    """受付番号 of the other applications that the content names."""
    match content:
        case SwitchStart() | SwitchEnd():
            return (content.relay,)
        case Amendment() | StatusInquiry():
            return (content.concerns,)
        case _:
            return ()
