"""Bulk files: every line is accepted or rejected by itself, none is lost, and memory does not grow with the file."""

import csv
import hashlib
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.flow.reception.bulk import PROCEDURE, BadFile, BulkLine, inspect, lines, safe
from takuso.flow.reception.forms import FORMS, read, write
from takuso.flow.reception.model import Content, MoveOut, TerminationRelay, procedure_of
from takuso.flow.reception.procedures import CATALOGUE, Procedure
from tests.flow.reception.examples import CONTENTS

HEADS = [PROCEDURE, *dict.fromkeys(field.label for form in FORMS.values() for field in form.fields)]
FILED = [one for one in CONTENTS.values() if read(procedure_of(one), write(one)) == one]


def row(content: Content) -> dict[str, str]:
    """The content under the heads of a file."""
    form = FORMS[procedure_of(content)]
    typed = write(content)
    return {PROCEDURE: form.name} | {field.label: typed.get(field.name, "") for field in form.fields}


def table(*rows: dict[str, str], heads: list[str] = HEADS, end: str = "\r\n") -> str:
    """A file as text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, heads, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def taken(data: bytes) -> list[BulkLine]:
    """Every line of a file."""
    file = io.BytesIO(data)
    return list(lines(file, inspect(file)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_what_was_written_is_read(encoding: str, end: str) -> None:
    data = table(*map(row, FILED), end=end).encode(encoding)
    assert [one.content for one in taken(data)] == FILED
    assert inspect(io.BytesIO(data)).sha256 == hashlib.sha256(data).hexdigest()


def test_a_procedure_may_stand_by_its_key_and_empty_lines_say_nothing() -> None:
    content = FILED[0]
    one = row(content) | {PROCEDURE: procedure_of(content).value}
    assert [line.content for line in taken((table(one) + ",\r\n\r\n").encode())][:1] == [content]


@pytest.mark.parametrize(
    ("heads", "said"),
    [
        (["供給地点特定番号"], "手続き"),
        ([PROCEDURE, "供給地点特定番号", "供給地点特定番号"], "2 つ"),
        ([PROCEDURE, "契約名儀"], "契約名儀"),
        ([], "手続き"),
    ],
)
def test_heads_that_are_not_the_forms_are_said(heads: list[str], said: str) -> None:
    with pytest.raises(BadFile, match=said):
        inspect(io.BytesIO(",".join(heads).encode("cp932")))


def test_a_bad_line_names_line_field_and_rule_and_the_others_go_on() -> None:
    good = row(next(one for one in FILED if isinstance(one, MoveOut)))
    day = next(field.label for field in FORMS[Procedure.MOVE_OUT].fields if field.name == "desired_on")
    wrong = good | {"供給地点特定番号": "12-3", day: "令和8年2月30日"}
    found = taken(table(good, wrong, good).encode("cp932"))
    assert [(one.no, one.content is not None) for one in found] == [(2, True), (3, False), (4, True)]
    assert {(error.code, error.field) for error in found[1].errors} == {("F05", "supply_point"), ("F06", "desired_on")}


def test_a_column_of_another_procedure_must_be_empty() -> None:
    line = row(next(one for one in FILED if isinstance(one, MoveOut))) | {"契約種別": "電灯標準"}
    (found,) = taken(table(line).encode())
    assert [error.code for error in found.errors] == ["F02"]


def test_a_file_that_was_cut_is_said_at_its_line() -> None:
    whole = table(*map(row, FILED[:3])).encode("cp932")
    found = taken(whole[: len(whole) - 25])
    assert len(found) == 3
    assert [one.content is None for one in found] == [False, False, True]


def test_a_quote_that_is_never_closed_takes_nothing_else_in() -> None:
    good = table(*[row(FILED[0])] * 400)
    head, rest = good.split("\r\n", 1)
    found = taken((head + '\r\n"' + CATALOGUE[Procedure.MOVE_OUT].name + rest).encode())
    assert found[0].errors[0].code == "F14"


def test_bytes_that_no_encoding_has_are_said_at_their_line() -> None:
    good = table(row(FILED[0]), row(FILED[0])).encode("cp932").split(b"\r\n")
    good[2] = good[2][:-1] + b"\xfd\xfe" + good[2][-1:]
    found = taken(b"\r\n".join(good))
    assert [one.no for one in found] == [2, 3]
    assert found[0].content is not None
    assert [error.code for error in found[1].errors] == ["F15"]


@given(st.binary(max_size=300))
def test_any_bytes_are_lines_or_a_file_that_is_refused(data: bytes) -> None:
    """Never an error of another kind, and never a line that is both or neither."""
    heads = ",".join(HEADS).encode("cp932") + b"\r\n"
    for file in (data, heads + data):
        try:
            found = taken(file)
        except BadFile:
            continue
        assert all((one.content is None) == bool(one.errors) for one in found)


def test_memory_does_not_grow_with_the_file() -> None:
    one = row(next(one for one in FILED if isinstance(one, TerminationRelay)))
    head, line = table(one).split("\r\n")[:2]

    def peak(count: int) -> int:
        file = io.BytesIO((head + "\r\n" + (line + "\r\n") * count).encode())
        tracemalloc.start()
        assert sum(1 for _ in lines(file, inspect(file))) == count
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    small = peak(300)
    assert peak(3_000) < small + 3_000_000


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-1", "@SUM", "\tx", "\rx"])
def test_no_cell_of_ours_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe("平文") == "平文"
