"""拒否コード and the form of its text.

A code is never given a second meaning and never taken away: a retired one keeps its row and says in which edition it
ended. N and T are the proposals of this product for the refusals that the sources describe; none of the codes is the
national system's own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

EDITION: Final = 1
"""The edition of this table. A new or retired code makes a new one."""


class RefusalCode(StrEnum):
    """拒否コード. T 受付の検査, N 廃止取次の不承諾, Q 異動並び, P 照合, U 使用量, V 見える範囲, X 状態."""

    ITEM_MISSING = "T01"
    RETAILER_UNKNOWN = "T02"
    AREA_DIFFERS = "T03"
    LEAD_TIME_SHORT = "T04"
    UNMATCHED = "T05"
    MENU_NOT_ALLOWED = "T07"
    WORK_IMPOSSIBLE = "T08"
    CONTRACT_NOT_IN_FORCE = "T09"
    DUPLICATE = "T10"
    GROUP_UNKNOWN = "T11"
    DAY_PASSED = "T12"
    DAY_TOO_FAR = "T13"
    NOT_A_READING_DAY = "T14"
    TOO_LONG_AGO = "T15"
    NOT_LIT_BY_CONSUMER = "T16"
    OUT_OF_SCOPE = "T17"
    NO_STANDARD_PERIOD = "T18"
    POINT_UNKNOWN = "T19"
    NOT_KANA = "T20"
    UNANSWERED = "T21"
    NOTICE_SHORT = "T22"
    RELAY_UNKNOWN = "N01"
    NAME_DIFFERS = "N02"
    CUSTOMER_NO_DIFFERS = "N03"
    PLACE_DIFFERS = "N04"
    NOT_OUR_CUSTOMER = "N05"
    ALREADY_ENDING = "N06"
    SWITCH_PENDING = "N07"
    DAY_NOT_POSSIBLE = "N08"
    CONSUMER_WITHDREW = "N09"
    SPECIAL_SUPPLY = "N10"
    HELD_BY_ANOTHER = "Q01"
    ALREADY_OWN = "Q02"
    NOT_THE_HOLDER = "Q03"
    VACANT = "Q04"
    COMMITTED_CHANGE = "Q05"
    RECORDED_CHANGE = "Q06"
    SPAN_HELD = "Q07"
    SAME_DAY_TWICE = "Q08"
    PAIR_POINT_DIFFERS = "P01"
    PAIR_DAY_DIFFERS = "P02"
    PAIR_RELAY_DIFFERS = "P03"
    RELAY_NOT_AGREED = "P04"
    PAIR_PARTY_DIFFERS = "P05"
    PAIR_NOT_OPEN = "P06"
    VALID_DAYS_UNKNOWN = "U01"
    PURPOSE_NOT_ALLOWED = "U02"
    IDENTITY_PAPERS_MISSING = "U03"
    CONSENT_NOT_YET = "U04"
    CONSENT_WITHDRAWN = "U05"
    PERSON_DIFFERS = "U06"
    PASSWORD_UNKNOWN = "U07"  # noqa: S105
    PASSWORD_EXPIRED = "U08"  # noqa: S105
    NAME_CHANGED = "U09"
    WIN_BACK = "V01"
    NOT_IN_THIS_STATE = "X01"
    ENDED = "X02"
    LOCKED = "X03"
    NOT_YOURS_TO_MOVE = "X04"
    NOT_JUDGED = "X05"
    NO_GROUND = "X06"
    TOO_LATE = "X07"
    NOT_YET_DUE = "X08"
    DAY_NOT_COME = "X09"
    DAY_COME = "X10"
    REASON_MISSING = "X11"
    APPLICATION_UNKNOWN = "X12"
    WORK_WANTED = "X13"
    NO_WORK_WANTED = "X14"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalText:
    """拒否の文: templates of field, rule and cure; keys of parameters.SOURCES, none = this product's proposal."""

    field: str
    rule: str
    cure: str
    sources: tuple[str, ...] = ()
    since: int = 1
    retired: int | None = None


def row(field: str, rule: str, cure: str, *sources: str) -> RefusalText:
    """A row of the first edition."""
    return RefusalText(field=field, rule=rule, cure=cure, sources=sources)
