"""Files of a table, each as batches of a source: found, opened, read in blocks by several threads, in order."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from takuso.survey.importing import csv_text, fixed_width, parquet_rows
from takuso.survey.importing.characters import decode
from takuso.survey.importing.lines import Block, blocks
from takuso.survey.importing.mapping import ImportMapping, Table
from takuso.survey.importing.mapping_file import WrongMappingFile
from takuso.survey.importing.opening import CannotRead, opened
from takuso.survey.importing.parsed import Layout, Parsed
from takuso.survey.importing.rejects import NotTaken, Reject
from takuso.survey.importing.values import Batch, batch, places
from takuso.survey.nodes import Fault, nearest

_AHEAD: Final = 1
_BOM: Final = b"\xef\xbb\xbf"
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_REPEATING: Final = ("text", "screen", "day")
Work = Callable[[Block], list[Batch]]


@dataclass(slots=True, kw_only=True)
class FileCount:
    """What became of the lines of a file; records of Parquet count as one line each."""

    file: str
    lines: int = 0
    header: int = 0
    blank: int = 0
    records: int = 0
    record_lines: int = 0
    rejects: int = 0
    reject_lines: int = 0
    sha256: str = ""
    taken: int = 0
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def adds_up(self) -> bool:
        """Every line is one of: header, blank, of a record, of a reject."""
        return self.lines == self.header + self.blank + self.record_lines + self.reject_lines

    def remove(self, reject: Reject) -> None:
        """A record that was counted turns out to be no good."""
        self.records -= 1
        self.record_lines -= reject.lines
        self.rejects += 1
        self.reject_lines += reject.lines

    def add(self, found: Batch) -> None:
        """Count a batch."""
        self.blank += found.blank
        self.records += len(found.lines)
        self.record_lines += int(found.spans.sum())
        self.rejects += len(found.rejects)
        self.reject_lines += sum(reject.lines for reject in found.rejects)
        self.notes.update(found.notes)


def table_files(mapping: ImportMapping, table: Table) -> tuple[Path, ...]:
    """The files of a table, sorted within each pattern, each once. Raises WrongMappingFile."""
    folder = mapping.path.parent
    found: dict[Path, None] = {}
    for pattern in table.files:
        given = Path(pattern)
        here = sorted(given.parent.glob(given.name)) if given.is_absolute() else sorted(folder.glob(pattern))
        if not here:
            rule = f"{pattern} に当たるファイルがありません（対応ファイルのあるフォルダーから見た名前）。"
            raise _wrong(mapping, table.line, f"{table.name}.files", rule, "名前か置き場所を直す。")
        found.update(dict.fromkeys(here))
    return tuple(found)


def read_file(
    path: Path, mapping: ImportMapping, table: Table, pool: Executor, workers: int, count: FileCount
) -> Iterator[Batch]:
    """The batches of a file, in its order, counted as they come. Raises CannotRead, WrongMappingFile."""
    with opened(path) as (stream, counted):
        if table.format == "parquet":
            names, parts = parquet_rows.parts(path, [given.columns for given in table.fields.values()])
            layout = _layout(mapping, table, path, names)
            works: Iterable[tuple[Work, Block]] = (
                (partial(_typed, part, table, layout, mapping.screens), _NOTHING) for part in parts
            )
        else:
            whole = _without_bom(blocks(stream, table.quote if table.format == "csv" else None), table, path)
            layout, rest = _begin(whole, mapping, table, path, count)
            work = partial(_text, table=table, layout=layout, screens=mapping.screens)
            works = ((work, block) for block in rest)
        for found, lines in _in_order(pool, workers + _AHEAD, works):
            for part in found:
                count.lines += lines if table.format != "parquet" else len(part.lines) + len(part.rejects)
                lines = 0
                count.add(part)
                count.taken = counted.taken
                yield part
            count.lines += lines if table.format != "parquet" else 0
        while counted.read(1 << 22):
            pass
        count.sha256 = counted.sha256


_NOTHING: Final = Block(raw=b"", line=0, lines=0)


def _in_order(pool: Executor, ahead: int, works: Iterable[tuple[Work, Block]]) -> Iterator[tuple[list[Batch], int]]:
    waiting: deque[tuple[Future[list[Batch]], int]] = deque()
    for work, block in works:
        waiting.append((pool.submit(work, block), block.lines))
        if len(waiting) > ahead:
            future, lines = waiting.popleft()
            yield future.result(), lines
    for future, lines in waiting:
        yield future.result(), lines


def _text(block: Block, table: Table, layout: Layout, screens: Mapping[str, str]) -> list[Batch]:
    parts: Iterable[Parsed]
    parts = csv_text.parse(block, layout) if table.format == "csv" else [fixed_width.parse(block, layout, table.spans)]
    charset = csv_text.charset_after(layout) if table.format == "csv" else layout.charset
    return [batch(part, table, replace(layout, charset=charset), screens) for part in parts]


def _typed(part: Parsed, table: Table, layout: Layout, screens: Mapping[str, str], _: Block) -> list[Batch]:
    return [batch(part, table, layout, screens)]


def _without_bom(whole: Iterator[Block], table: Table, path: Path) -> Iterator[Block]:
    for number, block in enumerate(whole):
        if number == 0 and block.raw.startswith(_WIDE):
            raise CannotRead(f"{path}: UTF-16 のファイルは読めません。\n対処: UTF-8 で保存し直す。")
        if number == 0 and block.raw.startswith(_BOM) and table.charset == "utf-8":
            block = replace(block, raw=block.raw[len(_BOM) :])
        yield block


def _begin(
    whole: Iterator[Block], mapping: ImportMapping, table: Table, path: Path, count: FileCount
) -> tuple[Layout, Iterator[Block]]:
    """Read the header; gives the layout and the blocks after it."""
    first = next(whole, _NOTHING)
    quote = table.quote if table.format == "csv" else None
    found = csv_text.records(first.raw, table.delimiter if table.format == "csv" else "\n", quote)
    heads = [record for record, _ in zip(found, range(table.header), strict=False)]
    if len(heads) < table.header:
        raise CannotRead(f"{path}: 見出しの {table.header} 行がありません。\n対処: ファイルか header を確かめる。")
    end = heads[-1].end if heads else 0
    count.header = sum(1 for _ in csv_text.records(first.raw[:end], "\n", None))
    count.lines = count.header
    rest = replace(first, raw=first.raw[end:], line=first.line + count.header, lines=first.lines - count.header)
    if table.format == "fixed":
        names = tuple(span.name for span in table.spans)
    else:
        names = _names(heads[-1].fields if heads else None, rest.raw, table, path)
    return _layout(mapping, table, path, names), _chain(rest, whole)


def _names(fields: list[bytes] | None, rest: bytes, table: Table, path: Path) -> tuple[str, ...]:
    if table.header:
        try:
            return tuple(decode(name, table.charset).strip() for name in fields or ())
        except NotTaken as error:
            raise CannotRead(f"{path}: 見出し: {error.rule}\n対処: charset を確かめる。") from None
    record = next(csv_text.records(rest, table.delimiter, table.quote), None)
    return tuple(f"列{number + 1}" for number in range(len((record and record.fields) or ())))


def _chain(first: Block, rest: Iterator[Block]) -> Iterator[Block]:
    if first.raw:
        yield first
    yield from rest


def _layout(mapping: ImportMapping, table: Table, path: Path, names: tuple[str, ...]) -> Layout:
    taken: dict[int, bool] = {}
    for name, given in table.fields.items():
        try:
            here = places(given, names)
        except KeyError as error:
            (column,) = error.args
            raise _no_column(mapping, table, name, column, path, names) from None
        for place in here:
            repeating = table.targets[name].kind in _REPEATING and len(here) == 1
            taken[place] = taken.get(place, True) and repeating
    return Layout(
        charset=table.charset if table.format != "parquet" else "utf-8",
        delimiter=table.delimiter,
        quote=table.quote,
        names=names,
        taken=tuple(taken),
        repeating=frozenset(place for place, repeating in taken.items() if repeating),
    )


def _no_column(
    mapping: ImportMapping, table: Table, name: str, column: str | int, path: Path, names: tuple[str, ...]
) -> WrongMappingFile:
    twice = isinstance(column, str) and names.count(column) > 1
    rule = f"{path.name} に列 {column} が{'2 つ以上あります' if twice else 'ありません'}（列は {'、'.join(names)}）。"
    advice = "列の番号（1 から）で書く。" if twice else nearest(str(column), names, "列の名か番号（1 から）を直す。")
    return _wrong(mapping, table.fields[name].line, f"{table.name}.columns.{name}", rule, advice)


def _wrong(mapping: ImportMapping, line: int, where: str, rule: str, advice: str) -> WrongMappingFile:
    return WrongMappingFile(mapping.path, (Fault(line=line, field=where, rule=rule, advice=advice),))
