"""What the log's own words are called on screens and on paper."""

from types import MappingProxyType
from typing import Final

from takuso.barrier.matrix import Relation, View

DECISION_NAMES: Final = MappingProxyType(
    {"shown": "表示", "hidden": "非表示", "purpose-needed": "目的未申告", "refused": "拒否"}
)
"""閲覧票の判定, by the word in the log."""

RELATION_NAMES: Final = MappingProxyType(
    {
        Relation.ANY.value: "すべて（送配電）",
        Relation.OWN.value: "自社",
        Relation.PAST.value: "自社の過去",
        Relation.APPLICANT.value: "申込の当事者",
        Relation.FOREIGN.value: "他社",
        Relation.VACANT.value: "供給者なし",
        Relation.ABSENT.value: "該当なし",
    }
)
"""The viewer's company and the supply point, by the word in the log."""

KIND_NAMES: Final = MappingProxyType(
    {
        "look": "閲覧",
        "search": "検索・一覧",
        "write": "登録",
        "statement": "申告",
        "log": "記録の閲覧",
        "office": "管理",
    }
)
"""What a ticket was opened for, by the word in the log."""

VIEW_NAMES: Final = MappingProxyType({View.CURRENT.value: "現在", View.PAST.value: "過去契約"})
"""Views of a screen, by the word in the rules."""
