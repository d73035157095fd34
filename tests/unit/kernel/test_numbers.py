"""Supply point numbers and customer codes: any width in, one form held, refusals that help."""

import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.malformed import Malformed
from takuso.kernel.numbers import AREAS, CustomerCode, MalformedNumber, SupplyPointNumber
from takuso.kernel.widths import HYPHENS, INVISIBLES, LONG_VOWELS, SPACES

SPIN = "0612345678901234567890"
CODE = "12345678901234"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

spins = st.builds(
    lambda area, rest: area + rest,
    st.sampled_from(sorted(AREAS)),
    st.text(alphabet="0123456789", min_size=20, max_size=20),
)
codes = st.text(alphabet="0123456789", min_size=14, max_size=14)
noise = st.text(alphabet=HYPHENS + LONG_VOWELS + SPACES + INVISIBLES, max_size=3)


@pytest.mark.parametrize(
    "typed",
    [
        SPIN,
        "06-1234-5678-9012-3456-7890",
        "06 1234 5678 9012 3456 7890",
        "０６１２３４５６７８９０１２３４５６７８９０",
        "０６－１２３４－５６７８－９０１２－３４５６－７８９０",
        "06ー1234ー5678ー9012ー3456ー7890",
        "06−1234‐5678–9012—3456ｰ7890",
        "　06　1234　5678　9012　3456　7890　",
        "\ufeff06\u200b12345678901234567890\r\n",
    ],
)
def test_every_width_gives_the_same_number(typed: str) -> None:
    assert SupplyPointNumber.parse(typed).text == SPIN


@given(spins, st.data())
def test_width_hyphens_and_spaces_never_matter(text: str, data: st.DataObject) -> None:
    typed = "".join(
        data.draw(st.sampled_from([digit, digit.translate(FULL_WIDTH)])) + data.draw(noise) for digit in text
    )
    assert SupplyPointNumber.parse(typed) == SupplyPointNumber(text)


@given(spins)
def test_grouped_form_reads_back(text: str) -> None:
    number = SupplyPointNumber(text)
    assert SupplyPointNumber.parse(number.grouped) == number
    assert str(number) == text
    assert number.area.code == text[:2]


@given(codes)
def test_any_fourteen_digits_are_a_customer_code(text: str) -> None:
    code = CustomerCode(text)
    assert CustomerCode.parse(text.translate(FULL_WIDTH)) == code
    assert CustomerCode.parse(code.grouped) == code
    assert str(code) == text


def test_groups() -> None:
    assert SupplyPointNumber(SPIN).grouped == "06-1234-5678-9012-3456-7890"
    assert CustomerCode(CODE).grouped == "12-3456-7890-1234"


@pytest.mark.parametrize(
    ("parse", "typed", "said"),
    [
        (SupplyPointNumber.parse, "", "数字22桁です(入力がありません)"),
        (SupplyPointNumber.parse, "　- ", "数字22桁です(入力がありません)"),
        (SupplyPointNumber.parse, SPIN[:-1], "入力は21桁でした"),
        (SupplyPointNumber.parse, SPIN + "0", "入力は23桁でした"),
        (SupplyPointNumber.parse, "O6" + SPIN[2:], "数字でない文字"),
        (SupplyPointNumber.parse, SPIN[:-1] + "٣", "数字でない文字"),
        (SupplyPointNumber.parse, SPIN[:-1] + "①", "数字でない文字"),
        (SupplyPointNumber.parse, "00" + SPIN[2:], "エリアコード01〜10です(入力は00でした)"),
        (SupplyPointNumber.parse, "11" + SPIN[2:], "エリアコード01〜10です(入力は11でした)"),
        (CustomerCode.parse, CODE[:-1], "数字14桁です(入力は13桁でした)"),
        (CustomerCode.parse, CODE[:-1] + "x", "数字でない文字"),
        (SupplyPointNumber, "０" + SPIN[1:], "数字でない文字"),
        (CustomerCode, CODE[:7] + "-" + CODE[7:], "数字でない文字"),
    ],
)
def test_refusals_name_field_rule_and_advice(parse: Callable[[str], object], typed: str, said: str) -> None:
    with pytest.raises(MalformedNumber) as refused:
        parse(typed)
    error = refused.value
    assert said in error.rule
    assert error.field in {"供給地点特定番号", "お客さま番号"}
    assert error.advice.endswith("。")
    assert str(error) == f"{error.field}: {error.rule}{error.advice}"
    assert not typed or typed not in str(error)


def test_a_refusal_survives_between_processes() -> None:
    with pytest.raises(Malformed) as refused:
        CustomerCode.parse("1")
    again = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert (type(again), str(again)) == (MalformedNumber, str(refused.value))


@pytest.mark.parametrize(
    ("code", "name", "frequency"),
    [("01", "北海道", 50), ("03", "東京", 50), ("04", "中部", 60), ("06", "関西", 60), ("10", "沖縄", 60)],
)
def test_area(code: str, name: str, frequency: int) -> None:
    area = SupplyPointNumber(code + "0" * 20).area
    assert (area.code, area.name_ja, area.frequency_hz) == (code, name, frequency)


def test_there_are_ten_areas() -> None:
    assert list(AREAS) == [f"{code:02d}" for code in range(1, 11)]
    assert all(area.code == code for code, area in AREAS.items())


@pytest.mark.parametrize(
    ("spin", "inside"),
    [
        ("06" + CODE + "100000", True),
        ("0600" + CODE + "1000", True),
        ("06000000" + CODE, True),
        ("06" + CODE[::-1] + "100000", False),
        ("06" + CODE[:-1] + "0100000", False),
    ],
)
def test_a_number_that_contains_the_customer_code(spin: str, inside: bool) -> None:
    assert SupplyPointNumber(spin).contains(CustomerCode(CODE)) is inside


def test_numbers_sort_and_hash_as_text() -> None:
    first, second = SupplyPointNumber("01" + "9" * 20), SupplyPointNumber("02" + "0" * 20)
    assert sorted([second, first]) == [first, second]
    assert len({first, SupplyPointNumber(first.text)}) == 1
