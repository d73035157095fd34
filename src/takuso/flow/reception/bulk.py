"""一括ファイル: a CSV of applications, read line by line, each line accepted or rejected by itself.

The heads are the labels of the forms, beside 手続き, which names the procedure of each line (its Japanese name or its
key); a column that a line's procedure does not have must be empty there. CP932 or UTF-8, with or without BOM, any line
ends, quoted fields with line breaks. Memory does not grow with the file. Nothing is filed here.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from takuso.flow.reception.form_errors import FieldError, FieldProblem, FormErrorCode
from takuso.flow.reception.forms import FORMS, read
from takuso.flow.reception.model import Content
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from takuso.kernel.malformed import Malformed

PROCEDURE: Final = "手続き"
_BLOCK: Final = 1 << 20
_LONGEST: Final = 20_000
"""Characters of one field; a quote that is never closed would else take the whole file in."""
_UNREAD: Final = frozenset("\uf8f0\uf8f1\uf8f2\uf8f3")
"""What the codec of CP932 makes of the bytes A0 and FD to FF, which stand for no sign."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_PROCEDURES: Final[Mapping[str, Procedure]] = {
    name: procedure for procedure in Procedure for name in (CATALOGUE[procedure].name, procedure.value)
}


class BadFile(Malformed):
    """A file of which no line can be read: no heads, heads that no form has, or the same head twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkLine:
    """一行: its number in the file (of its first line; the heads are line 1), and what was read or what is wrong.

    `content` is None where `errors` are; `cells` are the texts as they stand in the file, under its heads.
    """

    no: int
    cells: Mapping[str, str]
    content: Content | None
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkFile:
    """ファイルの素性: SHA-256 of its bytes, how they are read, its heads."""

    sha256: str
    encoding: str
    heads: tuple[str, ...]


def inspect(file: BinaryIO) -> BulkFile:
    """What the file is, by reading it once; it is at its start again after. Raises BadFile."""
    digest, decoder, utf8 = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), True
    file.seek(0)
    while block := file.read(_BLOCK):
        digest.update(block)
        if utf8:
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                utf8 = False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        utf8 = False
    encoding = "utf-8-sig" if utf8 else "cp932"
    rows = _rows(file, encoding)
    heads = tuple(head.strip() for head in next(rows, (1, [], ""))[1])
    _check(heads)
    file.seek(0)
    return BulkFile(sha256=digest.hexdigest(), encoding=encoding, heads=heads)


def lines(file: BinaryIO, known: BulkFile) -> Iterator[BulkLine]:
    """Every line with something in it, in order; what cannot be read is a line with its errors, never left out."""
    rows = _rows(file, known.encoding)
    next(rows, None)
    for no, cells, broken in rows:
        if broken or any(cell.strip() for cell in cells):
            yield _line(no, cells, broken, known.heads)


def _check(heads: Sequence[str]) -> None:
    labels = {field.label for form in FORMS.values() for field in form.fields} | {PROCEDURE}
    if PROCEDURE not in heads:
        raise BadFile(
            "見出し", f"1 行目に「{PROCEDURE}」の列が要ります。", "書式の表の見出しを 1 行目に置いてください。"
        )
    if twice := sorted({head for head in heads if heads.count(head) > 1}):
        raise BadFile("見出し", f"「{twice[0]}」の列が 2 つあります。", "一つにしてください。")
    if unknown := [head for head in heads if head not in labels]:
        shown = "".join(sign if sign.isprintable() else "?" for sign in unknown[0][:40])
        raise BadFile(
            "見出し", f"「{shown}」という列は、どの手続きの書式にもありません。", "書式の表で確かめてください。"
        )


def _rows(file: BinaryIO, encoding: str) -> Iterator[tuple[int, list[str], str]]:
    """(number of the first line, cells, why it is broken) of every row."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline="")
    former = csv.field_size_limit(_LONGEST)
    try:
        reader = csv.reader(text, strict=True)
        while True:
            no = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield no, [], str(error)
                continue
            yield no, cells, ""
    finally:
        csv.field_size_limit(former)
        text.detach()


def _line(no: int, cells: Sequence[str], broken: str, heads: Sequence[str]) -> BulkLine:
    named = dict(zip(heads, cells, strict=False))
    if broken or len(cells) != len(heads):
        return _rejected(no, named, _row_error(FormErrorCode.NOT_A_ROW, heads=len(heads), cells=len(cells)))
    if any(sign in _UNREAD or "\udc80" <= sign <= "\udcff" for cell in cells for sign in cell):
        return _rejected(no, named, _row_error(FormErrorCode.NOT_DECODED))
    procedure = _PROCEDURES.get(named[PROCEDURE].strip())
    if procedure is None:
        problem = FieldProblem(FormErrorCode.NOT_A_CHOICE, choices="、".join(one.name for one in FORMS.values()))
        return _rejected(no, named, problem.at("procedure", PROCEDURE))
    form = FORMS[procedure]
    typed = {(field.name if (field := form.labelled(head)) else head): cell for head, cell in named.items() if cell}
    typed.pop(PROCEDURE, None)
    found = read(procedure, typed)
    if isinstance(found, tuple):
        return _rejected(no, named, *found)
    return BulkLine(no=no, cells=named, content=found, errors=())


def _rejected(no: int, cells: Mapping[str, str], *errors: FieldError) -> BulkLine:
    return BulkLine(no=no, cells=cells, content=None, errors=errors)


def _row_error(code: FormErrorCode, **values: int) -> FieldError:
    return FieldProblem(code, **values).at("row", "行")


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
