"""What is wrong in files, mappings and disks is named, counted and leaves nothing half done."""

import csv
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from takuso.doors.cli.program import run as command
from takuso.main import house
from takuso.survey.importing.mapping_file import WrongMappingFile, read_mapping
from takuso.survey.importing.opening import CannotRead
from takuso.survey.importing.rejects import AlreadyThere, shape
from takuso.survey.importing.run import NothingImported
from tests.survey.foreign import COLUMNS, HEADINGS, LOG, Style, encoded, lay_files, packed, rows, text_of, write_mapping
from tests.survey.lay import AOI, ASAHI, DAY, SERVICE, TD, Supply, jst, point
from tests.survey.test_import import contents, imported, rejects_of, small

OLD = date(2016, 4, 1)
PROGRAM = Path(sys.executable).parent / "takuso"


def given_files(folder: Path, **bodies: Sequence[Sequence[str]]) -> Path:
    """The files of a small source with other rows in some tables; gives the mapping."""
    mapping = lay_files(small(3), folder, Style(charset="cp932"))
    for table, body in bodies.items():
        (folder / f"{table}-0.csv").write_bytes(text_of(HEADINGS[table], body, Style(charset="cp932")))
    return mapping


def change(mapping: Path, *path: str, to: Any) -> Path:
    """Write another value into a mapping file."""
    document = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    here = document
    for word in path[:-1]:
        here = here[word]
    here[path[-1]] = to
    mapping.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return mapping


GOOD = ["2022/12/07 09:00:00", "u1", "s1", "CI20", "KF10", point(1), "VIEW", "T1", ""]


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        (0, "", "空です"),
        (0, "2022/02/30 09:00:00", "暦"),
        (0, "2022/12/07", "時刻"),
        (1, "", "空です"),
        (1, "　", "空です"),
        (2, "", "空です"),
        (3, "", "空です"),
        (5, "9" * 25, "25 桁"),
        (5, "not a number", "22 桁"),
    ],
)
def test_a_value_that_breaks_a_rule_is_named_with_line_and_column(
    tmp_path: Path, column: int, value: str, rule: str
) -> None:
    bad = [*GOOD[:column], value, *GOOD[column + 1 :]]
    done = imported(given_files(tmp_path, log=[GOOD, bad, GOOD]), tmp_path / "out")
    ((table, file, line, lines, where, said, _),) = rejects_of(tmp_path / "out")
    assert (table, file, line, lines) == ("log", "log-0.csv", "3", "1")
    assert where.startswith(LOG[column])
    assert rule in said
    assert done.files["log"][0].records == 2
    assert json.loads((tmp_path / "out" / "meta.json").read_text())["rejects"] == 1


def test_bytes_that_are_no_character_are_named_where_they_are_taken(tmp_path: Path) -> None:
    mapping = given_files(tmp_path, log=[GOOD, GOOD, GOOD])
    file = tmp_path / "log-0.csv"
    lines = file.read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"u1"', b'"\x81"')
    lines[2] = lines[2].replace(b'""', b'"\xff"')
    file.write_bytes(b"\n".join(lines))
    imported(mapping, tmp_path / "out")
    ((_, _, line, _, where, rule, form),) = rejects_of(tmp_path / "out")
    assert (line, where) == ("2", "利用者ID → user_id")
    assert "CP932" in rule
    assert form == "文字にできないバイト"


def test_wrong_numbers_of_columns_and_broken_quotes(tmp_path: Path) -> None:
    mapping = given_files(tmp_path, log=[GOOD] * 5)
    file = tmp_path / "log-0.csv"
    lines = file.read_bytes().split(b"\n")
    lines[2] += b',"more"'
    lines[3] = lines[3].replace(b'"u1"', b'"u1')
    lines[4] = b'"one"x,two'
    file.write_bytes(b"\n".join(lines))
    imported(mapping, tmp_path / "out")
    found = [(row[2], row[5]) for row in rejects_of(tmp_path / "out")]
    assert found == [
        ("3", "列は 9 個です（この行は 10 個）。"),
        ("4", "閉じる引用符のすぐあとに文字があります。"),
        ("5", "閉じる引用符のすぐあとに文字があります。"),
    ]


def test_rejects_show_shapes_not_values_and_belong_to_their_owner(tmp_path: Path) -> None:
    secret = "ヤマダ太郎090-1234"
    imported(given_files(tmp_path, log=[GOOD, [*GOOD[:5], secret, *GOOD[6:]]]), tmp_path / "out")
    file = tmp_path / "out.rejects.csv"
    assert secret not in file.read_text(encoding="utf-8-sig")
    assert rejects_of(tmp_path / "out")[0][-1] == "ア×3 漢×2 9×3 - 9×4"
    assert file.stat().st_mode & 0o777 == 0o600
    assert shape("ＡＢ x1\n") == "A×2 空 A 9 空"


def test_screens_by_name(tmp_path: Path) -> None:
    names = ["お客さま情報Ⅱ", "お客さま情報II", " お客さま 情報Ⅱ", "知らない画面"]
    mapping = given_files(tmp_path, log=[[*GOOD[:3], name, "口振異動通知", *GOOD[5:]] for name in names])
    for column in ("screen", "came_from"):
        change(mapping, "log", "columns", column, to={"column": COLUMNS["log"][column], "by": "name"})
    imported(mapping, tmp_path / "out")
    assert [(row[2], row[5]) for row in rejects_of(tmp_path / "out")] == [("5", "screens にない画面の名前です。")]
    assert {row[3:5] for row in contents(tmp_path / "out")["log"]} == {("CI20", "KF10")}


def test_values_constants_joined_columns_and_words_for_nothing(tmp_path: Path) -> None:
    body = [[*GOOD[:4], "NULL", "NULL", *GOOD[6:]]]
    mapping = given_files(tmp_path, log=body)
    change(mapping, "log", "empty", to=["NULL"])
    change(mapping, "log", "columns", "action", to={"value": "LOOK"})
    change(mapping, "log", "columns", "session_id", to=["利用者ID", "端末"])
    change(mapping, "log", "columns", "terminal", to={"column": "端末", "values": {"T1": "本店"}})
    change(mapping, "log", "columns", "user_id", to=2)
    imported(mapping, tmp_path / "out")
    ((_, *found),) = contents(tmp_path / "out")["log"]
    assert found == ["u1", "u1/T1", "CI20", None, "", "LOOK", "本店"]


def test_an_id_that_several_persons_used_on_one_day(tmp_path: Path) -> None:
    body = [["u1", "p1", AOI, "", "", ""], ["u1", "p2", AOI, "", "2022-12-01", ""], ["u2", "p3", AOI, "", "", ""]]
    mapping = given_files(tmp_path, people=body)
    done = imported(mapping, tmp_path / "apart")
    assert [(row[2], row[5][:15]) for row in rejects_of(tmp_path / "apart")] == [
        ("2", "1 つの ID を同じ日に複数"),
        ("3", "1 つの ID を同じ日に複数"),
    ]
    assert (done.files["people"][0].records, done.files["people"][0].rejects) == (1, 2)
    done = imported(change(mapping, "shared_ids", to="merge"), tmp_path / "merged")
    assert (done.rejects, done.people.changed) == (0, 2)
    assert {row[1] for row in contents(tmp_path / "merged")["people"]} == {"共用:u1", "p3"}
    other = [["u1", "p1", AOI, "", "", ""], ["u1", "p2", TD, "", "", ""]]
    mapping = change(given_files(tmp_path, people=other), "shared_ids", to="merge")
    assert imported(mapping, tmp_path / "two").rejects == 2


def test_several_ids_of_a_person_and_days_between_affiliations(tmp_path: Path) -> None:
    body = [
        ["u1", "p1", AOI, "", "", "2022-12-01"],
        ["u9", "p1", SERVICE, AOI, "2022-12-05", "9999-12-31"],
        ["u3", "p2", AOI, "", "2022-12-05", "2022-12-04"],
    ]
    done = imported(given_files(tmp_path, people=body), tmp_path / "out")
    assert [(row[2], row[5]) for row in rejects_of(tmp_path / "out")] == [("4", "期間の終わりが始まりより前です。")]
    assert contents(tmp_path / "out")["people"].keys() == {
        ("u1", "p1", AOI, None, None, date(2022, 12, 1)),
        ("u9", "p1", SERVICE, AOI, date(2022, 12, 5), None),
    }
    good = imported(given_files(tmp_path / "good", people=body[:2]), tmp_path / "good" / "out")
    assert (done.people.gaps, good.people.gaps, [place.line for place in good.people.after_gaps]) == (0, 1, [3])


def test_supply_periods_that_overlap_are_refused_or_cut_and_gaps_reported(tmp_path: Path) -> None:
    body = [
        [point(1), AOI, "2016-04-01", "", "", ""],
        [point(1), ASAHI, "2022-12-01", "", "", ""],
        [point(2), AOI, "2016-04-01", "2020-04-01", "", ""],
        [point(2), ASAHI, "2020-04-03", "", "", ""],
        [point(3), AOI, "2016-04-01", "2015-04-01", "", ""],
        [point(4), AOI, "2016-04-01", "", "", ""],
        [point(4), ASAHI, "2016-04-01", "", "", ""],
    ]
    mapping = given_files(tmp_path, supply=body)
    done = imported(mapping, tmp_path / "strict")
    lines = [(row[2], row[5]) for row in rejects_of(tmp_path / "strict")]
    other = "同じ供給地点の供給期間が重なっています（ほかの行: {}）。"
    reversed_period = ("6", "期間の終わりが始まりより前です。")
    tied = [("7", other.format(8)), ("8", other.format(7))]
    assert lines == [("2", other.format(3)), ("3", other.format(2)), reversed_period, *tied]
    assert (done.supply.gaps, [place.line for place in done.supply.after_gaps]) == (1, [5])
    done = imported(change(mapping, "supply_overlaps", to="cut"), tmp_path / "cut")
    assert [(row[2], row[5]) for row in rejects_of(tmp_path / "cut")] == [reversed_period, *tied]
    assert done.supply.changed == 1
    assert (point(1), AOI, OLD, date(2022, 12, 1), None, None) in contents(tmp_path / "cut")["supply"]


def test_days_that_are_within_their_period(tmp_path: Path) -> None:
    mapping = given_files(tmp_path, supply=[[point(1), AOI, "H28.4.1", "R4.11.30", "", ""]])
    change(mapping, "supply", "columns", "to", to={"column": "終了日", "inclusive": True})
    imported(mapping, tmp_path / "out")
    assert contents(tmp_path / "out")["supply"].keys() == {(point(1), AOI, OLD, date(2022, 12, 1), None, None)}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1 << 32), charset=st.sampled_from(["cp932", "utf-8", "euc-jp"]))
def test_lines_add_up_under_random_damage(seed: int, charset: str) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        mapping = lay_files(small(60), here, Style(charset=charset, ends=("\n", "\r\n"), remark='表"\nソ'))
        file = here / "log-0.csv"
        raw = bytearray(file.read_bytes())
        start = raw.index(b"\n") + 1
        for _ in range(chance.randint(1, 12)):
            at = chance.randrange(start, len(raw))
            signs = [b'"', b",", b"\n", b"\r", b"\x81", b"", b"9" * 25, b"\xff"]
            raw[at : at + chance.randint(0, 2)] = chance.choice(signs)
        file.write_bytes(raw)
        done = imported(mapping, here / "out")
        (count,) = done.files["log"]
        assert count.lines == len(bytes(raw).splitlines())
        assert count.lines == count.header + count.blank + count.record_lines + count.reject_lines
        assert count.rejects == len(rejects_of(here / "out"))
        assert sum(contents(here / "out")["log"].values()) == count.records == sum(done.days.values())


def test_fixed_width_gives_what_was_written(tmp_path: Path) -> None:
    place = small(40)
    mapping = lay_files(place, tmp_path, Style(charset="cp932"))
    imported(mapping, tmp_path / "csv")
    widths = dict(zip(LOG, (26, 8, 8, 6, 6, 22, 6, 6, 10), strict=True))
    fitted = [[encoded(cell, "cp932").ljust(width) for cell, width in zip(row, widths.values(), strict=True)]
              for row in rows(place, "log", "備考")]  # fmt: skip
    lines = [b"".join(row) for row in fitted]
    lines[3:3] = [b"", lines[0][:-1], lines[0] + b" "]
    (tmp_path / "log.dat").write_bytes(b"\r\n".join(lines) + b"\r\n")
    document = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    table = {"files": ["log.dat"], "format": "fixed", "charset": "cp932", "widths": widths}
    tables = {name: document[name] for name in ("people", "supply")}
    mapping = write_mapping(tmp_path, {"log": {**table, "columns": document["log"]["columns"]}, **tables})
    done = imported(mapping, tmp_path / "fixed")
    assert contents(tmp_path / "fixed") == contents(tmp_path / "csv")
    assert [(row[2], row[5]) for row in rejects_of(tmp_path / "fixed")] == [
        ("5", "1 行は 98 バイトです（この行は 97 バイト）。"),
        ("6", "1 行は 98 バイトです（この行は 99 バイト）。"),
    ]
    assert (done.files["log"][0].lines, done.files["log"][0].blank) == (43, 1)


@pytest.mark.parametrize("kind", [pa.timestamp("us", tz="UTC"), pa.timestamp("ms"), pa.string()])
def test_parquet_gives_what_was_written(tmp_path: Path, kind: Any) -> None:
    place = small(40).but(supply=[Supply(point(1), AOI, OLD, DAY, jst(DAY), None)])
    mapping = lay_files(place, tmp_path, Style())
    records = [record._replace(at=record.at.replace(microsecond=0)) for record in place.records]
    place = place.but(records=records)
    plain = place.write(tmp_path / "plain")
    body = [[row[0] if pa.types.is_string(kind) else record.at, *row[1:5], row[5] or None, *row[6:]]
            for row, record in zip(rows(place, "log", ""), records, strict=True)]  # fmt: skip
    moments = [row[0] for row in body]
    if kind == pa.timestamp("ms"):
        moments = [datetime.strptime(row[0], "%Y/%m/%d %H:%M:%S.%f") for row in rows(place, "log", "")]  # noqa: DTZ007
    columns = [pa.array(moments, type=kind), *(pa.array(cells) for cells in list(zip(*body, strict=True))[1:])]
    pq.write_table(pa.table(columns, names=list(LOG)), tmp_path / "log.parquet")
    document = yaml.safe_load(mapping.read_text(encoding="utf-8"))
    tables = {name: document[name] for name in ("people", "supply")}
    log = {"files": ["log.parquet"], "format": "parquet", "columns": COLUMNS["log"]}
    done = imported(write_mapping(tmp_path, {"log": log, **tables}), tmp_path / "out")
    assert done.rejects == 0
    assert contents(tmp_path / "out") == contents(plain)


@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_a_compressed_file_of_two_parts_is_read_and_one_cut_off_is_refused(tmp_path: Path, compression: str) -> None:
    mapping = lay_files(small(500), tmp_path, Style())
    raw = (tmp_path / "log-0.csv").read_bytes()
    half = raw.index(b"\n", len(raw) // 2) + 1
    whole = packed(raw[:half], compression) + packed(raw[half:], compression)
    (tmp_path / "log-0.csv").write_bytes(whole)
    assert imported(mapping, tmp_path / "out").files["log"][0].records == 500
    for cut in (whole[: len(whole) // 2], whole[:-3]):
        (tmp_path / "log-0.csv").write_bytes(cut)
        with pytest.raises(CannotRead):
            imported(mapping, tmp_path / "cut")
        assert not (tmp_path / "cut").exists()


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("network",), "？", "network"),
        (("log", "charset"), "sjis", "log.charset"),
        (("log", "colums"), {}, "log.colums"),
        (("log", "columns", "at"), {"column": "日時", "clock": "JST"}, "log.columns.at.clock"),
        (("log", "columns", "at"), {"column": "日時", "value": "x"}, "log.columns.at"),
        (("log", "columns", "user_id"), 0, "log.columns.user_id"),
        (("log", "delimiter"), "::", "log.delimiter"),
        (("log", "widths"), {"a": 3}, "log.widths"),
        (("log", "files"), [], "log.files"),
        (("people", "columns", "to"), {"column": "離任", "era": "安政"}, "people.columns.to.era"),
        (("supply", "columns", "retailer"), {"column": "x", "by": "name"}, "supply.columns.retailer.by"),
        (("supply", "header"), "one", "supply.header"),
        (("screens",), {}, None),
    ],
)
def test_a_wrong_mapping_is_named_with_its_line(tmp_path: Path, path: tuple[str, ...], value: Any, field: str) -> None:
    mapping = change(given_files(tmp_path), *path, to=value)
    if field is None:
        assert read_mapping(mapping).screens == {}
        return
    with pytest.raises(WrongMappingFile) as refused:
        read_mapping(mapping)
    (fault,) = refused.value.faults
    assert fault.field == field
    assert fault.line > 0
    assert path[0] in mapping.read_text(encoding="utf-8").splitlines()[fault.line - 1] or len(path) > 1


def test_columns_and_files_that_are_not_there(tmp_path: Path) -> None:
    for path, value, said in (
        (("log", "columns", "user_id"), "利用者", "列 利用者 がありません"),
        (("log", "columns", "user_id"), 10, "列 10 がありません"),
        (("log", "files"), ["other-*.csv"], "other-*.csv に当たるファイルがありません"),
    ):
        with pytest.raises(WrongMappingFile, match="log") as refused:
            imported(change(given_files(tmp_path), *path, to=value), tmp_path / "out")
        assert said in str(refused.value)
    assert list(tmp_path.glob(".*")) == []


def test_nothing_is_written_over_and_nothing_at_all_is_no_source(tmp_path: Path) -> None:
    mapping = given_files(tmp_path)
    (tmp_path / "out").mkdir()
    imported(mapping, tmp_path / "out")
    with pytest.raises(AlreadyThere):
        imported(mapping, tmp_path / "out")
    with pytest.raises(NothingImported):
        imported(given_files(tmp_path, log=[["", *GOOD[1:]]]), tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_rejects_of_an_earlier_import_go_and_no_other_file_does(tmp_path: Path) -> None:
    mapping = given_files(tmp_path, log=[GOOD, ["", *GOOD[1:]]])
    file = tmp_path / "out.rejects.csv"
    file.write_text("a diary", encoding="utf-8")
    with pytest.raises(AlreadyThere):
        imported(mapping, tmp_path / "out")
    assert file.read_text(encoding="utf-8") == "a diary"
    file.unlink()
    imported(mapping, tmp_path / "out")
    assert file.exists()
    (tmp_path / "out").rename(tmp_path / "earlier")
    imported(given_files(tmp_path), tmp_path / "out")
    assert not file.exists()


def test_exit_codes_and_one_document(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def run(mapping: Path, out: str) -> tuple[int, dict[str, Any]]:
        code = command(house(), ["log", "import", str(mapping), "--out", str(tmp_path / out), "--json"])
        return code, json.loads(capfd.readouterr().out)

    code, told = run(given_files(tmp_path), "good")
    assert (code, told["rejects"], told["days"]) == (0, 0, {str(DAY): 3})
    assert run(given_files(tmp_path, log=[GOOD, ["", *GOOD[1:]]]), "some")[0] == 1
    assert run(tmp_path / "no.yaml", "wrong")[0] == 2
    assert run(given_files(tmp_path), "good")[0] == 2
    (tmp_path / "log-0.csv").write_bytes(b"\x1f\x8b\x08broken")
    assert run(tmp_path / "mapping.yaml", "broken")[0] == 3


def large(folder: Path) -> Path:
    """Files whose import takes a while."""
    body = [
        [f"2022/12/07 09:00:00.{n:06}", f"u{n}", f"s{n * 7}", "CI20", "", point(n * 9), "V", "T", "x"]
        for n in range(60_000)
    ]
    mapping = given_files(folder)
    with (folder / "log-0.csv").open("w", encoding="cp932", newline="") as stream:
        csv.writer(stream).writerows([LOG, *body])
    return mapping


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_an_import_that_is_stopped_leaves_no_source(tmp_path: Path, sent: signal.Signals) -> None:
    mapping, out = large(tmp_path), tmp_path / "out"
    arguments = [str(PROGRAM), "log", "import", str(mapping), "--out", str(out)]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 60
        while not list(tmp_path.glob(".out.*/log")) and time.monotonic() < until:
            time.sleep(0.002)
        process.send_signal(sent)
        process.communicate()
    assert process.returncode != 0
    assert not out.exists()
    left = list(tmp_path.glob(".out.*"))
    assert (left == []) is (sent == signal.SIGTERM)
    assert imported(mapping, out).files["log"][0].records == 60_000
    assert list(tmp_path.glob(".out.*")) == []


def test_a_full_disk_leaves_no_source_and_says_so(tmp_path: Path) -> None:
    mapping, out = large(tmp_path), tmp_path / "out"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    arguments = [str(PROGRAM), "log", "import", str(mapping), "--out", str(out), "--json"]
    done = subprocess.run(arguments, capture_output=True, preexec_fn=limit, check=False)
    assert done.returncode == 3, done.stderr
    assert "書けませんでした" in json.loads(done.stdout)["error"]
    assert [path.name for path in tmp_path.glob("*out*")] == []
