"""閲覧記録の持出し: what the wall says no with to a step of an export."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from takuso.barrier.sight import ActionRefused

EXPORT_REFUSED: Final = MappingProxyType(
    {
        "unknown": "この持出しの申請はありません。一覧から選び直してください。",
        "changed": "申請のときと絞り込みが違います。違う絞り込みで持ち出すには、新しく申請してください。",
        "expired": "申請から24時間が過ぎました。もう一度申請してください。",
        "self": "申請した本人は承認できません。同じ職務のほかの人に承認を依頼してください。",
        "other": "持ち出せるのは申請した本人だけです。",
        "unapproved": "まだ承認されていません。同じ職務のほかの人に承認を依頼してください。",
        "repeated": "この段階はもう済んでいます。もう一度持ち出すには、新しく申請してください。",
    }
)
"""Why an export was refused, by the wall's word."""


class ExportRefused(Exception):
    """A step of an export of the log was refused; the message says why and what to do. The attempt is in the log."""

    def __init__(self, receipt: str, why: str) -> None:
        super().__init__(EXPORT_REFUSED.get(why, EXPORT_REFUSED["unknown"]))
        self.receipt = receipt
        self.why = why


def allowed(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer to a step of an export; raises ExportRefused, and ActionRefused for a duty that has none."""
    refused = answer.get("refused")
    if refused == "duty":
        raise ActionRefused(answer["receipt"])
    if refused:
        raise ExportRefused(answer["receipt"], refused)
    return answer
