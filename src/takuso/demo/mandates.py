"""口座振替 and 口振異動通知: of the customers of every retailer, since the notice's screen showed them all alike.

They belong to a point's latest contract alone, so that no notice given to a former supplier stays with the
point. Banks, numbers and shares are EXAMPLE.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from takuso.demo.companies import Row
from takuso.demo.facts import Ledger, period
from takuso.demo.histories import Spell
from takuso.demo.premises import Contract, Tenant
from takuso.kernel.kana import bank_kana

_HAS_MANDATE: Final = 0.72
_CHANGED_BANK: Final = 0.12
_BANKS: Final = (
    ("9801", "なにわ浦銀行"),
    ("9802", "みやこ辻銀行"),
    ("9803", "湖畔野信用金庫"),
    ("9804", "六甲裾信用組合"),
    ("9805", "つきひ通ネット銀行"),
)
_BRANCHES: Final = (("901", "本店営業部"), ("902", "坂上支店"), ("903", "橋本町支店"), ("904", "堀端支店"))
_RESULTS: Final = ("0", "0", "0", "0", "0", "0", "1", "2", "3", "8")
"""振替結果コード, drawn with repetition: 0 振替済, 1 資金不足, 2 取引なし, 3 預金者都合, 8 委託者都合."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    bank: tuple[str, str]
    branch: tuple[str, str]
    kind: str
    number: str
    holder: str

    def columns(self) -> Row:
        return {
            "bank_code": self.bank[0],
            "bank_name": self.bank[1],
            "branch_code": self.branch[0],
            "branch_name": self.branch[1],
            "account_kind": self.kind,
            "account_tail": self.number[-3:],
            "holder_kana": self.holder,
        }


def write_mandates(ledger: Ledger, contract: Contract, today: date, rng: Random) -> None:
    """points.bank_mandate and points.mandate_notice."""
    spell = _latest(contract, today)
    if rng.random() >= _HAS_MANDATE:
        return
    began, ended = spell.now.start, spell.now.end
    lasts = ended is None or ended > today
    tenant = contract.tenants[spell.tenant]
    account = _account(rng, tenant)
    opened = _at(began)
    change = _change(began, min(ended or today, today), rng)
    _notice(ledger, contract, "新規", began, account, "", rng)
    if change is not None:
        _mandate(ledger, contract, account, [(opened, began, None), (_at(change), began, change)])
        account, began, opened = _account(rng, tenant), change, _at(change)
        _notice(ledger, contract, "変更", change, account, "", rng)
    versions: list[tuple[str, date, date | None]] = [(opened, began, None)]
    if ended is not None:
        versions.append((_at(min(ended, today)), began, ended))
    result_on = today - timedelta(days=rng.randint(2, 40))
    if ended is not None and not lasts:
        _notice(ledger, contract, "解約", ended, account, "", rng)
    elif result_on > began:
        _notice(ledger, contract, "結果", result_on, account, rng.choice(_RESULTS), rng)
    _mandate(ledger, contract, account, versions)


def _latest(contract: Contract, today: date) -> Spell:
    return [spell for spell in contract.history.spells if spell.now.start <= today][-1]


def _at(day: date) -> str:
    return f"{day}T00:00:00+09:00"


def _change(began: date, until: date, rng: Random) -> date | None:
    room = (until - began).days
    if room < 120 or rng.random() >= _CHANGED_BANK:
        return None
    return began + timedelta(days=rng.randint(30, room - 30))


def _account(rng: Random, tenant: Tenant) -> _Account:
    return _Account(
        bank=rng.choice(_BANKS),
        branch=rng.choice(_BRANCHES),
        kind="普通" if rng.random() < 0.85 else "当座",
        number=f"{rng.randrange(10**7):07d}",
        holder=bank_kana(tenant.name.for_bank),
    )


def _mandate(
    ledger: Ledger, contract: Contract, account: _Account, versions: list[tuple[str, date, date | None]]
) -> None:
    row = {"point": contract.point, **account.columns(), "account_no": account.number}
    ledger.write_versions(
        "points.bank_mandate",
        [(known, row | {"valid": period(start, end)}) for known, start, end in versions],
    )


def _notice(
    ledger: Ledger, contract: Contract, kind: str, day: date, account: _Account, result: str, rng: Random
) -> None:
    ledger.write(
        "points.mandate_notice",
        {
            "point": contract.point,
            "kind": kind,
            "received_on": day,
            "applies_from": (day.replace(day=1) + timedelta(days=31)).replace(day=1),
            **account.columns(),
            "result_code": result,
            "source_file": f"KFR{day:%Y%m%d}{rng.randint(1, 3):02d}.dat",
        },
    )
