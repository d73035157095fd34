"""A mapping file proposed for files: YAML to be edited, each line with its confidence and examples."""

import glob
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from takuso.survey.importing.guessing import EMPTIES, Guess, TableGuess, guess_table
from takuso.survey.importing.mapping import OPEN, TABLES
from takuso.survey.importing.mapping_file import plain_name
from takuso.survey.importing.sniffing import Looked, look

_TITLES: Final = {"log": "閲覧記録", "people": "利用者と所属", "supply": "供給者の履歴"}
_DELIMITERS: Final = {"\t": "tab"}
_MOST_SCREENS: Final = 200
_COLUMN_HELP: Final = {
    "customer": "供給地点特定番号 22 桁",
    "to": "その日も期間に入るなら {column: 列, inclusive: true}",
    "at": "日本時間でなければ {column: 列, clock: UTC}",
    "screen": "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Files that look alike, as one table."""

    files: tuple[Looked, ...]
    guess: TableGuess


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed, and what is still to be written by hand."""

    groups: Mapping[str, Group]
    others: tuple[Path, ...]
    open: tuple[str, ...]
    text: str


def propose(files: Sequence[Path], folder: Path) -> Proposal:
    """Look at the files and propose a mapping file for `folder`. Raises CannotRead."""
    alike: dict[tuple[Any, ...], list[Looked]] = {}
    for file in files:
        found = look(file)
        alike.setdefault((found.format, found.charset, found.delimiter, found.header, found.names), []).append(found)
    candidates = [Group(files=tuple(group), guess=guess_table(group[0])) for group in alike.values()]
    groups: dict[str, Group] = {}
    for group in sorted(candidates, key=lambda one: -one.guess.confidence):
        groups.setdefault(group.guess.table, group)
    others = tuple(looked.path for group in candidates if group not in groups.values() for looked in group.files)
    screens = _screens(groups.get("log"))
    missing = tuple(_missing(groups, screens))
    lines = [*_head(groups, screens), *(line for table in TABLES for line in _table(table, groups.get(table), folder))]
    lines += [f"# どの表か分からないファイル: {path}" for path in others]
    return Proposal(groups=groups, others=others, open=missing, text="\n".join(lines) + "\n")


def _missing(groups: Mapping[str, Group], screens: Mapping[str, str]) -> Iterator[str]:
    yield from ("network", "affiliate")
    if not screens:
        yield "screens"
    for table, targets in TABLES.items():
        if table not in groups:
            yield f"{table}.files"
        known = groups[table].guess.columns if table in groups else {}
        yield from (
            f"{table}.columns.{name}" for name, target in targets.items() if target.needed and name not in known
        )


def _head(groups: Mapping[str, Group], screens: Mapping[str, str]) -> Iterator[str]:
    yield f"# takuso log sniff の案。{OPEN} を埋め、確からしさの低い行を確かめてから takuso log import に渡す。"
    yield "# 例は元のファイルの値なので、個人の情報が混じることがある。"
    for name, what in (("network", "送配電会社"), ("affiliate", "その関係会社")):
        seen = "、".join(_codes(groups))
        yield f"{name}: {OPEN}   # {what}のコード。ファイルにあるもの: {seen or '見つからない'}"
    yield "screens:   # 画面コード: 画面の名前"
    for code, name in screens.items():
        yield f"  {_scalar(code)}: {_scalar(name)}"
    if not screens:
        yield f"  {OPEN}: {OPEN}"


def _codes(groups: Mapping[str, Group]) -> list[str]:
    found: dict[str, None] = {}
    for table, column in (("people", "org"), ("supply", "retailer")):
        guess = groups[table].guess.columns.get(column) if table in groups else None
        if guess is not None:
            values = groups[table].files[0].column(guess.places[0])
            found.update(dict.fromkeys(value for value in values if value))
    return list(found)[:12]


def _screens(group: Group | None) -> dict[str, str]:
    """Codes with their names, where the log has both; otherwise what it has."""
    guess = group.guess.columns.get("screen") if group is not None else None
    if group is None or guess is None:
        return {}
    looked = group.files[0]
    values = [value for file in group.files for value in file.column(guess.places[0])]
    if guess.settings:
        origin = group.guess.columns.get("came_from")
        if origin is not None and origin.settings:
            values += [value for file in group.files for value in file.column(origin.places[0])]
        names: dict[str, str] = {}
        for value in values:
            if value and value not in EMPTIES:
                names.setdefault(plain_name(value), value)
        return {f"S{number:02d}": name for number, name in enumerate(names.values(), start=1)}
    distinct = list(dict.fromkeys(value for value in values if value))[:_MOST_SCREENS]
    named = next((n for n, heading in enumerate(looked.names) if "画面名" in heading or "screen_name" in heading), None)
    if named is None:
        return {code: code for code in distinct}
    pairs = dict(zip(values, (value for file in group.files for value in file.column(named)), strict=True))
    return {code: pairs.get(code) or code for code in distinct}


def _table(table: str, group: Group | None, folder: Path) -> Iterator[str]:
    yield ""
    if group is None:
        yield f"{table}:   # {_TITLES[table]}: 当たるファイルがない。手で書く"
        yield f"  files: [{OPEN}]"
        yield "  columns:"
        yield from (f"    {name}: {OPEN}" for name, target in TABLES[table].items() if target.needed)
        return
    looked, guess = group.files[0], group.guess
    yield f"{table}:   # {_TITLES[table]}（確からしさ {guess.confidence:.2f}）"
    yield "  files:"
    yield from (f"    - {_scalar(_relative(file.path, folder))}" for file in group.files)
    yield f"  format: {looked.format}   # 確からしさ {looked.form_confidence:.2f}"
    if looked.format != "parquet":
        yield f"  charset: {looked.charset}   # 確からしさ {looked.charset_confidence:.2f}"
        yield f"  header: {looked.header}   # 見出しの行の数"
    if looked.format == "csv":
        yield f"  delimiter: {_scalar(_DELIMITERS.get(looked.delimiter, looked.delimiter))}"
    if looked.spans:
        yield "  widths:   # 列の名: バイト数（名前は変えてよい。合計は 1 行のバイト数）"
        yield from (f"    {span.name}: {span.end - span.start}" for span in looked.spans)
    empties = _empties(group)
    if empties:
        yield f"  empty: [{', '.join(map(_scalar, empties))}]   # 「記録なし」を表す値"
    yield "  columns:"
    yield from _columns(table, looked, guess)


def _columns(table: str, looked: Looked, guess: TableGuess) -> Iterator[str]:
    for name, target in TABLES[table].items():
        found = guess.columns.get(name)
        if found is None:
            about = "なくてはならない列" if target.needed else "見つからない列（なければ消したまま）"
            yield f"    {name}: {OPEN}   # {about}" if target.needed else f"    # {name}:   # {about}"
            continue
        yield f"    {name}: {_field(looked, found)}   # {_about(name, found)}"
    used = {place for found in guess.columns.values() for place in found.places}
    left = [name for place, name in enumerate(looked.names) if place not in used]
    if left:
        yield f"    # 使わない列: {_comment('、'.join(left))}"


def _field(looked: Looked, found: Guess) -> str:
    columns = [_column(looked, place) for place in found.places]
    written = columns[0] if len(columns) == 1 else f"[{', '.join(columns)}]"
    if not found.settings:
        return written
    return "{column: " + written + "".join(f", {key}: {value}" for key, value in found.settings) + "}"


def _column(looked: Looked, place: int) -> str:
    name = looked.names[place]
    plain = looked.format != "csv" or (looked.header and looked.names.count(name) == 1 and name)
    return _scalar(name) if plain else str(place + 1)


def _about(name: str, found: Guess) -> str:
    parts = [f"確からしさ {found.confidence:.2f}"]
    if found.examples:
        parts.append("例 " + " | ".join(_comment(value)[:40] for value in found.examples))
    if _COLUMN_HELP.get(name):
        parts.append(_COLUMN_HELP[name])
    return "。".join(parts)


def _empties(group: Group) -> list[str]:
    seen = {cell.strip() for row in group.files[0].rows for cell in row}
    return [word for word in EMPTIES if word in seen]


def _comment(text: str) -> str:
    """On one line."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _relative(path: Path, folder: Path) -> str:
    whole, base = path.absolute(), folder.absolute()
    return glob.escape(whole.relative_to(base).as_posix() if whole.is_relative_to(base) else whole.as_posix())


def _scalar(text: str) -> str:
    """A text as a YAML scalar, quoted where YAML would read something else."""
    written: str = yaml.safe_dump([text], allow_unicode=True, width=1 << 16, default_flow_style=True)
    return written.strip()[1:-1]
