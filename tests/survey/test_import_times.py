"""Times and days as other systems write them: each form, each refusal, and the two ways of reading give the same."""

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from takuso.survey.importing.rejects import NotTaken
from takuso.survey.importing.times import Reading, read_alike, read_day, read_moment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


READ = [
    ("2022/12/06 09:12:33.123456", utc(2022, 12, 6, 0, 12, 33, 123456)),
    ("2022-12-06T09:12:33", utc(2022, 12, 6, 0, 12, 33)),
    ("2022-12-06T09:12:33Z", utc(2022, 12, 6, 9, 12, 33)),
    ("2022-12-06T09:12:33.5+09:00", utc(2022, 12, 6, 0, 12, 33, 500_000)),
    ("2022-12-05T23:12:33-0100", utc(2022, 12, 6, 0, 12, 33)),
    ("2022-12-06 09:12:33 JST", utc(2022, 12, 6, 0, 12, 33)),
    ("2022-12-06 09:12:33,250", utc(2022, 12, 6, 0, 12, 33, 250_000)),
    ("2022-12-06 09:12:33.1234567", utc(2022, 12, 6, 0, 12, 33, 123456)),
    ("20221206091233", utc(2022, 12, 6, 0, 12, 33)),
    ("20221206091233123", utc(2022, 12, 6, 0, 12, 33, 123_000)),
    ("202212060912", utc(2022, 12, 6, 0, 12)),
    ("20221206 091233", utc(2022, 12, 6, 0, 12, 33)),
    ("2022/12/06 9:12", utc(2022, 12, 6, 0, 12)),
    ("2022年12月6日 9時12分33秒", utc(2022, 12, 6, 0, 12, 33)),
    ("２０２２／１２／０６　０９：１２：３３", utc(2022, 12, 6, 0, 12, 33)),
    ("令和4年12月6日 09:12:33", utc(2022, 12, 6, 0, 12, 33)),
    ("令和元年5月1日0時0分", utc(2019, 4, 30, 15)),
    ("R4.12.6 24:30", utc(2022, 12, 6, 15, 30)),
    ("R041206 091233", utc(2022, 12, 6, 0, 12, 33)),
    ("2022-12-31 24:00:00", utc(2022, 12, 31, 15)),
    ("2022-12-31 47:59:59", utc(2023, 1, 1, 14, 59, 59)),
    ("2024-02-29 00:00:00", utc(2024, 2, 28, 15)),
    ("2022/12/06 午後3:05", utc(2022, 12, 6, 6, 5)),
    ("2022/12/06 午前12:05", utc(2022, 12, 5, 15, 5)),
    ("2022/12/06 3:05:07 PM", utc(2022, 12, 6, 6, 5, 7)),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_a_time_is_read(text: str, expected: datetime) -> None:
    assert EPOCH + timedelta(microseconds=read_moment(text, Reading()).micros) == expected


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2022-02-29 09:00:00", "暦"),
        ("2022-13-01 09:00:00", "暦"),
        ("2022-12-06 48:00:00", "47:59:59"),
        ("2022-12-06 09:60:00", "47:59:59"),
        ("2022-12-06 09:12:60", "47:59:59"),
        ("2022-12-06", "時刻"),
        ("09:12:33", "年月日"),
        ("22/12/06 09:12:33", "元号"),
        ("令和元年4月30日 09:00", "令和"),
        ("平成31年5月1日 09:00", "平成"),
        ("9999-12-31 00:00:00", "2199"),
        ("2022-12-06 09:12:33+99:00", "時間帯"),
        ("2022/12/06 午後13:00", "午前・午後"),
        ("きのう", "時刻"),
        ("2022-12-06 09:12:33 か", "時刻"),
    ],
)
def test_what_is_no_time_is_refused_with_its_rule(text: str, rule: str) -> None:
    with pytest.raises(NotTaken) as refused:
        read_moment(text, Reading())
    assert rule in refused.value.rule


def test_settings_of_a_column() -> None:
    assert read_moment("2022-12-06 09:00", Reading(clock="UTC")).micros == micros(utc(2022, 12, 6, 9))
    assert read_moment("4.12.6 09:00", Reading(era="令和")).micros == micros(utc(2022, 12, 6, 0))
    assert read_moment("1670285553", Reading(form="epoch_s")).micros == micros(utc(2022, 12, 6, 0, 12, 33))
    assert read_moment("1670285553.25", Reading(form="epoch_s")).micros == micros(utc(2022, 12, 6, 0, 12, 33, 250_000))
    assert read_moment("1670285553001", Reading(form="epoch_ms")).micros == micros(utc(2022, 12, 6, 0, 12, 33, 1000))
    for text in ("9" * 25, "-1", "1e9", ""):
        with pytest.raises(NotTaken):
            read_moment(text, Reading(form="epoch_s"))


def test_what_was_unusual_is_told() -> None:
    moment = read_moment("R4.12.6 24:30", Reading())
    assert (moment.late, moment.no_seconds) == (True, True)
    moment = read_moment("R4.12.6 23:30:00", Reading())
    assert (moment.late, moment.no_seconds) == (False, False)


@pytest.mark.parametrize(
    ("text", "era", "expected"),
    [
        ("令和4年12月6日", None, date(2022, 12, 6)),
        ("S64.1.7", None, date(1989, 1, 7)),
        ("20160401", None, date(2016, 4, 1)),
        ("41206", "令和", date(2022, 12, 6)),
        ("９９９９／１２／３１", None, date(9999, 12, 31)),
    ],
)
def test_a_day_is_read(text: str, era: str | None, expected: date) -> None:
    assert read_day(text, era) == expected


SEPARATORS = st.sampled_from([("-", " ", ":"), ("/", " ", ":"), ("", "", ""), (".", "T", ":"), ("", " ", ":")])
PARTS = st.tuples(*(st.integers(0, top) for top in (9999, 13, 32, 49, 61, 61, 999_999)))
ZONES = st.sampled_from(["", "", "Z", "+09:00", "-0330"])
ODD = st.sampled_from(["", "", "", "x", " "])


@given(st.lists(st.tuples(PARTS, ODD), min_size=1, max_size=8), SEPARATORS, ZONES, st.integers(0, 7))
def test_reading_many_at_once_gives_what_reading_each_gives(
    rows: list[tuple[tuple[int, ...], str]], signs: tuple[str, str, str], zone: str, form: int
) -> None:
    day_sign, between, colon = signs
    texts = []
    for (y, mo, d, h, mi, s, f), odd in rows:
        text = f"{y:04}{day_sign}{mo:02}{day_sign}{d:02}{between}{h:02}{colon}{mi:02}"
        text += (f"{colon}{s:02}" + (f".{f:06}"[: form or None] if form != 1 else "")) if form else ""
        text += zone
        texts.append(odd + text[1:] if odd else text)
    texts = [text for text in texts if len(text) == len(texts[0])]
    array = np.frombuffer("".join(texts).encode(), dtype=np.uint8).reshape(len(texts), -1)
    found = read_alike(array, Reading())
    if found is None:
        return
    moments, read, late, no_seconds = found
    for number, text in enumerate(texts):
        try:
            expected = read_moment(text, Reading())
        except NotTaken:
            assert not read[number]
            continue
        if read[number]:
            seconds = bool(no_seconds)
            assert (moments[number], late[number], seconds) == (expected.micros, expected.late, expected.no_seconds)


def micros(moment: datetime) -> int:
    """µs since 1970."""
    return (moment - EPOCH) // timedelta(microseconds=1)
