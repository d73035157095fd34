"""攻撃の一覧: how such a barrier is got round, and what tries it here; or that there is no such door yet.

An attack without a door is red as soon as a door of that kind exists: whoever adds the door adds its test.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from takuso.doors.register import Door

Wrong = tuple[str, str]
FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sql": "データベース",
        "program": "プログラム",
        "http": "画面とアドレス",
        "search": "検索・件数・並べ替え",
        "export": "出力",
        "cache": "写し・ログ・通知",
        "time": "時間と定時の処理",
        "identity": "人と職務",
        "operations": "運用",
        "log": "閲覧記録",
    }
)
# By what a door of the kind would be known in the register.
DOORS: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "statistics": re.compile(r"statistic|aggregate|統計|集計"),
        "export": re.compile(r"export|\.csv|\.xlsx|\.pdf|download|帳票|書き出し"),
        "notification": re.compile(r"mail|notif|電子メール|通知を送"),
        "queue": re.compile(r"queue|enqueue|予約された処理"),
        "emergency": re.compile(r"emergency|break-glass|災害|緊急"),
        "masked-export": re.compile(r"mask|anonym|仮名化"),
    }
)
_FILE: Final = Path(__file__).parent / "attacks.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack. `tests` are node ids of pytest, `checks` of the proof, `faults` of the drill; `partly`: what is not
    tried; `door`: the kind of door it needs and that does not exist yet."""

    number: int
    family: str
    title: str
    tests: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    partly: str = ""
    door: str = ""

    @property
    def state(self) -> str:
        """試した, 一部を試した or まだ出入口がない."""
        if self.door:
            return "まだ出入口がない"
        return "一部を試した" if self.partly else "試した"


@cache
def attacks() -> tuple[Attack, ...]:
    """All of them, by number."""
    entries: list[dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple(_attack(entry) for entry in entries)


def _attack(entry: dict[str, Any]) -> Attack:
    lists: dict[str, Any] = {name: tuple(entry.get(name, ())) for name in ("tests", "checks", "faults")}
    return Attack(**(entry | lists))


def attack_faults(doors: Sequence[Door], checks: Collection[str], faults: Collection[str]) -> Iterator[Wrong]:
    """(where, what) of attacks that nothing tries, name what does not exist, or have a door by now."""
    for attack in attacks():
        where = f"攻撃 {attack.number} {attack.title}"
        if not attack.door and not (attack.tests or attack.checks):
            yield where, "試すものがありません"
        for name in (*sorted(set(attack.checks) - set(checks)), *sorted(set(attack.faults) - set(faults))):
            yield where, f"{name} という検査も欠陥もありません"
        for door in doors:
            if attack.door and DOORS[attack.door].search(f"{door.name} {door.purpose}"):
                yield where, f"出入口 {door.name} ができたのに、試していません"
