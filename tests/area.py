"""A small invented area for the tests of the wall: one customer of every kind, made anew for each test.

Every value of a customer carries a marker that occurs nowhere else, so that a leaked byte names its owner.
"""

import itertools
import os
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from takuso.barrier.deployment import Loader
from takuso.store.home import Home

AOI_NW, AOI, ASAHI, HIKARI, SERVICE = 1, 2, 3, 4, 5
ORGS = [
    {"id": AOI_NW, "code": "aoi-nw", "name": "葵送配電", "kind": "network"},
    {"id": AOI, "code": "aoi", "name": "葵電力", "kind": "retailer"},
    {"id": ASAHI, "code": "asahi", "name": "あさひ電力", "kind": "retailer"},
    {"id": HIKARI, "code": "hikari", "name": "ひかりエナジー", "kind": "retailer"},
    {"id": SERVICE, "code": "aoi-service", "name": "葵サービス", "kind": "contractor"},
]
PERSONS: dict[str, tuple[int, int | None, str]] = {
    "td-intake": (AOI_NW, None, "network.intake"),
    "td-contact": (AOI_NW, None, "network.contact"),
    "td-metering": (AOI_NW, None, "network.metering"),
    "td-billing": (AOI_NW, None, "network.billing"),
    "td-accounting": (AOI_NW, None, "network.accounting"),
    "td-compliance": (AOI_NW, None, "network.compliance"),
    "td-admin": (AOI_NW, None, "network.admin"),
    "aoi-clerk": (AOI, None, "retail.clerk"),
    "aoi-manager": (AOI, None, "retail.manager"),
    "contractor-clerk": (SERVICE, AOI, "retail.contractor"),
    "asahi-clerk": (ASAHI, None, "retail.clerk"),
    "hikari-clerk": (HIKARI, None, "retail.clerk"),
}
RETAIL = tuple(p for p, (_, _, duty) in PERSONS.items() if duty.startswith("retail."))
NETWORK = tuple(p for p, (_, _, duty) in PERSONS.items() if duty.startswith("network."))

Span = tuple[int, int | None, int | None]  # retailer, first day, day after the last; days from today, None = open

# What each kind is, seen by 葵電力. A customer code may have several points.
KINDS: dict[str, list[list[Span]]] = {
    "own": [[(AOI, -2000, None)]],
    "foreign": [[(ASAHI, -2000, None)]],
    "switched": [[(AOI, -2000, 0), (ASAHI, 0, None)]],
    "switched-long-ago": [[(AOI, -2000, -400), (ASAHI, -400, None)]],
    "ended": [[(AOI, -2000, -30)]],
    "vacant": [[(ASAHI, -2000, -60)]],
    "never-supplied": [[]],
    "own-past": [[(AOI, -2000, -500), (ASAHI, -500, -200), (AOI, -200, None)]],
    "gained-today": [[(ASAHI, -2000, 0), (AOI, 0, None)]],
    "incoming": [[(ASAHI, -2000, 1), (AOI, 1, None)]],
    "outgoing": [[(AOI, -2000, 1), (ASAHI, 1, None)]],
    "own-then-back": [[(AOI, -2000, 5), (ASAHI, 5, 10), (AOI, 10, None)]],
    "two-suppliers": [[(AOI, -2000, None)], [(ASAHI, -2000, None)]],
}
_serial = itertools.count(random.Random(os.getpid()).randrange(10**6) * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A loaded customer: its code, its points in order, and the markers of each point."""

    kind: str
    code: str
    points: tuple[int, ...]
    numbers: tuple[str, ...]
    markers: Mapping[int, tuple[str, ...]] = field(repr=False)


@dataclass(slots=True)
class Area:
    """Makes customers in a home."""

    home: Home
    today: date

    def people(self) -> None:
        """The companies and the twelve persons, once."""
        with Loader(self.home) as loader:
            loader.load("wall.org", ORGS)
            loader.load("wall.person", [{"id": n, "code": p, "name": f"{p} さん"} for n, p in enumerate(PERSONS, 1)])
            loader.load(
                "wall.appointment",
                [
                    {"id": n, "person": n, "employer": e, "principal": p, "duty": d, "valid": "[2016-04-01 00:00+09,)"}
                    for n, (e, p, d) in enumerate(PERSONS.values(), 1)
                ],
            )
            loader.load("wall.affiliation", [{"id": 1, "network": AOI_NW, "affiliate": AOI, "valid": "[2020-04-01,)"}])
            pairs = sorted({(e, p) for e, p, _ in PERSONS.values() if p is not None})
            rows = [{"contractor": e, "principal": p, "valid": "[2016-04-01,)"} for e, p in pairs]
            loader.load("wall.contracting", rows)
            groups = [{"retailer": one, "balancing_groups": [f"BG-{one}"]} for one in (AOI, ASAHI, HIKARI)]
            loader.load("reception.contract", [one | {"valid": "[2016-04-01,)"} for one in groups])
            loader.load(
                "wall.cases",
                [
                    {"reference": "TOI-1", "kind": "call", "customer_code": None, "opened_at": "2020-01-01 00:00+09"},
                    {
                        "reference": "RYO-1",
                        "kind": "billing-run",
                        "customer_code": None,
                        "opened_at": "2020-01-01 00:00+09",
                    },
                ],
            )

    def add(self, kind: str) -> Customer:
        """A new customer of this kind."""
        return self.load(kind, KINDS[kind])

    def load(
        self, kind: str, histories: list[list[Span]], facts: Mapping[str, Mapping[str, Any]] | None = None
    ) -> Customer:
        """A new customer with one point per history; `facts`: columns of its own, by table."""
        serial = next(_serial)
        code = f"{serial:014d}"
        points = tuple(serial * 10 + n for n in range(len(histories)))
        numbers = tuple(f"06{code}{n + 1}00000" for n in range(len(histories)))
        markers: dict[int, tuple[str, ...]] = {}
        with Loader(self.home) as loader:
            for point, number, spans in zip(points, numbers, histories, strict=True):
                rows = _rows(point, number, code, spans, self.today)
                loader.load("wall.point", [{"id": point, "supply_point": number, "customer_code": code}])
                for table, table_rows in rows.items():
                    loader.load(table, [row | dict((facts or {}).get(table, {})) for row in table_rows])
                markers[point] = tuple(_texts(row for rs in rows.values() for row in rs))
            loader.restamp(points)
        return Customer(kind=kind, code=code, points=points, numbers=numbers, markers=markers)


def _rows(point: int, number: str, code: str, spans: list[Span], today: date) -> dict[str, list[dict[str, Any]]]:
    mark = f"印{point}"
    base = {"point": point}
    rows: dict[str, list[dict[str, Any]]] = {
        "points.place": [
            base
            | {"supply_point": number, "customer_code": code, "postal_code": "530-0001", "prefecture": "大阪府"}
            | {"city": "大阪市北区", "town": f"梅田{mark}", "block": "1-1", "building": "", "room": ""}
        ],
        "points.equipment": [
            base
            | {"status": "供給中", "disconnection": "", "voltage": "低圧", "wiring": "単相3線式 100/200V"}
            | {
                "reading_schedule": "07",
                "next_reading_on": today,
                "reading_method": "自動検針",
                "meter_number": f"計{mark}",
            }
            | {"meter_kind": "スマートメーター", "meter_valid_until": "2033-03-31", "communicating": True}
            | {"half_hourly": True, "service_pole": f"柱{mark}", "grid_connected": False}
        ],
        "points.meter_install": [
            base | {"meter_number": f"旧計{mark}", "installed_on": "2016-01-01", "reason": "新設"}
        ],
        "points.party": [
            base
            | {
                "name": f"名義{mark}",
                "kana": f"シルシ{_kana(point)}",
                "phone": f"06-0000-{mark}",
                "mail_address": f"送付先{mark}",
            }
            | {"valid": "[2015-01-01,)"}
        ],
        "points.care_note": [base | {"kind": "命を守る機器", "body": f"注意{mark}"}],
    }
    parts = [_of_span(base, mark, n, span, today) for n, span in enumerate(spans)]
    for table in dict.fromkeys(t for part in parts for t in part):
        rows[table] = [row for part in parts for row in part.get(table, [])]
    return {table: table_rows for table, table_rows in rows.items() if table_rows}


def _of_span(base: dict[str, Any], mark: str, n: int, span: Span, today: date) -> dict[str, list[dict[str, Any]]]:
    retailer, first, end = span
    start = today + timedelta(days=first or 0)
    stop = None if end is None else today + timedelta(days=end)
    valid = f"[{start},{stop or ''})"
    mark = f"{mark}期{n}"
    tables: dict[str, list[dict[str, Any]]] = {
        "points.supply": [
            base | {"retailer": retailer, "balancing_group": f"BG{mark}", "contract_no": f"契約{mark}", "valid": valid}
        ],
        "points.contract_size": [
            base
            | {
                "menu": f"電灯標準{mark}",
                "kind": "電灯",
                "basis": "実量契約",
                "amount": "6.0",
                "unit": "kVA",
                "valid": valid,
            }
        ],
        "points.usage_month": _usage(base, n, start, stop or today, today),
    }
    if start > today:
        tables["points.pending"] = [
            base
            | {
                "party": retailer,
                "procedure": "スイッチング開始",
                "application_no": f"申込{mark}",
                "effective_on": start,
            }
            | {"state": "マッチング済"}
        ]
        return tables
    bank = {"bank_code": "9999", "bank_name": "ためし銀行", "branch_code": "001", "branch_name": f"支店{mark}"}
    account = {"account_kind": "普通", "account_tail": "567", "holder_kana": f"ｼﾙｼ{mark}"}
    tables["points.bank_mandate"] = [base | bank | account | {"account_no": "1234567", "valid": f"[{start},)"}]
    tables["points.mandate_notice"] = [
        base
        | bank
        | account
        | {"kind": "新規", "received_on": start, "applies_from": start.replace(day=1), "result_code": "0"}
        | {"source_file": f"FB{mark}.txt"}
    ]
    tables["points.contact_note"] = [base | {"noted_on": start, "subject": f"件名{mark}", "body": f"本文{mark}"}]
    return tables


def _usage(base: dict[str, Any], n: int, start: date, stop: date, today: date) -> list[dict[str, Any]]:
    """Up to 13 months that lie whole within the span and have been read."""
    rows = []
    end = min(stop, today)
    for _ in range(13):
        first = end - timedelta(days=30)
        if first < start:
            break
        energy = 1_000_000_000 + base["point"] % 10**6 * 1000 + n
        rows.append(
            base
            | {"month": first.replace(day=1), "energy_wh": energy, "maximum_w": 3000, "quality": "確定"}
            | {"valid": f"[{first},{end})"}
        )
        end = first
    return rows


def _kana(number: int) -> str:
    return "".join("アイウエオカキクケコ"[int(digit)] for digit in str(number))


def _texts(rows: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Texts of the rows that carry the marker."""
    return (value for row in rows for value in row.values() if isinstance(value, str) and "印" in value)
