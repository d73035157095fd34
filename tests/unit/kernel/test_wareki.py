"""和暦: every day both ways, every form that people type, and an era that does not exist yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.kernel.wareki import (
    ERAS,
    BadEraTable,
    Era,
    EraTable,
    MalformedDate,
    OutsideEras,
    Wareki,
    format_both,
    parse_date,
    wareki,
)

FIRST = date(1868, 10, 23)
DAY = date(2022, 12, 27)
INVENTED = Era(name="架空", letter="K", start=date(2050, 4, 1))
days = st.dates(FIRST, date(9999, 12, 31))


def test_every_day_both_ways() -> None:
    last = date(2100, 12, 31)
    for offset in range((last - FIRST).days + 1):
        day = FIRST + timedelta(days=offset)
        assert wareki(day).to_date() == day


@given(days, st.sampled_from([ERAS, ERAS.with_era(INVENTED)]))
def test_every_form_reads_back(day: date, table: EraTable) -> None:
    by_era = wareki(day, table)
    forms = [by_era.text, by_era.short, format_both(day, table), day.isoformat(), f"{day:%Y/%m/%d}"]
    assert [parse_date(form, table=table) for form in forms] == [day] * 5


@given(st.dates(FIRST, date(2117, 12, 31)))
def test_solid_form_reads_back(day: date) -> None:
    by_era = wareki(day)
    digits = f"{by_era.year:02d}{by_era.month:02d}{by_era.day:02d}"
    assert parse_date(by_era.era.letter + digits) == day
    assert parse_date(digits, era=by_era.era.name) == day
    assert parse_date(digits.removeprefix("0"), era=by_era.era.letter) == day


@pytest.mark.parametrize(
    ("day", "text", "short"),
    [
        (FIRST, "明治元年10月23日", "M1.10.23"),
        (date(1912, 7, 29), "明治45年7月29日", "M45.7.29"),
        (date(1912, 7, 30), "大正元年7月30日", "T1.7.30"),
        (date(1926, 12, 24), "大正15年12月24日", "T15.12.24"),
        (date(1926, 12, 25), "昭和元年12月25日", "S1.12.25"),
        (date(1989, 1, 7), "昭和64年1月7日", "S64.1.7"),
        (date(1989, 1, 8), "平成元年1月8日", "H1.1.8"),
        (date(2019, 4, 30), "平成31年4月30日", "H31.4.30"),
        (date(2019, 5, 1), "令和元年5月1日", "R1.5.1"),
        (date(2020, 1, 1), "令和2年1月1日", "R2.1.1"),
    ],
)
def test_the_first_day_belongs_to_the_new_era(day: date, text: str, short: str) -> None:
    assert (wareki(day).text, wareki(day).short) == (text, short)
    assert parse_date(text) == parse_date(short) == day


def test_both_calendars() -> None:
    assert format_both(DAY) == "令和4年12月27日(2022-12-27)"


@pytest.mark.parametrize(
    "typed",
    [
        "令和4年12月27日",
        "令和４年１２月２７日",
        "　令和 4年 12月 27日 ",
        "令4.12.27",
        "㋿4年12月27日",
        "\uf9a8和4年12月27日",
        "R4.12.27",
        "r4/12/27",
        "Ｒ０４－１２－２７",
        "R041227",
        "R41227",
        "2022-12-27",
        "2022ー12ー27",
        "2022−12−27",
        "２０２２／１２／２７",
        "2022.12.27",
        "2022年12月27日",
        "西暦2022年12月27日",
        "20221227",
        "令和4年12月27日(2022-12-27)",
        "令和4年12月27日（2022年12月27日）",
    ],
)
def test_one_day_in_every_form(typed: str) -> None:
    assert parse_date(typed) == DAY


@pytest.mark.parametrize("typed", ["令和元年5月1日", "令和1年5月1日", "R元.5.1", "R01.05.01", "R1-5-1", "R010501"])
def test_the_first_year_in_every_form(typed: str) -> None:
    assert parse_date(typed) == date(2019, 5, 1)


@pytest.mark.parametrize("era", ["令和", "令", "R", "r"])
@pytest.mark.parametrize("typed", ["041227", "41227", "4.12.27", "04-12-27", "4年12月27日", "2022-12-27"])
def test_an_era_given_beside_the_text(typed: str, era: str) -> None:
    assert parse_date(typed, era=era) == DAY


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "年月日がそろった"),
        ("令和4年12月", "年月日がそろった"),
        ("12/27", "年月日がそろった"),
        ("2022-12/27", "年月日がそろった"),
        ("2022-12-27-1", "年月日がそろった"),
        ("R4.12.27x", "年月日がそろった"),
        ("041227", "元号付きの和暦か、西暦4桁"),
        ("22/12/27", "元号付きの和暦か、西暦4桁"),
        ("4年12月27日", "元号付きの和暦か、西暦4桁"),
        ("X4.12.27", "令和(R)のいずれか"),
        ("慶応3年1月1日", "明治(M)・大正(T)"),
        ("令和4年2月29日", "暦にある日"),
        ("2022-13-01", "暦にある日"),
        ("R0.1.1", "元年(1年)から"),
        ("令和4年12月27日(2022-12-28)", "同じ日です"),
        ("R9999.1.1", "暦にある日"),
    ],
)
def test_refusals_say_rule_and_advice(typed: str, said: str) -> None:
    with pytest.raises(MalformedDate) as refused:
        parse_date(typed)
    assert said in refused.value.rule
    assert refused.value.advice == "令和4年12月27日、R4.12.27、2022-12-27 のいずれかの形で入力してください。"


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("平成31年5月1日", "令和元年5月1日です"),
        ("平成34年12月27日", "令和4年12月27日です"),
        ("昭和64年1月8日", "平成元年1月8日です"),
        ("明治45年7月30日", "大正元年7月30日です"),
        ("令和元年4月30日", "平成31年4月30日です"),
        ("明治元年10月22日", "1868-10-23以後の日"),
    ],
)
def test_a_day_outside_its_era_is_refused_with_the_right_one(typed: str, instead: str) -> None:
    with pytest.raises(MalformedDate) as refused:
        parse_date(typed)
    assert typed[:2] in refused.value.rule
    assert instead in refused.value.advice


def test_days_before_the_first_era_are_refused() -> None:
    before = FIRST - timedelta(days=1)
    for use in (lambda: wareki(before), lambda: format_both(before), lambda: parse_date(before.isoformat())):
        with pytest.raises(OutsideEras, match="明治元年"):
            use()


def test_an_invented_next_era_is_one_more_row() -> None:
    table = ERAS.with_era(INVENTED)
    eve, first = date(2050, 3, 31), date(2050, 4, 1)
    assert wareki(eve, table).text == "令和32年3月31日"
    assert format_both(first, table) == "架空元年4月1日(2050-04-01)"
    assert wareki(date(2051, 1, 1), table).short == "K2.1.1"
    assert parse_date("架空元年4月1日", table=table) == parse_date("k010401", table=table) == first
    with pytest.raises(MalformedDate, match="架空元年4月1日です"):
        parse_date("令和32年4月1日", table=table)
    assert wareki(first).text == "令和32年4月1日"


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (*reversed(ERAS.rows),),
        (*ERAS.rows, Era(name="令和", letter="Q", start=date(2050, 1, 1))),
        (*ERAS.rows, Era(name="令徳", letter="Q", start=date(2050, 1, 1))),
        (*ERAS.rows, Era(name="架空", letter="r", start=date(2050, 1, 1))),
        (*ERAS.rows, Era(name="架空", letter="K", start=date(2019, 5, 1))),
        (*ERAS.rows, Era(name="架空", letter="", start=date(2050, 1, 1))),
    ],
)
def test_a_table_that_cannot_tell_eras_apart_is_refused(rows: tuple[Era, ...]) -> None:
    with pytest.raises(BadEraTable, match="元号表"):
        EraTable(rows)


def test_a_wareki_value_is_checked_against_its_table() -> None:
    with pytest.raises(MalformedDate):
        Wareki(era=ERAS.rows[0], year=46, month=1, day=1).to_date()
