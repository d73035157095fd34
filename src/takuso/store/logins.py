"""The roles of the database, as data: who may connect, with which settings, and who belongs to whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_EVERY_LOGIN: Final = {
    "search_path": "pg_catalog",
    "lock_timeout": "5s",
    "TimeZone": "Asia/Tokyo",
    "DateStyle": "ISO, YMD",
}
_READER: Final = {
    "default_transaction_read_only": "on",
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": "10s",
    "idle_in_transaction_session_timeout": "15s",
}
# Tickets are made durable by a deferred trigger of their own; outcomes may be lost in a crash,
# since a ticket without an outcome counts as shown.
_TICKETER: Final = {
    "synchronous_commit": "off",
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": "10s",
}
# Whole days of the log may be read at once; nothing is ever written.
_SURVEYOR: Final = {
    "default_transaction_read_only": "on",
    "statement_timeout": "1min",
    "idle_in_transaction_session_timeout": "15s",
}
_MIGRATOR: Final = {"lock_timeout": "0", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One role.  ``settings`` are its ALTER ROLE … SET; only the deployment login has ``member_of``."""

    name: str
    can_login: bool
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    description_ja: str
    member_of: tuple[str, ...] = ()


def _group(name: str, description: str) -> Login:
    return Login(name=name, can_login=False, description_ja=description)


def _login(
    name: str,
    description: str,
    settings: Mapping[str, str] | None = None,
    member_of: tuple[str, ...] = (),
) -> Login:
    merged = MappingProxyType(_EVERY_LOGIN | dict(settings or {}))
    return Login(name=name, can_login=True, settings=merged, description_ja=description, member_of=member_of)


LOGINS: Final[tuple[Login, ...]] = (
    _group("owner", "表の所有者（行レベルセキュリティを自分にも強制）"),
    _group("opener", "閲覧票を開く・閉じる関数の所有者"),
    _group("searcher", "検索用の表の所有者"),
    _group("effector", "業務の操作を行う関数の所有者"),
    _login("migrator", "配備のときだけ使う", _MIGRATOR, ("owner", "opener", "searcher", "effector")),
    _login("web", "画面のセッションとジョブ（お客さま情報には触れない）"),
    _login("authn", "サインイン"),
    _login("ticketer", "閲覧票の発行", _TICKETER),
    _login("reader_network", "送配電の閲覧", _READER),
    _login("reader_retailer", "小売の閲覧", _READER),
    _login("writer", "業務の登録・変更"),
    _login("batch", "一括処理（仮名の鍵だけ）"),
    _login("bank", "口座振替"),
    _login("reception", "異動受付の判断（判断を待つ申込の供給地点だけ）"),
    _login("surveyor", "ログ調査", _SURVEYOR),
    _login("sequencer", "閲覧記録の確定"),
)
LOGIN_NAMES: Final = tuple(role.name for role in LOGINS if role.can_login)
GROUP_NAMES: Final = tuple(role.name for role in LOGINS if not role.can_login)
DEPLOYER: Final = "migrator"


def login(name: str) -> Login:
    """The role of that name; raises KeyError."""
    for role in LOGINS:
        if role.name == name:
            return role
    raise KeyError(name)
