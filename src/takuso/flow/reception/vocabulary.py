"""状態・出来事・動かす人・知らせる相手・効果: the words that all state tables share, and their Japanese."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """状態 of a case."""

    RECEIVED = "received"
    UNDER_REVIEW = "under-review"
    ISSUED = "issued"
    AWAITING_ANSWER = "awaiting-answer"
    AGREED = "agreed"
    AWAITING_COUNTERPART = "awaiting-counterpart"
    MATCHED = "matched"
    WORK_ORDERED = "work-ordered"
    SCHEDULED = "scheduled"
    EFFECTIVE = "effective"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CORRECTED = "corrected"


STATE_NAMES: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.RECEIVED: "受付",
        State.UNDER_REVIEW: "本人確認中",
        State.ISSUED: "発行済",
        State.AWAITING_ANSWER: "回答待ち",
        State.AGREED: "承諾",
        State.AWAITING_COUNTERPART: "相手待ち",
        State.MATCHED: "照合済",
        State.WORK_ORDERED: "工事手配中",
        State.SCHEDULED: "効力日待ち",
        State.EFFECTIVE: "実施済",
        State.ANSWERED: "回答済",
        State.CLOSED: "完了",
        State.REFUSED: "却下",
        State.DECLINED: "不承諾",
        State.WITHDRAWN: "取消済",
        State.EXPIRED: "期限切れ",
        State.REVOKED: "失効",
        State.CORRECTED: "訂正済",
    }
)

FINAL: Final = frozenset(
    {
        State.ANSWERED,
        State.CLOSED,
        State.REFUSED,
        State.DECLINED,
        State.WITHDRAWN,
        State.EXPIRED,
        State.REVOKED,
        State.CORRECTED,
    }
)
"""States that nothing leaves."""

COMMITTED: Final = frozenset({State.MATCHED, State.WORK_ORDERED, State.SCHEDULED})
"""States of a change that will take effect; what is filed later has to fit behind it."""

UNHAPPY: Final = frozenset({State.REFUSED, State.DECLINED, State.EXPIRED})
"""States that owe the sender a refusal code."""


class Event(StrEnum):
    """出来事 that can move a case."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ANSWER = "answer"
    ISSUE = "issue"
    AGREE = "agree"
    DECLINE = "decline"
    USE = "use"
    MATCH = "match"
    ORDER_WORK = "order-work"
    WORK_DONE = "work-done"
    WORK_IMPOSSIBLE = "work-impossible"
    SCHEDULE = "schedule"
    TAKE_EFFECT = "take-effect"
    CLOSE = "close"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    REVOKE = "revoke"
    CORRECT = "correct"


EVENT_NAMES: Final[Mapping[Event, str]] = MappingProxyType(
    {
        Event.ACCEPT: "検査に通る",
        Event.REFUSE: "検査で却下",
        Event.ANSWER: "回答する",
        Event.ISSUE: "発行する",
        Event.AGREE: "承諾する",
        Event.DECLINE: "不承諾とする",
        Event.USE: "照合に使う",
        Event.MATCH: "照合が揃う",
        Event.ORDER_WORK: "工事を手配する",
        Event.WORK_DONE: "工事が終わる",
        Event.WORK_IMPOSSIBLE: "工事ができない",
        Event.SCHEDULE: "効力日を確定する",
        Event.TAKE_EFFECT: "効力日になる",
        Event.CLOSE: "完了する",
        Event.AMEND: "変更する",
        Event.WITHDRAW: "取り消す",
        Event.EXPIRE: "期限が過ぎる",
        Event.REVOKE: "同意が撤回される",
        Event.CORRECT: "訂正する",
    }
)


class Actor(StrEnum):
    """動かす人. SENDER and HOLDER are retailers: the one that applied, the one that the relay is addressed to."""

    SYSTEM = "system"
    NETWORK = "network"
    SENDER = "sender"
    HOLDER = "holder"


ACTOR_NAMES: Final[Mapping[Actor, str]] = MappingProxyType(
    {
        Actor.SYSTEM: "システム",
        Actor.NETWORK: "送配電の担当",
        Actor.SENDER: "申込者",
        Actor.HOLDER: "いまの小売",
    }
)


class Recipient(StrEnum):
    """知らせる相手."""

    SENDER = "sender"
    COUNTERPART = "counterpart"
    COORDINATOR = "coordinator"


RECIPIENT_NAMES: Final[Mapping[Recipient, str]] = MappingProxyType(
    {
        Recipient.SENDER: "申込者",
        Recipient.COUNTERPART: "相手の小売",
        Recipient.COORDINATOR: "広域機関",
    }
)


class Effect(StrEnum):
    """効果: what a move changes outside the case, to be done in the same transaction."""

    GIVE_ANSWER = "give-answer"
    OPEN_USAGE = "open-usage"
    CLOSE_USAGE = "close-usage"
    LOCK = "lock"
    RELEASE = "release"
    CHANGE_SUPPLIER = "change-supplier"
    START_SUPPLY = "start-supply"
    END_SUPPLY = "end-supply"
    CHANGE_PARTY = "change-party"
    AMEND_APPLICATION = "amend-application"
    REVERSE = "reverse"


EFFECT_NAMES: Final[Mapping[Effect, str]] = MappingProxyType(
    {
        Effect.GIVE_ANSWER: "回答を渡す",
        Effect.OPEN_USAGE: "使用量の照会を開く",
        Effect.CLOSE_USAGE: "使用量の照会を閉じる",
        Effect.LOCK: "変更を禁止する",
        Effect.RELEASE: "変更の禁止を解く",
        Effect.CHANGE_SUPPLIER: "供給者を替える",
        Effect.START_SUPPLY: "供給を始める",
        Effect.END_SUPPLY: "供給を終える",
        Effect.CHANGE_PARTY: "名義・連絡先を改める",
        Effect.AMEND_APPLICATION: "元の申込を取り消す、または改める",
        Effect.REVERSE: "反対の記録と正しい記録を対で加える",
    }
)
