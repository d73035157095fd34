"""数値の表: every number of the procedures as a dated row with its source. Rules get numbers from here alone.

A row with `example` is not confirmed by a source and stands for what an installing company will put in its place. The
sources give no day from which they hold: all rows begin with the full opening of the retail market (2016-04-01).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from takuso.flow.reception.model import Work
from takuso.kernel.malformed import Malformed

OPENING: Final = date(2016, 4, 1)
"""小売全面自由化: nothing here is asked for an earlier day."""

SOURCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "A1": ("廃止取次についての実務者の記事", "https://anond.hatelabo.jp/20230401233700"),
        "A2": ("照合の四項目", "https://electricity.localinfo.jp/posts/2270235"),
        "C1": (
            "中国電力ネットワーク 契約切替の標準的な期間",
            "https://www.energia.co.jp/nw/service/retailer/consign/keiyakukirikae/index.html",
        ),
        "E1": (
            "エリアの番号",
            "https://www.eneos-power.co.jp/article/basics-electricity/supply-point-number-check",
        ),
        "G1": ("取戻し営業の規律", "http://www.j-gasenergy.co.jp/professional/kyougou/201901/index.php"),
        "H1": (
            "北海道電力ネットワーク 切替の日",
            "https://www.hepco.co.jp/network/con_service/application/switching_date.html",
        ),
        "H2": (
            "北海道電力ネットワーク 使用量の照会",
            "http://www.hepco.co.jp/network/con_service/application/usage_inquiry.html",
        ),
        "H3": ("北海道エリア 過ぎた日からの再点", "https://expydoc.com/doc/12068705/"),
        "O2": ("広域機関 小売向け説明会の質疑", "https://paperzz.com/doc/5871824/"),
        "O3": ("広域機関 スイッチング支援システムの利用状況 2016-03-18", "https://expydoc.com/doc/8514094/"),
        "O7": ("スイッチング支援システムへの意見", "https://paperzz.com/doc/6241897/"),
        "O8": ("実務者会議 第10回（クーリング・オフ）", "https://paperzz.com/doc/5544575/"),
        "O11": ("スイッチングの機能", "https://www.itmedia.co.jp/smartjapan/articles/1609/07/news013.html"),
        "T1": (
            "東京電力パワーグリッド 小売切替の手続き",
            "https://www4.tepco.co.jp/pg/consignment/liberalization/kyoukyusya/change/retail/index-j.html",
        ),
        "T2": (
            "東京電力パワーグリッド 使用量照会パスワード",
            "https://www4.tepco.co.jp/pg/consignment/liberalization/kyoukyusya/change/retail/use.html",
        ),
        "T3": (
            "東京電力パワーグリッド システムによらない申込",
            "http://www.tepco.co.jp/pg/consignment/retailservice/overview.html",
        ),
        "V1": ("切替の件数 2018-12", "https://www.denkishimbun.com/sp/36638"),
    }
)
"""Key to title and address. A2 and A1 are practitioners' own pages; no official text of these points was found."""


class ParameterUnknown(Malformed):
    """No row of the table is in force on that day."""


class ParameterName(StrEnum):
    """数値の名."""

    ANSWER_BUSINESS_DAYS = "answer-business-days"
    MATCH_BUSINESS_DAYS = "match-business-days-before-start"
    COUNT_FROM = "lead-time-counts-from-day"
    CUTOFF_HOUR = "cutoff-hour"
    FARTHEST_DAYS = "farthest-days-ahead"
    RETROACTIVE_DAYS = "retroactive-days"
    MOVE_OUT_NOTICE_DAYS = "move-out-notice-days"
    REENERGISATION_NOTICE_DAYS = "reenergisation-notice-days"
    CONSUMER_CHANGE_NOTICE_DAYS = "consumer-change-notice-days"
    PASSWORD_DAYS = "password-valid-days"  # noqa: S105
    PASSWORD_ISSUE_BUSINESS_DAYS = "password-issue-business-days"  # noqa: S105
    USAGE_MONTHS = "usage-months"
    SCOPE_BELOW_KW = "scope-below-kw"


class Band(StrEnum):
    """電圧と大きさの区分, by which the standard periods differ."""

    EXTRA_HIGH = "特別高圧"
    HIGH_LARGE = "高圧 500 kW 以上"
    HIGH_SMALL = "高圧 500 kW 未満"
    LOW = "低圧"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One dated row: `values` is a single number unless the name says days to choose from."""

    name: ParameterName
    title: str
    unit: str
    values: tuple[int, ...]
    sources: tuple[str, ...] = ()
    example: bool = False
    note: str = ""
    since: date = OPENING
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """標準的な期間 from matching to start: business days, then calendar days, or months."""

    band: Band
    work: Work
    business_days: int = 0
    calendar_days: int = 0
    months: int = 0
    sources: tuple[str, ...] = ("C1",)
    note: str = ""
    since: date = OPENING
    until: date | None = None

    @property
    def text(self) -> str:
        """`1 営業日 + 2 暦日`, `12 か月`."""
        parts = ((self.business_days, "営業日"), (self.calendar_days, "暦日"), (self.months, "か月"))
        return " + ".join(f"{count} {unit}" for count, unit in parts if count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterTable:
    """数値の表 as a whole; an installing company passes its own. Methods raise ParameterUnknown."""

    parameters: tuple[Parameter, ...]
    lead_times: tuple[LeadTime, ...]

    def choices(self, name: ParameterName, on: date) -> tuple[int, ...]:
        """The numbers of this name in force on the day."""
        for row in self.parameters:
            if row.name is name and row.since <= on and (row.until is None or on < row.until):
                return row.values
        raise ParameterUnknown(
            "数値の表", f"{name} の、{on} に効く行が要ります。", "表に行を足すか、適用の日を確かめてください。"
        )

    def number(self, name: ParameterName, on: date) -> int:
        """The single number of this name in force on the day."""
        return self.choices(name, on)[0]

    def lead_time(self, band: Band, work: Work, on: date) -> LeadTime | None:
        """The standard period, or None where the source has none for this work."""
        for row in self.lead_times:
            if (row.band, row.work) == (band, work) and row.since <= on and (row.until is None or on < row.until):
                return row
        return None


_N: Final = ParameterName
_ROWS: Final = (
    Parameter(
        name=_N.ANSWER_BUSINESS_DAYS,
        title="廃止取次に答える期限",
        unit="営業日",
        values=(2,),
        example=True,
        note="期限の日数は出典になく、本製品の仮の値。",
    ),
    Parameter(
        name=_N.MATCH_BUSINESS_DAYS,
        title="照合の期限（開始日の前）",
        unit="営業日",
        values=(1,),
        example=True,
        note="期限の日数は出典になく、本製品の仮の値。標準的な期間の方が長ければ、そちらによる。",
    ),
    Parameter(
        name=_N.COUNT_FROM,
        title="標準的な期間を数え始める日（照合の日から）",
        unit="日後",
        values=(1,),
        example=True,
        note="初日を数えるかは出典になく、本製品の仮の値（翌日から）。",
    ),
    Parameter(
        name=_N.CUTOFF_HOUR,
        title="その日の受付の締め切り",
        unit="時",
        values=(24,),
        example=True,
        note="締め切りの時刻は出典になく、本製品の仮の値（締め切りなし）。",
    ),
    Parameter(
        name=_N.FARTHEST_DAYS,
        title="希望日を受け付ける先",
        unit="暦日",
        values=(365,),
        example=True,
        note="出典になく、本製品の仮の値。",
    ),
    Parameter(
        name=_N.RETROACTIVE_DAYS,
        title="過ぎた日からの再点",
        unit="暦日",
        values=(31,),
        sources=("H3",),
        example=True,
        note="出典は北海道エリア。ほかのエリアは確かめていない。",
    ),
    Parameter(
        name=_N.MOVE_OUT_NOTICE_DAYS,
        title="廃止（退去）の予告",
        unit="暦日",
        values=(0,),
        example=True,
        note="出典になく、本製品の仮の値（当日まで）。",
    ),
    Parameter(
        name=_N.REENERGISATION_NOTICE_DAYS,
        title="再点の予告",
        unit="暦日",
        values=(0,),
        example=True,
        note="出典になく、本製品の仮の値（当日から）。",
    ),
    Parameter(
        name=_N.CONSUMER_CHANGE_NOTICE_DAYS,
        title="需要者情報変更の効く日",
        unit="暦日",
        values=(1,),
        example=True,
        note="出典になく、本製品の仮の値（翌日から）。",
    ),
    Parameter(
        name=_N.PASSWORD_DAYS,
        title="使用量照会パスワードの有効日数",
        unit="日",
        values=(1, 7, 31),
        sources=("T2", "H2", "O2"),
        note="発行の日を 1 日目と数えるのは EXAMPLE。",
    ),
    Parameter(
        name=_N.PASSWORD_ISSUE_BUSINESS_DAYS,
        title="パスワードの発行",
        unit="営業日後",
        values=(1,),
        sources=("T2", "H2", "O2"),
    ),
    Parameter(
        name=_N.USAGE_MONTHS,
        title="照会できる使用量",
        unit="か月",
        values=(13,),
        sources=("O2", "H2", "T2"),
        note="照会の日の 13 か月前の同じ日から数えるのは EXAMPLE。",
    ),
    Parameter(
        name=_N.SCOPE_BELOW_KW,
        title="システムで受け付ける契約電力（未満）",
        unit="kW",
        values=(500,),
        sources=("V1", "C1"),
    ),
)


def _lead(band: Band, work: Work, business_days: int, calendar_days: int = 0, note: str = "") -> LeadTime:
    return LeadTime(band=band, work=work, business_days=business_days, calendar_days=calendar_days, note=note)


_NATIONAL: Final = "低圧の値は全国のマニュアルと同じ（H1）。"
_LEAD_TIMES: Final = (
    _lead(Band.EXTRA_HIGH, Work.NONE, 10),
    _lead(Band.EXTRA_HIGH, Work.METER, 30),
    LeadTime(band=Band.EXTRA_HIGH, work=Work.TRANSFORMER, months=12, note="特別高圧の変成器工事は、在庫のない場合。"),
    _lead(Band.EXTRA_HIGH, Work.TERMINAL, 20),
    _lead(Band.HIGH_LARGE, Work.NONE, 10),
    _lead(Band.HIGH_LARGE, Work.METER, 30),
    _lead(Band.HIGH_LARGE, Work.TRANSFORMER, 40),
    _lead(Band.HIGH_LARGE, Work.TERMINAL, 20),
    _lead(Band.HIGH_SMALL, Work.NONE, 8),
    _lead(Band.HIGH_SMALL, Work.METER, 20),
    _lead(Band.HIGH_SMALL, Work.TRANSFORMER, 20),
    _lead(Band.HIGH_SMALL, Work.TERMINAL, 20),
    _lead(Band.HIGH_SMALL, Work.TERMINAL_OPTED, 8),
    _lead(Band.LOW, Work.NONE, 1, 2, _NATIONAL),
    _lead(Band.LOW, Work.METER, 8, 2, _NATIONAL),
)

PARAMETERS: Final = ParameterTable(parameters=_ROWS, lead_times=_LEAD_TIMES)
"""The product's table."""
