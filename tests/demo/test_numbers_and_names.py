"""Numbers are well formed and nobody's; names are searchable."""

import re

from hypothesis import given
from hypothesis import strategies as st

from takuso.demo import names
from takuso.demo.numbering import Shuffle
from takuso.demo.towns import PREFECTURES, towns
from takuso.kernel.kana import search_key
from takuso.kernel.numbers import CustomerCode, SupplyPointNumber
from tests.demo.area import Collector


@given(st.integers(1, 700), st.text(max_size=5))
def test_a_shuffle_meets_every_number_once(size: int, key: str) -> None:
    shuffle = Shuffle(size, key)
    assert sorted(shuffle.at(index) for index in range(size)) == list(range(size))


def test_another_key_shuffles_otherwise() -> None:
    one, other = Shuffle(1000, "1"), Shuffle(1000, "2")
    assert sum(one.at(n) == other.at(n) for n in range(1000)) < 20


def test_supply_point_numbers_hold_the_customer_code_of_our_own_range(invented: Collector) -> None:
    for row in invented.rows["wall.point"]:
        number = SupplyPointNumber.parse(str(row["supply_point"]))
        code = CustomerCode.parse(str(row["customer_code"]))
        assert number.area.code == "06"
        assert number.text[3:17] == code.text
        assert number.contains(code)
        assert 1 <= int(code.text[:2]) <= 18
        assert 901 <= int(code.text[2:5]) <= 906
    numbers = [row["supply_point"] for row in invented.rows["wall.point"]]
    assert len(set(numbers)) == len(numbers)


def test_places_repeat_the_keys_and_stand_in_real_towns_at_invented_blocks(invented: Collector) -> None:
    keys = {(row["id"], row["supply_point"], row["customer_code"]) for row in invented.rows["wall.point"]}
    assert {(r["point"], r["supply_point"], r["customer_code"]) for r in invented.rows["points.place"]} == keys
    for row in invented.rows["points.place"]:
        assert re.fullmatch(r"\d{7}", str(row["postal_code"]))
        assert row["prefecture"] in PREFECTURES
        assert re.fullmatch(r"9\d{3}番地\d+", str(row["block"]))
        assert row["city"]
        assert row["town"]
    assert {row["prefecture"] for row in invented.rows["points.place"]} == set(PREFECTURES)
    assert len({row["room"] for row in invented.rows["points.place"]}) > 4


def test_towns_are_read_once() -> None:
    assert towns() is towns()


def test_telephone_numbers_are_nobodys(invented: Collector) -> None:
    for row in invented.rows["points.party"]:
        assert re.fullmatch(r"0[789]0-0000-\d{4}|06-0000-\d{4}|07\d-000-\d{4}|0742-00-\d{4}", str(row["phone"]))


def test_accounts_show_their_last_three_digits(invented: Collector) -> None:
    for row in invented.rows["points.bank_mandate"]:
        assert re.fullmatch(r"\d{7}", str(row["account_no"]))
        assert str(row["account_no"])[-3:] == row["account_tail"]
        assert re.fullmatch(r"98\d\d", str(row["bank_code"]))
        assert re.fullmatch(r"[ｦ-ﾟ()\- .A-Z0-9]+", str(row["holder_kana"]))


def test_kana_are_kana(invented: Collector) -> None:
    for row in invented.rows["points.party"]:
        assert re.fullmatch(r"[ァ-ヺー・ ]+", str(row["kana"])), row["kana"]


def test_names_have_what_makes_searching_hard(invented: Collector) -> None:
    written = "".join(str(row["name"]) for row in invented.rows["points.party"])
    kana = "".join(str(row["kana"]) for row in invented.rows["points.party"])
    assert {sign for sign in "髙﨑濵邉㈱㈲" if sign not in written} == set()
    assert {sign for sign in "ヴァョッー・" if sign not in kana} == set()
    assert "株式会社" in written


def test_a_mistyped_name_is_found_as_the_right_one() -> None:
    assert names.mistyped("髙橋 京子") == "高橋 京子"
    assert search_key(names.mistyped("濵田﨑")) == search_key("濵田﨑")
