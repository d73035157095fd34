"""Runs a scenario folder: what was filed and done when, and what was to be seen then.

`when/` tells it, `then/` expects it, both as CSV with Japanese headings; a file that is missing is taken from
`scenarios/usual/when`. The core is asked as the jobs will ask it: settle, do, settle.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

from takuso.flow.reception.advance import Moved, Occurrence, advance
from takuso.flow.reception.case import Case
from takuso.flow.reception.effects import carry_out
from takuso.flow.reception.facts import Circumstances, Holding, PointFacts, RetailerFacts, Tenure, Voltage
from takuso.flow.reception.judge import judge
from takuso.flow.reception.model import (
    WORK_NAMES,
    Amendment,
    Application,
    Consent,
    ConsentPurpose,
    ConsumerChange,
    Content,
    DesiredDate,
    EquipmentInquiry,
    FourItems,
    MoveOut,
    PasswordRequest,
    PointSearch,
    Reenergisation,
    StatusInquiry,
    SwitchEnd,
    SwitchStart,
    TerminationRelay,
    UsageInquiry,
)
from takuso.flow.reception.proceedings import settle
from takuso.flow.reception.refusals.codes import RefusalCode
from takuso.flow.reception.refusals.decisions import ACCEPTED, Decision, Refused, refusal
from takuso.flow.reception.rules.consent import issued
from takuso.flow.reception.vocabulary import EVENT_NAMES, Actor, Effect, Event, State
from takuso.kernel.numbers import SupplyPointNumber
from takuso.kernel.periods import JST, DatePeriod

SCENARIOS = Path(__file__).parent / "scenarios"
USUAL = SCENARIOS / "usual" / "when"
Row = dict[str, str]


def rows(folder: Path, name: str) -> list[Row]:
    """The rows of a table of the story; the usual ones where the story is silent; none where nobody speaks."""
    file = next((one for one in (folder / f"{name}.csv", USUAL / f"{name}.csv") if one.exists()), None)
    if file is None or (file.parent == USUAL and folder.name == "then"):
        return []
    with file.open(encoding="utf-8", newline="") as opened:
        return [{key: value.strip() for key, value in row.items() if value} for row in csv.DictReader(opened)]


def moment(text: str) -> datetime:
    """`2024-06-03 09:00:00`, or the day alone for its 00:00."""
    day, _, clock = text.partition(" ")
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock or "00:00"), tzinfo=JST)


def _days(row: Row) -> DatePeriod:
    first, end = row.get("開始"), row.get("終了")
    return DatePeriod(start=date.fromisoformat(first) if first else None, end=date.fromisoformat(end) if end else None)


@dataclass
class Story:
    """One folder, played up to a moment."""

    folder: Path
    known: Circumstances = field(init=False)
    moves: list[Moved] = field(default_factory=list)
    refused: dict[tuple[str, Event], Refused] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.when, self.then = self.folder / "when", self.folder / "then"
        self.known = Circumstances(at=moment("2016-04-01"), area="06", retailers=self._retailers(), point=self._point())
        self.due = sorted(self._deeds(), key=lambda deed: deed[0])

    def play(self, until: datetime) -> None:
        """Everything up to this moment, the moment itself included."""
        while self.due and self.due[0][0] <= until:
            at = self.due[0][0]
            self._settle(at)
            # What comes in the same moment is all there when the first of it is judged.
            now = [row for moment, row in self.due if moment == at]
            self.due = self.due[len(now) :]
            for row in now:
                if "手続き" in row:
                    case = Case(application=self._application(row), state=State.RECEIVED, since=at)
                    self.known = replace(self.known, cases=(*self.known.cases, case))
            self._settle(at)
            for row in now:
                if "出来事" in row:
                    self._occur(at, row)
                    self._settle(at)
        self._settle(until)

    def case(self, number: str) -> Case:
        """By 受付番号."""
        found = self.known.case(number)
        assert found is not None, f"{number} は受け付けていない"
        return found

    def _settle(self, at: datetime) -> None:
        settled = settle(replace(self.known, at=at))
        self.known = settled.known
        self.moves += settled.moves

    def _occur(self, at: datetime, row: Row) -> None:
        self.known = replace(self.known, at=at)
        case, event = self.case(row["受付番号"]), next(e for e in Event if EVENT_NAMES[e] == row["出来事"])
        by = _actor(row["だれ"], event)
        reason = refusal(RefusalCode(row["理由"]), **_reason_values(row, case)) if row.get("理由") else None
        moved = advance(
            case,
            Occurrence(
                event=event, by=by, retailer=row["だれ"], at=at, decision=self._decision(event, case), reason=reason
            ),
            self.known,
        )
        if isinstance(moved, Refused):
            self.refused[case.number, event] = moved
            return
        self.moves.append(moved)
        self._take_over(moved)

    def _decision(self, event: Event, case: Case) -> Decision | None:
        return judge(case.application, self.known) if event is Event.ISSUE else ACCEPTED

    def _take_over(self, moved: Moved) -> None:
        cases = tuple(moved.case if one.number == moved.case.number else one for one in self.known.cases)
        point = self.known.point and carry_out(moved.by.effect, moved.case, self.known.point)
        passwords = self.known.passwords
        content = moved.case.content
        if isinstance(content, PasswordRequest):
            if moved.by.effect is Effect.OPEN_USAGE:
                made = issued(content, moved.case.application.sender, moved.case.number, self.known.today)
                passwords = (*passwords, made)
            if moved.by.event is Event.REVOKE:
                passwords = tuple(
                    replace(one, consent=replace(one.consent, withdrawn_on=self.known.today))
                    if one.digest == moved.case.number
                    else one
                    for one in passwords
                )
        self.known = replace(self.known, cases=cases, point=point, passwords=passwords)

    def _deeds(self) -> Iterator[tuple[datetime, Row]]:
        yield from ((moment(row["受付時刻"]), row) for row in rows(self.when, "applications"))
        yield from ((moment(row["時刻"]), row) for row in rows(self.when, "events"))

    def _retailers(self) -> dict[str, RetailerFacts]:
        return {
            row["小売"]: RetailerFacts(
                code=row["小売"], balancing_groups=frozenset({row["BGコード"]}), contract=_days(row)
            )
            for row in rows(self.when, "retailers")
        }

    def _point(self) -> PointFacts | None:
        found = rows(self.when, "point")
        if not found or "供給地点特定番号" not in found[0]:
            return None
        row = found[0]
        return PointFacts(
            number=SupplyPointNumber.parse(row["供給地点特定番号"]),
            place=row["使用場所"],
            voltage=Voltage(row.get("電圧", "低圧")),
            power_kw=Decimal(row["契約電力"]) if "契約電力" in row else None,
            disconnection=row.get("廃止措置方法", ""),
            reading_days=frozenset(map(date.fromisoformat, row.get("検針日", "").split())),
            menus=frozenset(row["契約種別"].split()),
            special="特別" in row,
            holdings=tuple(
                Holding(retailer=one["小売"], valid=_days(one), customer_no=one.get("お客さま番号", ""))
                for one in rows(self.when, "supply")
                if "小売" in one
            ),
            tenures=tuple(
                Tenure(name=one["契約名義"], kana=one["カナ"], valid=_days(one))
                for one in rows(self.when, "names")
                if "カナ" in one
            ),
        )

    def _application(self, row: Row) -> Application:
        return Application(
            number=row["受付番号"], received_at=moment(row["受付時刻"]), sender=row["申込者"], content=_content(row)
        )


def _actor(who: str, event: Event) -> Actor:
    if who == "送配電":
        return Actor.NETWORK
    return Actor.HOLDER if event in (Event.AGREE, Event.DECLINE) else Actor.SENDER


def _reason_values(row: Row, case: Case) -> dict[str, date]:
    return {"day": case.day} if row["理由"] == "N08" and case.day else {}


def _content(row: Row) -> Content:
    """What the row says; a cell left empty is filled as usual, `-` stands for nothing at all."""
    told = {**rows(USUAL, "usual_cells")[0], **row}
    return CONTENTS[row["手続き"]]({key: "" if value == "-" else value for key, value in told.items()})


def _point_number(told: Row) -> SupplyPointNumber:
    return SupplyPointNumber.parse(told["供給地点特定番号"])


def _day(told: Row) -> date:
    return date.fromisoformat(told["希望日"])


def _desired(told: Row) -> DesiredDate:
    return DesiredDate(on=_day(told), wished=told["需要者の希望"] == "○")


def _group(told: Row) -> str:
    return told.get("BGコード", f"BG-{told['申込者']}")


CONTENTS: dict[str, Callable[[Row], Content]] = {
    "設備情報照会": lambda told: EquipmentInquiry(point=_point_number(told)),
    "供給地点特定番号検索": lambda told: PointSearch(
        address=told.get("住所", ""), meter_number=told.get("計器番号", "")
    ),
    "使用量照会パスワード発行": lambda told: PasswordRequest(
        items=_items(told), consent=_consent(told), valid_days=int(told["有効日数"])
    ),
    "使用量情報照会": lambda told: UsageInquiry(point=_point_number(told), digest=told["パスワード"]),
    "スイッチング廃止取次": lambda told: TerminationRelay(
        items=_items(told), holder=told["取次先"], desired=_desired(told)
    ),
    "スイッチング開始": lambda told: SwitchStart(
        point=_point_number(told),
        relay=told["取次"],
        desired=_desired(told),
        balancing_group=_group(told),
        menu=told["契約種別"],
        work=next(one for one in WORK_NAMES if WORK_NAMES[one] == told["工事"]),
        customer_no=told.get("新しいお客さま番号", "AS-1"),
    ),
    "スイッチング廃止": lambda told: SwitchEnd(point=_point_number(told), relay=told["取次"], on=_day(told)),
    "再点": lambda told: Reenergisation(
        point=_point_number(told),
        name=told["契約名義"],
        kana=told["カナ"],
        phone=told["電話"],
        desired=_desired(told),
        balancing_group=_group(told),
        menu=told["契約種別"],
    ),
    "廃止（退去）": lambda told: MoveOut(point=_point_number(told), on=_day(told), disconnection=told["廃止措置方法"]),
    "需要者情報変更": lambda told: ConsumerChange(
        point=_point_number(told), name=told["契約名義"], kana=told["カナ"], phone=told["電話"], on=_day(told)
    ),
    "取消・変更": lambda told: Amendment(concerns=told["対象"], new_day=_desired(told) if "希望日" in told else None),
    "申込内容照会": lambda told: StatusInquiry(concerns=told["対象"]),
}


def _items(told: Row) -> FourItems:
    return FourItems(
        point=_point_number(told),
        name=told["契約名義"],
        kana=told["カナ"],
        customer_no=told["お客さま番号"],
        place=told["使用場所"],
    )


def _consent(told: Row) -> Consent:
    return Consent(
        given_on=date.fromisoformat(told["同意の日"]),
        purpose=ConsentPurpose.SWITCH_OFFER if told["同意の目的"] == "切替の提案" else ConsentPurpose.OTHER,
        identity_papers=tuple(told["本人確認書類"].split()),
    )
