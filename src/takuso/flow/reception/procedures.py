"""手続き: what a retailer can ask of the network company, who decides it and what the applications are called.

Names of the procedures are those of the national switching system as publicly described; the sources stand in
parameters.SOURCES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Procedure(StrEnum):
    """手続き; the value is stable and goes into addresses and files."""

    EQUIPMENT_INQUIRY = "equipment-inquiry"
    POINT_SEARCH = "point-search"
    USAGE_PASSWORD = "usage-password"  # noqa: S105
    USAGE_INQUIRY = "usage-inquiry"
    TERMINATION_RELAY = "termination-relay"
    SWITCH_START = "switch-start"
    SWITCH_END = "switch-end"
    REENERGISATION = "reenergisation"
    MOVE_OUT = "move-out"
    CONSUMER_CHANGE = "consumer-change"
    AMENDMENT = "amendment"
    STATUS_INQUIRY = "status-inquiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureEntry:
    """One line of the catalogue: Japanese name, who starts and who decides, what it is for, sources by key."""

    name: str
    started_by: str
    decided_by: str
    purpose: str
    sources: tuple[str, ...]


CATALOGUE: Final[Mapping[Procedure, ProcedureEntry]] = MappingProxyType(
    {
        Procedure.EQUIPMENT_INQUIRY: ProcedureEntry(
            name="設備情報照会",
            started_by="小売",
            decided_by="システム",
            purpose="契約の大きさ、自動検針と30分値の可否、次回検針日を、どの小売にも同じように答える。供給者は答えない。",
            sources=("O3", "H1", "O11"),
        ),
        Procedure.POINT_SEARCH: ProcedureEntry(
            name="供給地点特定番号検索",
            started_by="小売",
            decided_by="システム",
            purpose="住所または計器番号から供給地点特定番号を探す。",
            sources=("O7", "T1"),
        ),
        Procedure.USAGE_PASSWORD: ProcedureEntry(
            name="使用量照会パスワード発行",
            started_by="小売（代理）",
            decided_by="送配電",
            purpose="需要者の同意と本人確認にもとづき、期限のあるパスワードを出す。",
            sources=("T2", "H2", "O2"),
        ),
        Procedure.USAGE_INQUIRY: ProcedureEntry(
            name="使用量情報照会",
            started_by="小売",
            decided_by="システム",
            purpose="パスワードのある間だけ、直近の使用量を答える。名義が替わる前は答えない。",
            sources=("O2", "H2", "T2"),
        ),
        Procedure.TERMINATION_RELAY: ProcedureEntry(
            name="スイッチング廃止取次",
            started_by="新しい小売",
            decided_by="いまの小売",
            purpose="新しい小売が預かった解約の意思を、四項目とともに、いまの小売に取り次ぐ。",
            sources=("A1", "A2"),
        ),
        Procedure.SWITCH_START: ProcedureEntry(
            name="スイッチング開始",
            started_by="新しい小売",
            decided_by="送配電（照合）",
            purpose="希望日からの供給を申し込む。いまの小売の廃止の申込と揃って、はじめて確定する。",
            sources=("T1", "C1", "A1"),
        ),
        Procedure.SWITCH_END: ProcedureEntry(
            name="スイッチング廃止",
            started_by="いまの小売",
            decided_by="送配電（照合）",
            purpose="承諾した取次の日に供給を終える。新しい小売の開始の申込と揃って、はじめて確定する。",
            sources=("T1", "C1", "A1"),
        ),
        Procedure.REENERGISATION: ProcedureEntry(
            name="再点",
            started_by="小売",
            decided_by="送配電",
            purpose="廃止中の供給地点に、配線の工事なしで供給を始める。条件により、過ぎた日からも始められる。",
            sources=("H3",),
        ),
        Procedure.MOVE_OUT: ProcedureEntry(
            name="廃止（退去）",
            started_by="いまの小売",
            decided_by="送配電",
            purpose="退去の日に供給を終え、廃止措置方法を決める。",
            sources=(),
        ),
        Procedure.CONSUMER_CHANGE: ProcedureEntry(
            name="需要者情報変更",
            started_by="いまの小売",
            decided_by="送配電",
            purpose="名義・電話番号を改める。供給は変わらない。",
            sources=(),
        ),
        Procedure.AMENDMENT: ProcedureEntry(
            name="取消・変更",
            started_by="申込者",
            decided_by="システム",
            purpose="自分の申込を、照合が揃うまでの間に、取り消し、または希望日を改める。",
            sources=("A1",),
        ),
        Procedure.STATUS_INQUIRY: ProcedureEntry(
            name="申込内容照会",
            started_by="申込者",
            decided_by="システム",
            purpose="自分の申込の状態を見る。ほかの小売の申込は、あることも答えない。",
            sources=("O7",),
        ),
    }
)
"""Every procedure, in the order of the work."""
