"""The kinds of views that are planted: the leak in its variants, and the near misses.

`then` and `now` say whether a view of the kind belongs to the findings, as known at the view and as known now.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of planted views: name, what it is, verdict then and now, how many near misses at full size."""

    name: str
    label: str
    then: bool = False
    now: bool = False
    base: int = 0


def _leak(name: str, label: str, *, now: bool = True) -> Kind:
    return Kind(name=name, label=label, then=True, now=now)


def _miss(name: str, base: int, label: str) -> Kind:
    return Kind(name=name, label=label, base=base)


LEAKS: Final = (
    _leak("leak", "口振異動通知からお客さま情報Ⅱへ進み、閲覧時点で他社契約のお客さまを見た"),
    _leak("corrected_to_own", "閲覧時点では他社契約、のちの訂正で自社契約とわかった", now=False),
    _leak("missing_reached", "遷移元の記録がなく、同じセッションの直前の記録が口振異動通知"),
    _leak("left_midnight_at", "他社へ切り替わる日の 00:00:00.000000 ちょうどの閲覧"),
    _leak("returned_midnight_before", "他社から戻る日の 00:00:00.000000 の 1 マイクロ秒前の閲覧"),
    _leak("left_day_before", "閲覧の前日に他社へ切り替わった"),
    _leak("returned_day_after", "閲覧の翌日に他社から戻った"),
    _leak("over_midnight", "日をまたぐセッション: 前日に口振異動通知、当日にお客さま情報Ⅱ（遷移元の記録なし）"),
    _leak("over_period_start", "期間の始まりをまたぐセッション: 口振異動通知は期間の前、お客さま情報Ⅱは期間内"),
    _leak("left_midnight_after", "他社へ切り替わる日の 00:00:00.000000 の 1 マイクロ秒後の閲覧"),
    _leak("two_contracts", "1 お客さまの 2 契約: 週のうちに他社から別の他社へ切り替わり、前後とも見た"),
    _leak("corrected_contract", "他社契約のまま、契約の開始日または小売電気事業者がのちに訂正された"),
    _leak("corrected_to_vacant", "閲覧時点では他社契約、のちの訂正で閲覧前に廃止済みとわかった", now=False),
    _leak("other_customer_before", "別のお客さまの口振異動通知から、他社契約のお客さまの情報Ⅱへ進んだ"),
)
SIDES: Final = (
    _leak("several_ids", "1 人が持つ複数の ID による閲覧（閲覧者は 1 人）"),
    _leak("transferred_as_affiliate", "週の途中で葵送配電へ出て戻った人の、葵電力にいる日の閲覧"),
    _leak("handed_over_id", "週の途中で次の人へ渡った ID による、葵電力の従業員の閲覧"),
    _leak("duplicate", "まったく同じ記録が重なっている閲覧"),
)
LATER: Final = (
    Kind(name="corrected_to_other", label="閲覧時点では自社契約、のちの訂正で他社契約とわかった", now=True),
    Kind(name="corrected_vacant_to_other", label="閲覧時点では契約なし、のちの訂正で他社契約とわかった", now=True),
)
MISSES: Final = (
    _miss("own_customer", 400, "自社のお客さま"),
    _miss("left_day_after", 60, "閲覧の翌日に他社へ切り替わった（閲覧時点は自社）"),
    _miss("returned_day_before", 60, "閲覧の前日に他社から戻った（閲覧時点は自社）"),
    _miss("left_midnight_before", 40, "他社へ切り替わる日の 00:00:00.000000 の 1 マイクロ秒前の閲覧"),
    _miss("returned_midnight_at", 40, "他社から戻る日の 00:00:00.000000 ちょうどの閲覧"),
    _miss("returned_midnight_after", 40, "他社から戻る日の 00:00:00.000000 の 1 マイクロ秒後の閲覧"),
    _miss("transferred_as_network", 80, "週の途中で葵送配電へ出て戻った人の、葵送配電にいる日の閲覧"),
    _miss("former_employee", 80, "12 月 1 日まで葵電力にいた葵送配電の人の閲覧"),
    _miss("contractor", 300, "葵電力の委託先の人の閲覧"),
    _miss("handed_over_to_network", 60, "葵電力の人から葵送配電の人へ渡った ID の、渡った後の閲覧"),
    _miss("shared_terminal", 120, "共用端末: 葵送配電の人の口振異動通知の直後に、別のセッションでお客さま情報Ⅱ"),
    _miss("other_screen", 300, "口振異動通知からほかの画面へ進んだ"),
    _miss("from_menu", 400, "口振異動通知からメニューへ戻り、メニューからお客さま情報Ⅱへ進んだ"),
    _miss("via_ci10", 300, "口振異動通知からお客さま情報Ⅰを経てお客さま情報Ⅱへ進んだ"),
    _miss("missing_elsewhere", 300, "遷移元の記録がなく、同じセッションの直前の記録が口振異動通知ではない"),
    _miss(
        "missing_first", 100, "遷移元の記録がないセッションの最初の記録で、同じ人の前のセッションは口振異動通知で終わる"
    ),
    _miss("over_period_end", 30, "期間の終わりをまたぐセッション: お客さま情報Ⅱは期間の後"),
    _miss("before_period", 30, "期間の前日の閲覧"),
    _miss("network_staff", 600, "葵送配電の人の閲覧"),
    _miss("other_retailer_staff", 200, "他社の人による、その会社のものではないお客さまの閲覧"),
    _miss("vacant", 200, "閲覧時点で契約のない供給地点"),
    _miss("corrected_before_view", 60, "他社契約との誤りが、閲覧の前に訂正されていた"),
    _miss("corrected_at_view", 30, "他社契約との誤りが、閲覧とちょうど同時に訂正された"),
    _miss("two_windows", 60, "2 つの画面を並べた自社のお客さまの閲覧（遷移元の記録と直前の記録が違う）"),
)
KINDS: Final = {kind.name: kind for kind in (*LEAKS, *SIDES, *LATER, *MISSES)}
