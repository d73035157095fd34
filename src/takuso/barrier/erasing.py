"""消去の求め: what the wall says no with to a step of an erasure."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from takuso.barrier.sight import ActionRefused

ERASURE_REFUSED: Final = MappingProxyType(
    {
        "unknown": "この消去の求めはありません。番号を確かめてください。",
        "target": "その受付番号の閲覧票は、ないか、まだ番号が付いていません。今しがたのものなら、少し待ってください。",
        "nothing": "その閲覧票に入力された文字はありません。もう消されているか、何も入力されていません。",
        "own": "入力した本人は、求めることも承認することもできません。同じ職務のほかの人に頼んでください。",
        "expired": "求めから24時間が過ぎました。もう一度求めてください。",
        "self": "求めた本人は承認できません。同じ職務のほかの人に承認を依頼してください。",
    }
)
"""Why an erasure was refused, by the wall's word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureStep:
    """One step: a request for the text of the ticket `target` by a law for a reason, or the approval of `erasure`."""

    step: Literal["request", "approval"]
    erasure: str | None
    target: str
    law: str
    reason: str


class ErasureRefused(Exception):
    """A step of an erasure was refused; the message says why and what to do. The attempt is in the log."""

    def __init__(self, receipt: str, why: str) -> None:
        super().__init__(ERASURE_REFUSED.get(why, ERASURE_REFUSED["unknown"]))
        self.receipt = receipt
        self.why = why


def erasable(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer to a step of an erasure; raises ErasureRefused, and ActionRefused for a duty that has none."""
    refused = answer.get("refused")
    if refused == "duty":
        raise ActionRefused(answer["receipt"])
    if refused:
        raise ErasureRefused(answer["receipt"], refused)
    return answer
