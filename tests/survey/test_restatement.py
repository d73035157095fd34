"""Two answers of one survey: every finding that came, went or changed is explained once, record by record."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from takuso.survey import run as run_module
from takuso.survey.definition import Survey
from takuso.survey.reading import read_survey
from takuso.survey.restating.compare import Difference, compare
from takuso.survey.restating.evidence import Contradiction, Evidence
from takuso.survey.restating.outcome import open_outcome
from takuso.survey.restating.reasons import Kind
from takuso.survey.restating.telling import document, lines
from takuso.survey.restating.versions import versions
from takuso.survey.run import run
from takuso.survey.source import Source
from tests.survey.lay import AOI, ASAHI, DAY, HIKARI, META, NOTICE, TD, Place, Post, Record, Supply, ask, jst, point

AT = jst(DAY, 10)
SINCE = date(2016, 4, 1)


def look(user: str = "u1", number: int = 1, session: str = "s1", came_from: str | None = None) -> list[Record]:
    """KF10, and CI20 three seconds later."""
    return [
        Record(AT, user, session, "KF10", None, point(number)),
        Record(AT + timedelta(seconds=3), user, session, "CI20", came_from, point(number)),
    ]


BASE = Place(
    [*look(), *look("u2", 2, "s2"), *look("u3", 3, "s3")],
    [Post("u1", "p1", AOI), Post("u2", "p2", AOI), Post("u3", "p3", TD), Post("u4", "p4", AOI)],
    [Supply(point(number), ASAHI, SINCE) for number in (1, 3)] + [Supply(point(2), AOI, SINCE)],
)


def write(folder: Path, place: Place, **asked: Any) -> Path:
    """Survey a source; the folder of the answer."""
    folder.mkdir()
    file = ask(folder / "survey.yaml", asked.pop("steps", NOTICE), **asked)
    run(read_survey(file), place.write(folder / "source"), folder / "out", lambda _: None)
    return folder / "out"


@dataclass(frozen=True)
class Case:
    """A correction, and the finding that it moves: change, viewer, kind of reason, and words of the sentence."""

    after: Place
    change: str
    viewer: str
    kind: Kind
    words: Sequence[str]
    before: Place = BASE
    asked: dict[str, Any] = field(default_factory=dict)
    later: dict[str, Any] = field(default_factory=dict)


def people(*posts: Post) -> Place:
    """Other people in the place of those with the same ID."""
    named = {post.user_id for post in posts}
    return BASE.but(people=[*(post for post in BASE.people if post.user_id not in named), *posts])


def supply(number: int, *periods: Supply) -> Place:
    """Other supply periods of a point."""
    return BASE.but(supply=[*(one for one in BASE.supply if one.customer != point(number)), *periods])


INCLUDE = [*NOTICE[:4], {"kind": "include", "screens": ["CI10"]}]
OVERLAP = [
    {"kind": "screens", "screens": ["CI20", "CI10"]},
    *INCLUDE[1:2],
    {"kind": "reached_from", "from": ["KF10"]},
    *INCLUDE[4:],
]
LATER_LOOK = Record(AT + timedelta(seconds=9), "u1", "s1", "CI10", "CI20", point(1))
TOLD = look(came_from="KF10")
NEXT_DAY_TOO = BASE.but(records=[*BASE.records, *(one._replace(at=one.at + timedelta(days=1)) for one in look("u4"))])
CORRECTED = jst(DAY, 9)
CASES = {
    "a log row was added": Case(
        BASE.but(records=[*BASE.records, *look("u4", 1, "s4")]),
        "gained", "p4", Kind.LOG, ["前の記録（source）になく、後で加わった", "log/day=2022-12-07/part-0.parquet"],
    ),
    "a log row was taken out": Case(
        BASE.but(records=BASE.records[2:]),
        "lost", "p1", Kind.LOG, ["後の記録（source）にはない", "log/day=2022-12-07/part-0.parquet"],
    ),
    "a log row came twice": Case(
        BASE.but(records=[*TOLD, TOLD[1]]), "changed", "p1", Kind.LOG, ["1 行から 2 行に変わった"],
        before=BASE.but(records=TOLD),
    ),
    "a late row stands between": Case(
        BASE.but(records=[*BASE.records, Record(AT + timedelta(seconds=1), "u1", "s1", "MN00", None, point(1))]),
        "lost", "p1", Kind.PREDECESSOR, ["KF10 → MN00"],
    ),
    "the ID was another person's": Case(
        people(Post("u1", "p9", AOI)), "lost", "p1", Kind.PERSON, ["ID u1 の 2022-12-07 の持ち主", "p1 → p9"]
    ),
    "the other person comes in": Case(
        people(Post("u1", "p9", AOI)), "gained", "p9", Kind.PERSON, ["p1 → p9"]
    ),
    "the person worked elsewhere": Case(
        people(Post("u1", "p1", TD)), "lost", "p1", Kind.AFFILIATION, ["p1 の 2022-12-07 の所属", "AOI → TD"]
    ),
    "the person worked for it after all": Case(
        people(Post("u3", "p3", AOI)), "gained", "p3", Kind.AFFILIATION, ["TD → AOI"]
    ),
    "the person was a contractor's": Case(
        people(Post("u1", "p1", "SERVICE", AOI)), "lost", "p1", Kind.AFFILIATION, ["AOI → SERVICE の人、委託元 AOI"]
    ),
    "the person left the day before": Case(
        people(Post("u1", "p1", AOI, None, None, DAY), Post("u1", "p1", TD, None, DAY)),
        "lost", "p1", Kind.AFFILIATION, ["AOI → TD"],
    ),
    "the point was its own": Case(
        supply(1, Supply(point(1), AOI, SINCE)), "lost", "p1", Kind.SUPPLY, ["供給期間が訂正された", "ASAHI", "→ AOI"]
    ),
    "the point was another's": Case(
        supply(2, Supply(point(2), HIKARI, SINCE)), "gained", "p2", Kind.SUPPLY, ["→ HIKARI（2016-04-01 から、継続）"]
    ),
    "the supply began on another day": Case(
        supply(1, Supply(point(1), ASAHI, SINCE + timedelta(days=1))),
        "lost", "p1", Kind.SUPPLY, ["ASAHI（2016-04-01 から、継続） → ASAHI（2016-04-02 から、継続）"],
    ),
    "it was known later than thought": Case(
        supply(
            1,
            Supply(point(1), AOI, SINCE, None, None, CORRECTED + timedelta(hours=2)),
            Supply(point(1), ASAHI, SINCE, None, CORRECTED + timedelta(hours=2)),
        ),
        "changed", "p1", Kind.SUPPLY, ["閲覧の時点で知られていた供給者", "known_from 2022-12-07 09:00:00", "AOI"],
        before=supply(
            1,
            Supply(point(1), AOI, SINCE, None, None, CORRECTED),
            Supply(point(1), ASAHI, SINCE, None, CORRECTED),
        ),
    ),
    "corrected after the look": Case(
        supply(
            1,
            Supply(point(1), ASAHI, SINCE, None, None, jst(DAY, 12)),
            Supply(point(1), AOI, SINCE, None, jst(DAY, 12)),
        ),
        "changed", "p1", Kind.SUPPLY, ["いまの記録による供給者", "known_from 2022-12-07 12:00:00"],
    ),
    "nobody supplied it": Case(
        supply(1), "lost", "p1", Kind.SUPPLY, ["ASAHI（2016-04-01 から、継続） → なし"]
    ),
    "the day is no longer asked": Case(
        NEXT_DAY_TOO, "lost", "p1", Kind.PERIOD,
        ["閲覧の日 2022-12-07 は、後の調査の期間（2022-12-08 から 2022-12-08 まで）の外"],
        before=NEXT_DAY_TOO,
        later={"period": {"from": DAY + timedelta(days=1), "to": DAY + timedelta(days=2)}},
    ),
    "a step was added": Case(
        BASE, "lost", "p1", Kind.STEP, ["後の調査の 6 段目", "お客さま情報Ⅱ（CI20）の記録を除いた"],
        later={"steps": [*NOTICE, {"kind": "exclude", "screens": ["CI20"]}]},
    ),
    "a step asks for another organisation": Case(
        BASE, "gained", "p3", Kind.STEP, ["前の調査の 2 段目", "小売の関係会社（AOI）"],
        later={"steps": [NOTICE[0], {**NOTICE[1], "organisation": "network"}, *NOTICE[2:]]},
    ),
    "meta.json names another affiliate": Case(
        BASE.but(meta={**META, "affiliate": TD}), "lost", "p1", Kind.ORGANISATION, ["会社のコードが変わった", "TD"],
    ),
    "what it followed has gone": Case(
        people(Post("u1", "p1", TD)).but(records=[*BASE.records, LATER_LOOK]),
        "lost", "p1", Kind.AFFILIATION, ["AOI → TD"],
        before=BASE.but(records=[*BASE.records, LATER_LOOK]), asked={"steps": INCLUDE}, later={"steps": INCLUDE},
    ),
    "another screen was noted": Case(
        BASE.but(records=[*BASE.records, LATER_LOOK]),
        "changed", "p1", Kind.ANNOTATION, ["KF10>CI20 → KF10>CI20; +CI10:1"],
    ),
}  # fmt: skip


def compared(folder: Path, case: Case) -> Difference:
    """Survey both sources and compare."""
    one = write(folder / "one", case.before, **case.asked)
    return compare(open_outcome(one), open_outcome(write(folder / "other", case.after, **case.later)))


@pytest.mark.parametrize("name", CASES)
def test_each_correction_is_named(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    found = compared(tmp_path, case)
    assert not found.same
    (moved,) = [one for one in found.findings if (one.change, one.key[0]) == (case.change, case.viewer)]
    assert moved.reason.kind is case.kind, moved
    for words in case.words:
        assert words in moved.reason.sentence
    assert any(moved.reason.sentence in line for line in lines(found))


def test_a_record_that_followed_another_goes_with_it(tmp_path: Path) -> None:
    found = compared(tmp_path, CASES["what it followed has gone"])
    (moved,) = found.findings
    kinds = {(record.unit.look.screen, record.reason.kind) for record in moved.records}
    assert kinds == {("CI20", Kind.AFFILIATION), ("CI10", Kind.FOLLOWED)}


def test_a_record_that_a_step_drops_and_another_takes_in_again_goes_with_what_it_followed(tmp_path: Path) -> None:
    """Its own facts stay as they were, and the evidence of both sides has it."""
    between = Record(AT + timedelta(seconds=1), "u1", "s1", "MN00", None, point(1))
    case = replace(
        CASES["a late row stands between"],
        before=BASE.but(records=[*BASE.records, LATER_LOOK]),
        after=BASE.but(records=[*BASE.records, LATER_LOOK, between]),
        asked={"steps": OVERLAP},
        later={"steps": OVERLAP},
    )
    (moved,) = compared(tmp_path, case).findings
    kinds = {(record.unit.look.screen, record.reason.kind) for record in moved.records}
    assert kinds == {("CI20", Kind.PREDECESSOR), ("CI10", Kind.FOLLOWED)}


def test_a_record_that_fell_out_is_taken_in_again_in_the_evidence_too(tmp_path: Path) -> None:
    out = write(tmp_path / "run", BASE.but(records=[*BASE.records, LATER_LOOK]), steps=OVERLAP)
    summary, evidence = json.loads((out / "summary.json").read_text()), pq.read_table(out / "evidence.parquet")
    found = [row for row in evidence.to_pylist() if row["then_in"]]
    assert sum(row["records"] for row in found) == summary["steps"][-1]["rows_out"]
    assert ("CI10", True) in {(row["screen"], row["now_in"]) for row in found}
    assert check(out, out).same


def test_an_answer_that_contradicts_itself_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = run_module.evidence

    def without_one(survey: Survey, source: Source) -> Evidence:
        found = true(survey, source)
        return replace(found, table=found.table.filter(pc.not_equal(found.table["user_id"], "u1")))

    monkeypatch.setattr(run_module, "evidence", without_one)
    with pytest.raises(
        Contradiction, match=r"1 組で合いません（たとえば p1 0000000000000000000001\|ASAHI\|2016-04-01）"
    ):
        write(tmp_path / "run", BASE)
    assert not (tmp_path / "run" / "out").exists()


def content(folder: Path) -> dict[str, bytes]:
    """The files of an answer, `seconds` left out."""
    found = {file.name: file.read_bytes() for file in folder.iterdir()}
    summary = json.loads(found["summary.json"])
    return found | {"summary.json": json.dumps({**summary, "seconds": 0}).encode()}


def mirrored(change: str) -> str:
    """The change as the other side sees it."""
    return {"gained": "lost", "lost": "gained"}.get(change, change)


def check(one: Path, other: Path) -> Difference:
    """What holds for any two answers of one survey."""
    first, second = open_outcome(one), open_outcome(other)
    there, back = compare(first, second), compare(second, first)
    told, turned = document(there), document(back)
    assert told["same"] == turned["same"]
    assert [(f["change"], f["viewer"], f["contract"], f["a"], f["b"], f["reason"]) for f in told["findings"]] == [
        (mirrored(f["change"]), f["viewer"], f["contract"], f["b"], f["a"], f["reason"]) for f in turned["findings"]
    ]
    for finding, back_again in zip(told["findings"], turned["findings"], strict=True):
        assert sorted((r["change"], r["at"], r["reason"], r["verdicts"]) for r in finding["records"]) == sorted(
            (mirrored(r["change"]), r["at"], r["reason"], r["verdicts"]) for r in back_again["records"]
        )
    for what in ("viewers", "contracts"):
        for which in ("then", "now"):
            assert told[what][which]["gained"] == turned[what][which]["lost"]
            assert told[what][which]["lost"] == turned[what][which]["gained"]
    explained = [(finding.key, finding.change) for finding in there.findings]
    assert len(explained) == len({key for key, _ in explained})
    assert {key for key, change in explained if change == "gained"} == second.findings.keys() - first.findings.keys()
    assert {key for key, change in explained if change == "lost"} == first.findings.keys() - second.findings.keys()
    both = first.findings.keys() & second.findings.keys()
    assert {key for key in both if first.findings[key] != second.findings[key]} <= {key for key, _ in explained}
    reasons = {finding.reason.kind for finding in there.findings} | {
        record.reason.kind for finding in there.findings for record in finding.records
    }
    assert Kind.UNEXPLAINED not in reasons
    assert sum(told["reasons"].values()) == len(there.findings)
    return there


def test_an_answer_and_itself_do_not_differ(tmp_path: Path) -> None:
    out = write(tmp_path / "one", BASE)
    found = check(out, out)
    assert found.same
    assert not found.findings
    assert document(found)["reasons"] == {}


SOME = st.integers(0, 3)
RECORDS = st.lists(
    st.builds(
        lambda user, screen, customer, session, second, came: Record(
            AT + timedelta(seconds=second), f"u{user}", f"s{session}", screen, came, point(customer)
        ),
        SOME, st.sampled_from(["KF10", "CI20", "CI20", "CI10"]), SOME, SOME, st.integers(0, 6),
        st.sampled_from([None, None, "KF10", "MN00"]),
    ),
    min_size=1, max_size=14,
)  # fmt: skip
PEOPLE = st.lists(st.tuples(SOME, st.sampled_from([AOI, AOI, TD])), min_size=4, max_size=4).map(
    lambda told: [
        Post("u9", "p9", AOI),
        *(Post(f"u{number}", f"p{person}", org) for number, (person, org) in enumerate(told)),
    ]
)
SUPPLY = st.lists(
    st.tuples(st.sampled_from([AOI, ASAHI, HIKARI]), st.sampled_from([ASAHI, None]), st.sampled_from([-5, 1, 3, 9])),
    min_size=3, max_size=3,
).map(
    lambda told: [
        one
        for number, (retailer, later, second) in enumerate(told)
        for moment in [AT + timedelta(seconds=second)]
        for one in (
            [Supply(point(number), retailer, SINCE, None, None, moment if later else None)]
            + ([Supply(point(number), later, SINCE, None, moment)] if later else [])
        )
    ]
)  # fmt: skip
STEPS = st.sampled_from(
    [
        NOTICE,
        INCLUDE,
        OVERLAP,
        [NOTICE[0], *NOTICE[3:]],
        [NOTICE[1], NOTICE[3]],
        [*NOTICE[1:4], {**NOTICE[4], "except": ["CI20"]}],
    ]
)
ASKED = st.fixed_dictionaries({"steps": STEPS})
PLACES = st.builds(
    lambda records, people, supply: Place(
        # One record that is always there: a period without a log is no survey.
        [*records, Record(AT, "u9", "s9", "MN00", None, point(9))], people, supply
    ),
    RECORDS, PEOPLE, SUPPLY,
)  # fmt: skip


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(one=PLACES, other=PLACES, parts=st.sets(st.sampled_from(["records", "people", "supply"])), asked=ASKED,
       later=st.one_of(st.none(), ASKED))  # fmt: skip
def test_any_two_answers(
    one: Place, other: Place, parts: set[str], asked: dict[str, Any], later: Any, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("any")
    after = one.but(**{part: getattr(other, part) for part in parts})
    check(write(folder / "one", one, **asked), write(folder / "other", after, **(later or asked)))


def diff(*arguments: object) -> subprocess.CompletedProcess[str]:
    """`takuso survey diff`."""
    command = [sys.executable, "-m", "takuso.main", "survey", "diff", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two answers that differ."""
    folder = tmp_path_factory.mktemp("two")
    return write(folder / "one", BASE), write(folder / "other", CASES["the point was another's"].after)


def test_the_command_tells_by_its_code_whether_answers_differ(two: tuple[Path, Path], tmp_path: Path) -> None:
    same = diff(two[0], two[0], "--json")
    assert (same.returncode, json.loads(same.stdout)["same"]) == (0, True)
    other = diff(*two, "--json", "--out", tmp_path / "new" / "d.json")
    assert other.returncode == 1
    assert json.loads(other.stdout) == json.loads((tmp_path / "new" / "d.json").read_text())
    (finding,) = json.loads(other.stdout)["findings"]
    assert (finding["change"], finding["viewer"], finding["reason"]) == ("gained", "p2", "supply")
    assert [(record["change"], record["verdicts"]) for record in finding["records"]] == [
        ("gained", ["then"]), ("gained", ["now"])
    ]  # fmt: skip
    assert json.loads(other.stdout)["source"]["files"][0]["rows"] == [3, 3]
    read = diff(*two)
    assert read.returncode == 1
    assert "供給期間の訂正: 1 件" in read.stdout


def test_the_difference_as_a_page_is_safe_and_the_same_again(two: tuple[Path, Path], tmp_path: Path) -> None:
    nasty = write(tmp_path / "nasty", BASE, title="<script>x</script>")
    assert diff(nasty, two[1], "--out", tmp_path / "d.html").returncode == 1
    text = (tmp_path / "d.html").read_text()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "供給期間が訂正された" in text
    diff(nasty, two[1], "--out", tmp_path / "d.html")
    assert (tmp_path / "d.html").read_text() == text


def test_what_a_foreign_log_holds_does_not_steer_the_terminal(tmp_path: Path) -> None:
    hostile = "p\x1b[31m\u202e\n"
    first = write(tmp_path / "one", people(Post("u1", hostile, AOI)))
    second = write(tmp_path / "other", people(Post("u1", hostile, TD)))
    for told in (
        diff(first, second).stdout.replace("\n", ""),
        *(
            (diff(first, second, "--out", file), file.read_text())[1]
            for file in (tmp_path / "d.txt", tmp_path / "d.html")
        ),
    ):
        assert "p[U+001B][31m[U+202E]" in told
        assert "\x1b" not in told
        assert "\u202e" not in told
    assert "p[U+001B][31m[U+202E][U+000A] " in (tmp_path / "d.txt").read_text()
    document = json.loads(diff(first, second, "--json").stdout)
    assert document["findings"][0]["viewer"] == hostile


def _no_summary(folder: Path) -> None:
    (folder / "summary.json").unlink()


def _cut(name: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return cut


def _other_evidence(folder: Path) -> None:
    other = CASES["a log row was taken out"].after
    (folder / "evidence.parquet").write_bytes((write(folder.parent / "else", other) / "evidence.parquet").read_bytes())


def _other_inputs(folder: Path) -> None:
    other = write(folder.parent / "else", CASES["a log row was taken out"].after)
    (folder / "inputs.json").write_bytes((other / "inputs.json").read_bytes())


def _fewer_steps(folder: Path) -> None:
    document = json.loads((folder / "summary.json").read_text())
    (folder / "summary.json").write_text(json.dumps({**document, "steps": document["steps"][1:]}))


def _other_form(folder: Path) -> None:
    document = json.loads((folder / "inputs.json").read_text())
    (folder / "inputs.json").write_text(json.dumps({**document, "form": 99}))


@pytest.mark.parametrize(
    ("breaking", "code", "words"),
    [
        (_no_summary, 2, ["調査の結果のフォルダーではありません", "summary.json"]),
        (_cut("summary.json"), 3, ["summary.json: 読めません"]),
        (_cut("findings.parquet"), 3, ["findings.parquet: 読めません"]),
        (_cut("evidence.parquet"), 3, ["evidence.parquet: 読めません"]),
        (_cut("inputs.json"), 3, ["inputs.json: 読めません"]),
        (lambda folder: (folder / "inputs.json").unlink(), 3, ["inputs.json がありません", "前の版"]),
        (_other_evidence, 3, ["findings.parquet と evidence.parquet が合いません"]),
        (_other_inputs, 3, ["summary.json と inputs.json が合いません"]),
        (_fewer_steps, 3, ["summary.json と inputs.json が合いません"]),
        (_other_form, 3, ["form が 99"]),
    ],
)
def test_a_broken_answer_is_named(
    breaking: Callable[[Path], None], code: int, words: list[str], two: tuple[Path, Path], tmp_path: Path
) -> None:
    broken = write(tmp_path / "broken", BASE)
    breaking(broken)
    ended = diff(two[0], broken)
    assert ended.returncode == code, ended.stderr
    for word in [*words, "対処: ", str(broken)]:
        assert word in ended.stderr
    assert ended.stdout == ""


def test_answers_of_two_surveys_are_not_compared(two: tuple[Path, Path], tmp_path: Path) -> None:
    ended = diff(two[0], write(tmp_path / "another", BASE, name="another"))
    assert ended.returncode == 2
    assert "は trial、" in ended.stderr
    assert "は another。" in ended.stderr


def test_a_file_for_the_difference_that_ends_otherwise(two: tuple[Path, Path], tmp_path: Path) -> None:
    ended = diff(*two, "--out", tmp_path / "d.doc")
    assert ended.returncode == 2
    assert ".html、.json、.txt" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_rerun_keeps_no_version_and_a_restatement_keeps_each(tmp_path: Path) -> None:
    out = write(tmp_path / "run", BASE)
    survey, first = read_survey(tmp_path / "run" / "survey.yaml"), content(out)
    again = run(survey, tmp_path / "run" / "source", out, lambda _: None)
    assert (again.kept, versions(out), content(out)) == (None, [], first)
    for number, name in enumerate(["the point was another's", "the point was its own"], start=1):
        source = CASES[name].after.write(tmp_path / f"source-{number}")
        former = content(out)
        assert run(survey, source, out, lambda _: None).kept == out.with_name(f"out.{number}")
        assert content(out.with_name(f"out.{number}")) == former
    assert [version.name for version in versions(out)] == ["out.1", "out.2"]
    assert check(out.with_name("out.1"), out.with_name("out.2")).findings
    assert not [child for child in out.parent.iterdir() if child.name.startswith(".")]


def test_a_version_that_was_kept_before_a_kill_is_not_kept_twice(tmp_path: Path) -> None:
    out = write(tmp_path / "run", BASE)
    survey = read_survey(tmp_path / "run" / "survey.yaml")
    source = CASES["the point was another's"].after.write(tmp_path / "later")
    run(survey, source, out, lambda _: None)
    # As if it had been killed between the copy and the change.
    for file in out.iterdir():
        file.write_bytes((out.with_name("out.1") / file.name).read_bytes())
    assert run(survey, source, out, lambda _: None).kept == out.with_name("out.1")
    assert [version.name for version in versions(out)] == ["out.1"]


def test_a_link_to_an_answer_and_the_folder_one_stands_in_keep_versions_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = write(tmp_path / "run", BASE)
    survey = read_survey(tmp_path / "run" / "survey.yaml")
    link = tmp_path / "link"
    link.symlink_to(out)
    former = content(out)
    source = CASES["the point was another's"].after.write(tmp_path / "one")
    assert run(survey, source, link, lambda _: None).kept == out.with_name("out.1")
    assert content(out.with_name("out.1")) == former
    monkeypatch.chdir(out)
    source = CASES["the point was its own"].after.write(tmp_path / "two")
    assert run(survey, source, Path(), lambda _: None).kept == out.with_name("out.2")
    assert link.is_symlink()


def test_names_that_are_taken_are_passed_over(tmp_path: Path) -> None:
    out = write(tmp_path / "run", BASE)
    survey = read_survey(tmp_path / "run" / "survey.yaml")
    out.with_name("out.1").write_text("mine")
    out.with_name("out.2").symlink_to(tmp_path / "nowhere")
    source = CASES["the point was another's"].after.write(tmp_path / "later")
    assert run(survey, source, out, lambda _: None).kept == out.with_name("out.3")
    assert versions(out) == [out.with_name("out.3")]
    assert out.with_name("out.1").read_text() == "mine"


def test_where_too_many_are_in_question_the_files_explain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("takuso.survey.restating.evidence.MOST", 1)
    found = check(write(tmp_path / "one", BASE), write(tmp_path / "other", CASES["the point was another's"].after))
    (moved,) = found.findings
    assert moved.reason.kind is Kind.SOURCE
    assert "supply.parquet" in moved.reason.sentence


def test_the_command_says_where_the_former_answer_is(tmp_path: Path) -> None:
    out = write(tmp_path / "run", BASE)
    source = CASES["the point was another's"].after.write(tmp_path / "later")
    command = [sys.executable, "-m", "takuso.main", "survey", "run", str(tmp_path / "run" / "survey.yaml")]
    for time in range(2):
        ended = subprocess.run(
            [*command, "--source", str(source), "--out", str(out), "--paper", "xlsx", "--json"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 1
        assert json.loads(ended.stdout) == json.loads((out / "summary.json").read_text())
        told = f"takuso survey diff {out}.1 {out}" in ended.stderr
        # The second run says the same as the first: there is nothing to keep.
        assert told == (time == 0)
    assert not (out / "report.pdf").exists()
    assert (out / "report.xlsx").exists()
    assert (out.with_name("out.1") / "report.pdf").exists()
