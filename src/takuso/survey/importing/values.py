"""Columns as bytes into columns of a source; each value that breaks a rule is named with its row and its shape.

Distinct values are looked at once; numbers of 22 digits and times, of which most are distinct, all at once.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from takuso.kernel.widths import bare_digits, is_digits
from takuso.survey.importing.characters import decode
from takuso.survey.importing.mapping import Charset, Field, Table, Target
from takuso.survey.importing.mapping_file import plain_name
from takuso.survey.importing.parsed import Layout, Parsed
from takuso.survey.importing.rejects import NotTaken, Reject, shape
from takuso.survey.importing.times import Reading, read_alike, read_day, read_moment

_EMPTY: Final = "空です。"
_NUMBER: Final = "供給地点特定番号は数字 22 桁です。"
_UNREADABLE: Final = "文字にできないバイト"
_FOREVER: Final = 9999
_FEW_LENGTHS: Final = 4
_TYPES: Final = {
    "instant": pa.timestamp("us", tz="UTC"),
    "day": pa.date32(),
    "number": pa.string(),
    "text": pa.dictionary(pa.int32(), pa.string()),
    "screen": pa.dictionary(pa.int32(), pa.string()),
}
Flags = npt.NDArray[np.bool_]
Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a source: values (null where nothing or nothing good stands), bad rows with rule and shape."""

    values: Any
    bad: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records of a block as rows of a source, those that were refused, and notes with their counts."""

    rows: Any
    lines: npt.NDArray[np.int64]
    spans: npt.NDArray[np.int64]
    blank: int
    rejects: tuple[Reject, ...]
    notes: Mapping[str, int]


def schema(targets: Mapping[str, Target]) -> Any:
    """Columns of a table of a source."""
    return pa.schema([(name, _TYPES[target.kind]) for name, target in targets.items()])


def batch(parsed: Parsed, table: Table, layout: Layout, screens: Mapping[str, str]) -> Batch:
    """The records of a block as rows of a source."""
    by_name = {plain_name(name): code for code, name in screens.items()}
    columns: dict[str, Column] = {}
    rejects: dict[int, Reject] = {}
    notes: Counter[str] = Counter()
    for name in table.targets:
        column = _column(parsed, table, layout, name, by_name)
        columns[name] = column
        notes.update(column.notes)
        heading = _heading(table.fields.get(name), layout)
        for row, (rule, form) in column.bad.items():
            if row not in rejects:
                line, lines = int(parsed.lines[row]), int(parsed.spans[row])
                rejects[row] = Reject(line=line, lines=lines, column=f"{heading} → {name}", rule=rule, shape=form)
    rows = pa.table([column.values for column in columns.values()], schema=schema(table.targets))
    kept = np.ones(len(parsed.lines), dtype=np.bool_)
    kept[list(rejects)] = False
    if rejects:
        rows = rows.filter(pa.array(kept))
    return Batch(
        rows=rows,
        lines=parsed.lines[kept],
        spans=parsed.spans[kept],
        blank=parsed.blank,
        rejects=(*parsed.rejects, *rejects.values()),
        notes=notes,
    )


def places(given: Field, names: tuple[str, ...]) -> tuple[int, ...]:
    """Places (from 0) of the columns that a field names. Raises KeyError with a column that is not there or twice."""
    found = []
    for column in given.columns:
        if isinstance(column, int):
            if column > len(names):
                raise KeyError(column)
            found.append(column - 1)
            continue
        if names.count(column) != 1:
            raise KeyError(column)
        found.append(names.index(column))
    return tuple(found)


def _heading(given: Field | None, layout: Layout) -> str:
    return "・".join(layout.names[place] for place in places(given, layout.names)) if given else ""


def _column(parsed: Parsed, table: Table, layout: Layout, name: str, by_name: Mapping[str, str]) -> Column:
    target, given, rows = table.targets[name], table.fields.get(name), len(parsed.lines)
    kind = _TYPES[target.kind]
    if given is None:
        return Column(values=_repeated(target.empty, rows, kind))
    reader = _reader(target, given, table.empty, by_name)
    if given.constant is not None:
        return Column(values=_repeated(reader(given.constant), rows, kind))
    arrays = [parsed.columns[place] for place in places(given, layout.names)]
    values = arrays[0] if len(arrays) == 1 else _joined(arrays, b" " if target.kind == "instant" else b"/")
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        return _typed(values, target, given)
    if target.kind == "instant":
        return _instants(values, target, given, layout.charset, table.empty)
    if target.kind == "number" and not given.values and _all_22(values, target):
        text = pa.StringArray.from_buffers(len(values), values.buffers()[1], values.buffers()[2], offset=values.offset)
        return Column(values=text)
    coded = values if pa.types.is_dictionary(values.type) else pc.dictionary_encode(values, null_encoding="encode")
    if target.kind in ("text", "screen") and not (given.values or given.by_name) and _stays(coded, table.empty):
        return Column(values=pa.DictionaryArray.from_arrays(coded.indices, coded.dictionary.cast(pa.string())))
    return _distinct(coded, kind, reader, layout.charset, target)


def _stays(coded: Any, empty: frozenset[str]) -> bool:
    """Whether each distinct text is ASCII without spaces and says something, so that it is taken as it stands."""
    texts = coded.dictionary
    if coded.null_count or texts.null_count or not (pa.types.is_binary(texts.type) or pa.types.is_string(texts.type)):
        return False
    offsets = _offsets(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)[offsets[0] : offsets[-1]]
    if not ((data > 0x20) & (data < 0x7F)).all() or not np.diff(offsets).all():
        return False
    words = pa.array([word.encode() for word in empty], type=pa.binary())
    return not pc.is_in(texts.cast(pa.binary()), value_set=words).to_numpy(zero_copy_only=False).any()


def _repeated(value: Any, rows: int, kind: Any) -> Any:
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_dictionary(kind):
        codes = pa.array(np.zeros(rows, dtype=np.int32), mask=np.full(rows, value is None))
        return pa.DictionaryArray.from_arrays(codes, pa.array([] if value is None else [value], type=plain))
    return pa.repeat(pa.scalar(value, type=plain), rows)


def _joined(arrays: list[Any], sign: bytes) -> Any:
    plain = [array.dictionary_decode() if pa.types.is_dictionary(array.type) else array for array in arrays]
    return pc.binary_join_element_wise(*(array.cast(pa.binary()) for array in plain), pa.scalar(sign, pa.binary()))


def _reader(target: Target, given: Field, empty: frozenset[str], by_name: Mapping[str, str]) -> Reader:
    """Text to value of a kind; None is nothing. Raises NotTaken."""

    def read(text: str) -> Any:
        text = text.strip()
        if text in empty:
            text = ""
        text = given.values.get(text, text)
        if not text:
            if target.filled:
                raise NotTaken(_EMPTY)
            return target.empty
        return known(text)

    def screen(text: str) -> str:
        if not given.by_name:
            return text
        if plain_name(text) not in by_name:
            raise NotTaken("screens にない画面の名前です。")
        return by_name[plain_name(text)]

    readers: dict[str, Reader] = {
        "text": str,
        "screen": screen,
        "number": _number,
        "day": lambda text: _day(text, given),
    }
    known = readers.get(target.kind, str)
    return read


def _number(text: str) -> str:
    digits = bare_digits(text)
    if not is_digits(digits, 22):
        count = f"（この値は {len(digits)} 桁）" if digits.isascii() and digits.isdigit() else ""
        raise NotTaken(f"{_NUMBER[:-1]}{count}。")
    return digits


def _day(text: str, given: Field) -> date | None:
    day = read_day(text, given.era)
    if day.year == _FOREVER:
        return None
    return day + timedelta(days=1) if given.inclusive else day


def _distinct(coded: Any, kind: Any, reader: Reader, charset: Charset, target: Target) -> Column:
    found: dict[Any, int] = {}
    codes: list[int] = []
    rules: dict[int, tuple[str, str]] = {}
    for place, raw in enumerate(coded.dictionary.to_pylist()):
        value, rule = _read(raw, reader, charset, target)
        if rule is not None:
            rules[place] = rule
        codes.append(-1 if value is None else found.setdefault(value, len(found)))
    indices = coded.indices.to_numpy(zero_copy_only=False)
    rows = np.array(codes, dtype=np.int32)[indices] if len(codes) else np.zeros(0, dtype=np.int32)
    bad = {int(row): rules[int(indices[row])] for row in np.flatnonzero(np.isin(indices, list(rules)))} if rules else {}
    plain = pa.array(list(found), type=kind.value_type if pa.types.is_dictionary(kind) else kind)
    taken = pa.DictionaryArray.from_arrays(pa.array(rows, mask=rows < 0), plain)
    return Column(values=taken if pa.types.is_dictionary(kind) else taken.dictionary_decode(), bad=bad)


def _read(raw: Any, reader: Reader, charset: Charset, target: Target) -> tuple[Any, tuple[str, str] | None]:
    text = None
    try:
        if raw is None:
            if target.filled:
                raise NotTaken(_EMPTY)
            return target.empty, None
        text = raw if isinstance(raw, str) else decode(raw, charset)
        return reader(text), None
    except NotTaken as error:
        return None, (error.rule, _UNREADABLE if text is None and raw is not None else shape(text or ""))


def _all_22(values: Any, target: Target) -> bool:
    """Whether all are 22 ASCII digits, or empty where that is allowed."""
    if values.null_count or not (pa.types.is_binary(values.type) or pa.types.is_string(values.type)):
        return False
    offsets = _offsets(values)
    lengths = np.diff(offsets)
    data = (
        np.frombuffer(values.buffers()[2] or b"", dtype=np.uint8)[offsets[0] : offsets[-1]] if len(offsets) else lengths
    )
    whole = lengths == 22
    if not target.filled:
        whole |= lengths == 0
    return bool(whole.all()) and bool(((data - 48) <= 9).all())


def _offsets(values: Any) -> npt.NDArray[np.int32]:
    if not len(values):
        return np.zeros(1, dtype=np.int32)
    return np.frombuffer(values.buffers()[1], dtype=np.int32)[values.offset : values.offset + len(values) + 1]


def _typed(values: Any, target: Target, given: Field) -> Column:
    """Times and dates that a file already holds as such."""
    bad: dict[int, tuple[str, str]] = {}
    if target.filled and values.null_count:
        bad = {int(row): (_EMPTY, "") for row in np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))}
    if target.kind == "day":
        days = values.cast(pa.date32(), safe=False).to_numpy(zero_copy_only=False).astype("datetime64[D]")
        days = days + np.timedelta64(1 if given.inclusive else 0, "D")
        return Column(values=pa.array(days, type=pa.date32(), from_pandas=True), bad=bad)
    micros = values.cast(pa.timestamp("us", tz=values.type.tz) if values.type.tz else pa.timestamp("us"), safe=False)
    if not values.type.tz:
        micros = pc.assume_timezone(micros, given.clock)
    return Column(values=micros.cast(_TYPES["instant"]), bad=bad)


def _instants(values: Any, target: Target, given: Field, charset: Charset, empty: frozenset[str]) -> Column:
    how = Reading(clock=given.clock, form=given.form, era=given.era)
    values = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    values = values.cast(pa.binary())
    micros = np.zeros(len(values), dtype=np.int64)
    nothing = np.zeros(len(values), dtype=np.bool_)
    notes: Counter[str] = Counter()
    left = _alike(values, how, micros, notes)
    bad: dict[int, tuple[str, str]] = {}

    def moment(text: str) -> Any:
        text = text.strip()
        if text and text not in empty:
            return read_moment(text, how)
        if target.filled:
            raise NotTaken(_EMPTY)
        return None

    known: dict[Any, tuple[Any, tuple[str, str] | None]] = {}
    for row, raw in zip(left.tolist(), values.take(pa.array(left)).to_pylist(), strict=True):
        if raw not in known:
            known[raw] = _read(raw, moment, charset, target)
        found, rule = known[raw]
        if rule is not None:
            bad[row] = rule
        if found is None:
            nothing[row] = True
            continue
        micros[row] = found.micros
        notes.update({_LATE: int(found.late), _NO_SECONDS: int(found.no_seconds)})
    array = pa.array(micros, mask=nothing).cast(_TYPES["instant"])
    return Column(values=array, bad=bad, notes={note: count for note, count in notes.items() if count})


_LATE: Final = "24 時以後の時刻（翌日として読んだ）"
_NO_SECONDS: Final = "秒のない時刻（0 秒として読んだ）"


def _alike(values: Any, how: Reading, micros: npt.NDArray[np.int64], notes: Counter[str]) -> npt.NDArray[np.int64]:
    """Read what can be read at once; gives the rows that are left."""
    if values.null_count:
        return np.arange(len(values))
    offsets = _offsets(values)
    lengths = np.diff(offsets)
    data = np.frombuffer(values.buffers()[2] or b"", dtype=np.uint8)
    left = np.ones(len(values), dtype=np.bool_)
    sizes, counts = np.unique(lengths, return_counts=True)
    for size in sizes[np.argsort(-counts)][:_FEW_LENGTHS].tolist():
        rows = np.flatnonzero(lengths == size)
        if size < 12:
            continue
        if len(rows) == len(values):
            texts = data[offsets[0] : offsets[-1]].reshape(-1, size)
        else:
            texts = data[offsets[rows][:, None] + np.arange(size)]
        found = read_alike(texts, how)
        if found is not None:
            moments, read, late, no_seconds = found
            micros[rows[read]] = moments[read]
            left[rows[read]] = False
            notes.update({_LATE: int(late.sum()), _NO_SECONDS: int(read.sum()) if no_seconds else 0})
    return np.flatnonzero(left)
