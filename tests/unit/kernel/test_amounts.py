"""Yen and Wh: whole numbers that keep their unit, and the rounding rules."""

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.amounts import (
    MalformedAmount,
    NotWhole,
    Wh,
    Yen,
    half_up_kwh,
    paper_yen,
    total,
    truncate_yen,
)

whole = st.integers(-(10**40), 10**40)


@given(whole, whole, st.integers(-1000, 1000))
def test_yen_counts_as_integers_do(a: int, b: int, times: int) -> None:
    assert Yen(a) + Yen(b) == Yen(a + b)
    assert Yen(a) - Yen(b) == Yen(a - b)
    assert -Yen(a) == Yen(-a)
    assert Yen(a) * times == times * Yen(a) == Yen(a * times)
    assert (Yen(a) < Yen(b)) is (a < b)
    assert (Wh(a) >= Wh(b)) is (a >= b)


@given(st.lists(whole))
def test_total(values: list[int]) -> None:
    assert total(map(Yen, values), Yen(0)) == Yen(sum(values))
    assert total(map(Wh, values), Wh(0)) == Wh(sum(values))


@pytest.mark.parametrize(
    "use",
    [
        lambda: Yen(1) + Wh(1),  # type: ignore[operator]
        lambda: Yen(1) - 1,  # type: ignore[operator]
        lambda: Yen(1) * 1.5,  # type: ignore[operator]
        lambda: Yen(1) * True,
        lambda: Yen(1) * Yen(1),  # type: ignore[operator]
        lambda: Wh(1) < Yen(1),  # type: ignore[operator]
    ],
)
def test_units_do_not_mix(use: Any) -> None:
    with pytest.raises(TypeError):
        use()


@pytest.mark.parametrize("value", [1.0, True, Decimal(1), "1", None])
@pytest.mark.parametrize("unit", [Yen, Wh])
def test_only_integers_are_amounts(unit: Any, value: object) -> None:
    with pytest.raises(NotWhole, match="整数です"):
        unit(value)


@pytest.mark.parametrize(
    ("value", "shown", "paper"),
    [
        (0, "0円", "0円"),
        (999, "999円", "999円"),
        (1234, "1,234円", "1,234円"),
        (-1234567, "-1,234,567円", "▲1,234,567円"),
    ],
)
def test_yen_as_shown(value: int, shown: str, paper: str) -> None:
    assert str(Yen(value)) == shown
    assert paper_yen(Yen(value)) == paper


@given(whole)
def test_yen_as_shown_reads_back(value: int) -> None:
    assert Yen.parse(str(Yen(value))) == Yen.parse(paper_yen(Yen(value))) == Yen(value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1234", 1234),
        ("１，２３４円", 1234),
        ("￥1,234", 1234),
        ("¥1234", 1234),
        ("-500", -500),
        ("−５００", -500),
        ("ー500円", -500),
        ("▲500", -500),
        ("△ 1,000 円", -1000),
        ("0", 0),
    ],
)
def test_yen_typed(typed: str, value: int) -> None:
    assert Yen.parse(typed) == Yen(value)


@pytest.mark.parametrize("typed", ["", "円", "1.5", "12,34", "1,2345", "千円", "--5", "1e3", "٣"])
def test_yen_refused(typed: str) -> None:
    with pytest.raises(MalformedAmount, match="金額: 1円単位の整数です。"):
        Yen.parse(typed)


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (1500, 3, "1.500kWh"),
        (1500, 1, "1.5kWh"),
        (1500, 0, "2kWh"),
        (1499, 0, "1kWh"),
        (50, 1, "0.1kWh"),
        (49, 1, "0.0kWh"),
        (-1500, 0, "-2kWh"),
        (1_234_567_890, 2, "1,234,567.89kWh"),
        (0, 0, "0kWh"),
    ],
)
def test_energy_as_shown(value: int, decimals: int, shown: str) -> None:
    assert Wh(value).format_kwh(decimals) == shown


@pytest.mark.parametrize("decimals", [-1, 4])
def test_energy_has_no_other_decimals(decimals: int) -> None:
    with pytest.raises(MalformedAmount, match="0桁から3桁"):
        Wh(1).format_kwh(decimals)


@given(whole)
def test_kwh_is_exact_under_any_precision(value: int) -> None:
    with localcontext(prec=5):
        kwh = Wh(value).kwh
        assert Fraction(*kwh.as_integer_ratio()) == Fraction(value, 1000)
        assert Wh.from_kwh(kwh) == Wh(value)
        assert Wh.parse_kwh(str(Wh(value))) == Wh(value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [("12.5", 12_500), ("１２．５ｋＷｈ", 12_500), ("1,234kWh", 1_234_000), ("-0.001", -1), ("0.1230", 123)],
)
def test_energy_typed(typed: str, value: int) -> None:
    assert Wh.parse_kwh(typed) == Wh(value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("0.0001", "小数第3位まで"), ("x", "kWhの数字"), ("", "kWhの数字"), ("1.", "kWhの数字")],
)
def test_energy_refused(typed: str, said: str) -> None:
    with pytest.raises(MalformedAmount, match=said):
        Wh.parse_kwh(typed)


@pytest.mark.parametrize(
    ("amount", "yen"),
    [
        ("0", 0),
        ("0.99", 0),
        ("1234.00", 1234),
        ("1234.999999", 1234),
        ("-0.99", 0),
        ("-1234.999999", -1234),
        ("1E+30", 10**30),
        ("99999999999999999999999999999999.9", 10**32 - 1),
    ],
)
def test_truncate_yen(amount: str, yen: int) -> None:
    assert truncate_yen(Decimal(amount)) == Yen(yen)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_truncation_cuts_less_than_a_yen_and_a_reversal_is_the_opposite(amount: Decimal) -> None:
    yen = truncate_yen(amount)
    assert 0 <= abs(Fraction(amount)) - abs(yen.value) < 1
    assert yen.value * amount >= 0
    assert truncate_yen(amount.copy_negate()) == -yen


@pytest.mark.parametrize("amount", [1.5, 1, "1"])
def test_sums_are_decimal(amount: Any) -> None:
    with pytest.raises(NotWhole, match="Decimal"):
        truncate_yen(amount)
    with pytest.raises(NotWhole, match="Decimal"):
        Wh.from_kwh(amount)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_sums_are_finite(amount: str) -> None:
    with pytest.raises(MalformedAmount, match="有限の数"):
        truncate_yen(Decimal(amount))


@pytest.mark.parametrize(
    ("value", "kwh"),
    [(0, 0), (499, 0), (500, 1), (1499, 1), (299_500, 300), (300_499, 300), (-500, -1), (-499, 0)],
)
def test_half_up_kwh(value: int, kwh: int) -> None:
    assert half_up_kwh(Wh(value)) == kwh


@given(whole)
def test_half_up_is_never_more_than_half_a_unit_off(value: int) -> None:
    off = half_up_kwh(Wh(value)) * 1000 - value
    assert -500 < (off if value >= 0 else -off) <= 500
    assert half_up_kwh(Wh(-value)) == -half_up_kwh(Wh(value))
