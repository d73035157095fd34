"""Which column of a file is which column of a source: by its name and by what stands in it, with a confidence."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from takuso.kernel.widths import bare_digits, is_digits
from takuso.survey.importing.mapping import TABLES, Target
from takuso.survey.importing.mapping_file import plain_name
from takuso.survey.importing.rejects import NotTaken
from takuso.survey.importing.sniffing import Looked
from takuso.survey.importing.times import Reading, read_day, read_moment

EMPTIES: Final = ("NULL", "null", "(null)", "\\N", "-", "―", "－", "なし", "00000000", "0000-00-00", "0000/00/00")
_SAMPLE: Final = 300
_LEAST: Final = 0.3
_MOSTLY: Final = 0.5
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,12}")
_TIME_ONLY: Final = re.compile(
    r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?|[0-9]{1,2}時[0-9]{1,2}分([0-9]{1,2}秒)?|[0-9]{6}"
)
_HINTS: Final[Mapping[str, Mapping[str, str]]] = {
    "log": {
        "at": "日時 年月日時刻 タイムスタンプ timestamp datetime 時刻 time at",
        "user_id": "利用者 ユーザー ユーザ 担当者 操作者 職員 オペレータ user uid",
        "session_id": "セッション session 接続番号 接続",
        "screen": "画面コード 画面id 画面 機能 screen page",
        "came_from": "遷移元 前画面 直前 元画面 cameFrom came_from referer",
        "customer": "供給地点特定番号 供給地点 地点 お客さま番号 お客様番号 需要家 契約番号 customer spid",
        "action": "操作 アクション 処理 区分 action",
        "terminal": "端末 機器 ホスト terminal host ip",
    },
    "people": {
        "user_id": "利用者id 職員id 社員id 利用者 ユーザー ユーザ ログイン 担当者 user uid id",
        "person_id": "社員番号 職員番号 従業員 個人 社員 職員 person employee",
        "org": "所属会社 会社 雇用 所属 組織 company org",
        "contractor_of": "委託元 派遣先 委託 contractor",
        "from": "着任 発令 適用開始 開始 から from start",
        "to": "離任 解除 退職 適用終了 終了 まで to end",
    },
    "supply": {
        "customer": "供給地点特定番号 供給地点 地点 お客さま番号 customer spid",
        "retailer": "小売 供給者 事業者 会社 retailer supplier",
        "from": "供給開始 開始 適用開始 から from start",
        "to": "供給終了 終了 適用終了 まで to end",
        "known_from": "登録 記録 入力 known_from",
        "known_to": "訂正 取消 削除 known_to",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Columns (places from 0) for a column of a source, how sure that is, up to three values, and settings."""

    places: tuple[int, ...]
    confidence: float
    examples: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGuess:
    """A file as one of the tables: how well it fits, and its columns."""

    table: str
    confidence: float
    columns: Mapping[str, Guess]


def guess_table(looked: Looked) -> TableGuess:
    """The table that the file fits best."""
    return max((_as_table(looked, table) for table in TABLES), key=lambda guess: guess.confidence)


def _as_table(looked: Looked, table: str) -> TableGuess:
    targets = TABLES[table]
    scored = sorted(
        (
            (_score(targets[name], _HINTS[table][name], heading, looked.column(place)), -order, name, place)
            for order, name in enumerate(targets)
            for place, heading in enumerate(looked.names)
        ),
        reverse=True,
    )
    columns: dict[str, Guess] = {}
    used: set[int] = set()
    whole = any(score >= _LEAST for score, _, name, _ in scored if name == "at")
    parts = _day_and_time(looked) if table == "log" and not whole else None
    if parts is not None:
        columns["at"] = _guess(looked, targets["at"], parts, 0.8)
        used.update(parts)
    for score, _, name, place in scored:
        if score >= _LEAST and name not in columns and place not in used:
            used.add(place)
            columns[name] = _guess(looked, targets[name], (place,), score)
    if "to" in columns and _last_day_within(looked, columns, "user_id" if table == "people" else "customer"):
        columns["to"] = replace(columns["to"], settings=(("inclusive", "true"),))
    needed = [name for name, target in targets.items() if target.needed]
    found = sum(columns[name].confidence for name in needed if name in columns) / len(needed)
    return TableGuess(
        table=table, confidence=found, columns={name: columns[name] for name in targets if name in columns}
    )


def _guess(looked: Looked, target: Target, places: tuple[int, ...], score: float) -> Guess:
    values = [" ".join(row) for row in zip(*(looked.column(place) for place in places), strict=True)]
    examples = tuple(dict.fromkeys(value for value in values if value))[:3]
    settings = tuple(_settings(target, values))
    return Guess(places=places, confidence=round(min(score, 1.0), 2), examples=examples, settings=settings)


def _settings(target: Target, values: Sequence[str]) -> list[tuple[str, str]]:
    filled = [value for value in values if value and value not in EMPTIES][:_SAMPLE]
    if target.kind == "instant" and filled and all(is_digits(value, 10) for value in filled):
        return [("form", "epoch_s")]
    if target.kind == "instant" and filled and all(is_digits(value, 13) for value in filled):
        return [("form", "epoch_ms")]
    if target.kind == "screen" and filled and not all(_CODE.fullmatch(value) for value in filled):
        return [("by", "name")]
    return []


def _score(target: Target, hints: str, heading: str, values: Sequence[str]) -> float:
    named = _named(hints, heading)
    filled = [value for value in values if value and value not in EMPTIES][:_SAMPLE]
    fits = _fits(target, filled)
    if target.kind in ("instant", "day", "number"):
        # What stands there decides; an empty column only its name.
        if filled and fits < _MOSTLY:
            return 0.0
        return 0.5 * named + 0.5 * fits if named else (0.45 * fits if target.needed else 0.0)
    if target.filled and values and len(filled) < len(values) / 2:
        return 0.0
    return (0.7 * named + 0.3 * fits) if named else 0.0


def _named(hints: str, heading: str) -> float:
    """1 for the very word, less for a word inside the heading, the less the later the word in the list."""
    name = plain_name(heading).lower()
    best = 0.0
    for order, hint in enumerate(hints.lower().split()):
        if name == hint:
            best = max(best, 1.0)
        elif ((len(hint) > 2 or not hint.isascii()) and hint in name) or (hint == "id" and name.endswith(hint)):
            best = max(best, 0.9 - 0.03 * order - 0.02 * max(len(name) - len(hint), 0) * (not name.startswith(hint)))
    return best


def _fits(target: Target, filled: Sequence[str]) -> float:
    if not filled:
        return 0.0
    test = _TESTS.get(target.kind)
    if test is None:
        # A code or a name repeats itself.
        return 1.0 if len(set(filled)) < len(filled) or len(filled) < 20 else 0.5
    return sum(test(value) for value in filled) / len(filled)


def _is_moment(text: str) -> bool:
    form = "epoch_s" if is_digits(text, 10) else "epoch_ms" if is_digits(text, 13) else "auto"
    try:
        read_moment(text, Reading(form=form))  # type: ignore[arg-type]
    except NotTaken:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        read_day(text)
    except NotTaken:
        return False
    return True


def _is_number(text: str) -> bool:
    return is_digits(bare_digits(text), 22)


_TESTS: Final[Mapping[str, Callable[[str], bool]]] = {"instant": _is_moment, "day": _is_day, "number": _is_number}


def _last_day_within(looked: Looked, columns: Mapping[str, Guess], key: str) -> bool:
    """Whether periods seem to end with their last day: the next one of the same key starts a day after it."""
    if not {key, "from"} <= columns.keys():
        return False
    of = {name: looked.column(columns[name].places[0]) for name in (key, "from", "to")}
    rows = sorted(zip(of[key], map(_day_or_none, of["from"]), map(_day_or_none, of["to"]), strict=True), key=str)
    apart = [
        later[1] - earlier[2]
        for earlier, later in pairwise(rows)
        if earlier[0] == later[0] and earlier[2] is not None and later[1] is not None
    ]
    return apart.count(timedelta(days=1)) > len(apart) / 2


def _day_or_none(text: str) -> date | None:
    try:
        return read_day(text)
    except NotTaken:
        return None


def _day_and_time(looked: Looked) -> tuple[int, int] | None:
    """A column of days and one of times of day, where no column has both."""
    free = range(len(looked.names))
    samples = {place: [value for value in looked.column(place) if value][:_SAMPLE] for place in free}
    days = [place for place in free if samples[place] and all(map(_is_day, samples[place]))]
    times = [place for place in free if samples[place] and all(map(_TIME_ONLY.fullmatch, samples[place]))]
    pairs = [(day, time) for day in days for time in times if day != time]
    return min(pairs, key=lambda pair: abs(pair[1] - pair[0]), default=None)
