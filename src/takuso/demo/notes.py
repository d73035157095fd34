"""応対履歴, 注意情報 and 根拠となる案件. Texts and shares are EXAMPLE."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final

from takuso.demo.companies import Row
from takuso.demo.facts import Ledger
from takuso.demo.histories import Scenario
from takuso.demo.premises import Contract, Site

_NOTED: Final = 0.14
_CARED_FOR: Final = 0.02
_CALLED: Final = 0.04
_WORKED_ON: Final = 0.02
_CALLED_TODAY: Final = 0.15  # of calls
_SUBJECTS: Final = (
    ("停電の問合せ", "夜に一部の部屋で停電。分岐ブレーカーの操作を案内し、復旧を確認。"),
    ("計器取替の日程", "計器取替の訪問時間の相談。午前を希望。"),
    ("電柱の移設", "敷地前の電柱の移設について相談。現地確認を手配。"),
    ("検針票の見方", "使用量の確認方法の問合せ。ご契約の小売電気事業者への連絡を案内。"),
    ("引込線の樹木接触", "引込線に庭木が接触。伐採の立会日を調整。"),
    ("Bルートの申込", "電力メーター情報発信サービスの申込方法を案内。"),
)
_CARES: Final = (
    ("生命維持装置", "在宅酸素を使用。計画停電の前に必ず電話連絡。"),
    ("聴覚", "通話が難しいため、訪問前に書面で連絡。"),
    ("見守り", "ひとり暮らしの高齢者。訪問時は名札を見せて用件を伝える。"),
    ("作業時の注意", "敷地内に犬。門の前で呼び鈴を使用。"),
)

# Kind of case, and the purpose whose code begins its reference.
_PREFIXES: Final = {"call": "TOI", "application": "IDO", "work-order": "KOJ", "billing-run": "RYO", "audit": "KAN"}


class CaseBook:
    """Gives references out: purpose, day, and a number of that day from 1, such as TOI-20261122-0001."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._last: dict[tuple[str, date], int] = defaultdict(int)

    def general(self) -> Iterator[Row]:
        """Cases that are about no single customer: one of each kind open since today, older runs closed."""
        for kind in _PREFIXES:
            yield self.open(kind, None, self._today)
        for months in range(1, 7):
            day = self._today - timedelta(days=30 * months)
            yield self.open("billing-run", None, day, closed_on=day + timedelta(days=2))
        yield self.open("audit", None, self._today - timedelta(days=75), closed_on=self._today - timedelta(days=61))

    def open(self, kind: str, customer_code: str | None, day: date, *, closed_on: date | None = None) -> Row:
        """A row of wall.cases."""
        self._last[kind, day] += 1
        return {
            "reference": f"{_PREFIXES[kind]}-{day:%Y%m%d}-{self._last[kind, day]:04d}",
            "kind": kind,
            "customer_code": customer_code,
            "opened_at": f"{day}T00:00:00+09:00",
            "closed_at": None if closed_on is None else f"{closed_on}T00:00:00+09:00",
        }

    def of_site(self, site: Site, rng: Random) -> Iterator[Row]:
        """The cases about one customer."""
        code, today = site.customer_code, self._today
        if rng.random() < _CALLED:
            age = 0 if rng.random() < _CALLED_TODAY else rng.randint(1, 60)
            day = today - timedelta(days=age)
            closed = day + timedelta(days=1) if age > 1 and rng.random() < 0.8 else None
            yield self.open("call", code, day, closed_on=closed)
        if any(contract.history.applications for contract in site.contracts):
            yield self.open("application", code, today - timedelta(days=rng.randint(0, 5)))
        elif site.contracts[0].history.scenario is Scenario.NEW:
            start = site.contracts[0].history.spells[0].now.start
            yield self.open("application", code, start - timedelta(days=6), closed_on=start)
        if rng.random() < _WORKED_ON:
            day = today - timedelta(days=rng.randint(0, 30))
            closed = day + timedelta(days=3) if day + timedelta(days=3) < today else None
            yield self.open("work-order", code, day, closed_on=closed)


def write_notes(ledger: Ledger, contract: Contract, today: date, rng: Random) -> None:
    """points.contact_note and points.care_note, of the contract of today alone."""
    current = [spell for spell in contract.history.spells if spell.now.start <= today][-1].now
    last = min(current.end or today, today)
    room = min((last - current.start).days, 700)
    if rng.random() < _NOTED:
        for _ in range(rng.randint(1, 3)):
            subject, body = _SUBJECTS[rng.randrange(len(_SUBJECTS))]
            noted_on = last - timedelta(days=rng.randint(0, room))
            row: Row = {"point": contract.point, "noted_on": noted_on, "subject": subject, "body": body}
            ledger.write("points.contact_note", row)
    if rng.random() < _CARED_FOR:
        kind, body = _CARES[rng.randrange(len(_CARES))]
        ledger.write("points.care_note", {"point": contract.point, "kind": kind, "body": body})
