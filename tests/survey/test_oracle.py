"""Random small sources: the product and the oracle give the same figures and findings, then and now."""

import itertools
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from takuso.survey.duck import answer
from takuso.survey.figures import Figures
from takuso.survey.reading import read_survey
from takuso.survey.source import open_source
from tests.survey import oracle
from tests.survey.lay import AOI, ASAHI, DAY, HIKARI, SERVICE, TD, Place, Post, Record, Supply, ask, jst, point

FIRST, END = DAY - timedelta(days=1), DAY + timedelta(days=2)
USERS = ("u1", "u2", "u3", "u4")
EMPLOYMENTS = [(AOI, None), (TD, None), (ASAHI, None), (SERVICE, AOI), (AOI, TD)]
SCREENS = ("MN00", "KF10", "CI10", "CI20")
CODES = st.lists(st.sampled_from(SCREENS), min_size=1, max_size=3, unique=True)
ORGANISATIONS = st.sampled_from(["affiliate", "network", ASAHI])
# Moments close together, around midnights and the period's edges, to the microsecond.
MOMENTS = st.builds(
    lambda day, micros: jst(day) + timedelta(microseconds=micros),
    st.sampled_from([DAY + timedelta(days=n) for n in (-1, 0, 1, 2)]),
    st.sampled_from([-1, 0, 1, 43_200_000_000]),
)
DAYS = st.sampled_from([DAY + timedelta(days=n) for n in range(-3, 4)])


@st.composite
def posts(draw: st.DrawFn) -> list[Post]:
    """Each ID belongs to one person at a time; to one after another, to nobody, to a contractor."""
    made = []
    for user in USERS:
        cuts: list[date | None] = [None, *sorted(draw(st.sets(DAYS, max_size=2))), None]
        for since, until in itertools.pairwise(cuts):
            person = draw(st.sampled_from(["p1", "p2", "p3", None]))
            if person is None:
                continue
            for _ in range(draw(st.integers(1, 2))):
                org, principal = draw(
                    st.sampled_from([(AOI, None), (TD, None), (ASAHI, None), (SERVICE, AOI), (AOI, TD)])
                )
                made.append(Post(user, person, org, principal, since, until))
    return draw(st.permutations(made))


@st.composite
def supplies(draw: st.DrawFn) -> list[Supply]:
    """Histories without overlap: versions known one after another, each a row of periods with gaps."""
    made = []
    for number in range(2):
        known = [None, *sorted(draw(st.sets(MOMENTS, max_size=2))), None]
        for known_from, known_to in itertools.pairwise(known):
            cuts: list[date | None] = [date(2016, 4, 1), *sorted(draw(st.sets(DAYS, max_size=2))), None]
            for since, until in itertools.pairwise(cuts):
                retailer = draw(st.sampled_from([None, AOI, ASAHI, HIKARI]))
                if retailer is not None and since is not None:
                    made.append(Supply(point(number), retailer, since, until, known_from, known_to))
    return draw(st.permutations(made))


RECORDS = st.lists(
    st.builds(
        Record,
        MOMENTS,
        st.sampled_from((*USERS, "stranger")),
        st.sampled_from(["s1", "s2"]),
        st.sampled_from(SCREENS),
        st.sampled_from([None, None, "KF10", "CI10"]),
        st.sampled_from([point(0), point(0), point(1), ""]),
        st.sampled_from(["VIEW", "PRINT"]),
        st.sampled_from(["T1", "T2"]),
    ),
    min_size=12,
    max_size=40,
)
PLACES = st.builds(
    lambda records, twice, people, supply, split: Place(records + records[:twice], people, supply, split=split),
    RECORDS,
    st.integers(0, 3),
    posts(),
    supplies(),
    st.lists(st.integers(0, 3), max_size=7),
)
OTHERS = st.one_of(st.fixed_dictionaries({"screens": CODES}), st.fixed_dictionaries({"except": CODES}))
STEPS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"kind": st.just("screens"), "screens": CODES}),
        st.fixed_dictionaries({"kind": st.just("reached_from"), "from": CODES}, optional={"screens": CODES}),
        st.fixed_dictionaries(
            {"kind": st.just("viewer_affiliation"), "organisation": ORGANISATIONS},
            optional={"contractors": st.booleans()},
        ),
        st.fixed_dictionaries({"kind": st.just("customer_held_by_other"), "organisation": ORGANISATIONS}),
        st.tuples(st.sampled_from(["include", "exclude", "annotate"]), OTHERS).map(lambda p: {"kind": p[0], **p[1]}),
    ),
    min_size=1,
    max_size=4,
)
# Every organisation is known, or a step that names it would be refused.
KNOWN = [Post("nobody", "p9", org) for org in (AOI, TD, ASAHI)]


def figures(place: Place, steps: Sequence[dict[str, Any]]) -> Figures:
    """What the product says."""
    with tempfile.TemporaryDirectory() as folder:
        source = place.write(Path(folder) / "source")
        return answer(read_survey(ask(Path(folder) / "s.yaml", steps)), open_source(source), lambda _: None)


def same(place: Place, steps: Sequence[dict[str, Any]]) -> None:
    """Compare everything that both say."""
    expected = oracle.survey(place, steps, FIRST, END)
    got = figures(place, steps)
    assert [(s.rows_in, s.rows_out, s.count.viewers, s.count.contracts) for s in got.steps] == expected.steps
    assert (got.then.viewers, got.then.contracts) == expected.then
    assert (got.now.viewers, got.now.contracts) == expected.now
    assert {
        (f.viewer, f.contract): (f.first_at, f.last_at, f.views, f.path, f.verdict_then, f.verdict_now)
        for f in got.findings
    } == expected.findings


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(PLACES, STEPS)
def test_the_product_agrees_with_the_oracle(place: Place, steps: list[dict[str, Any]]) -> None:
    seed = Record(jst(DAY, 9), "nobody", "s9", "MN00", None, "")
    same(place.but(records=[*place.records, seed], people=[*place.people, *KNOWN]), steps)
