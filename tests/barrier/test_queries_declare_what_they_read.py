"""Every guarded query declares the class of every table it reads.

The gate grants a query by the classes it declares; row security would still withhold the rows of another class, but
the outcome would then not name it.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import takuso.flow
from takuso.barrier.matrix import DataClass
from takuso.barrier.query import Query
from takuso.flow.points.queries import PARTY, PLACE, SUPPLY_TODAY
from tests.barrier.behind import Db, one

Classes = Mapping[str, Mapping[str, str]]

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
# What FROM or JOIN names, and what follows a comma in a FROM list. A name without its schema is one's own (WITH) or
# none: the readers search pg_catalog alone.
_CLAUSE = re.compile(r"\b(?:FROM|JOIN)\s+(.*?)(?=\bWHERE\b|\bJOIN\b|\bON\b|\bGROUP\b|\bORDER\b|\bLIMIT\b|\bFROM\b|$)",
                     re.DOTALL | re.IGNORECASE)  # fmt: skip
_TABLE = re.compile(r"\b([a-z_]+\.[a-z_0-9]+)\b(?!\s*[(.])")
_OPEN = {"wall.org"}
_LETTERS = {c.value for c in DataClass}


def _queries() -> Iterator[Query[Any]]:
    """Every query that stands in a module `queries` of a stage, alone or in a tuple."""
    seen: dict[int, Query[Any]] = {}
    for module in pkgutil.walk_packages(takuso.flow.__path__, "takuso.flow."):
        if module.name.rpartition(".")[2] == "queries":
            for value in vars(importlib.import_module(module.name)).values():
                for found in value if isinstance(value, tuple) else (value,):
                    if isinstance(found, Query):
                        seen[id(found)] = found
    yield from seen.values()


QUERIES = list(_queries())


def tables(text: str) -> set[str]:
    """The tables that the text of a query reads."""
    return {table for clause in _CLAUSE.findall(_COMMENT.sub("", text)) for table in _TABLE.findall(clause)}


def undeclared(query: Query[Any], classes: Classes) -> set[str]:
    """Tables whose class is not among those the query declares, with classes nobody reads named as well."""
    declared = {c.value for c in query.classes}
    found = set()
    for table in tables(query.sql) - _OPEN:
        letters = set(classes.get(table, {}).values()) & _LETTERS
        if not letters or not letters <= declared:
            found.add(table)
    return found


@pytest.fixture(scope="module")
def classes(eyes: Db) -> Classes:
    """Class of each column by table, of the register."""
    found: Classes = one(eyes, "SELECT wall.classes()")
    return found


def test_every_stage_was_found() -> None:
    assert {PLACE.name, PARTY.name, SUPPLY_TODAY.name} <= {query.name for query in QUERIES}
    files = {file.resolve() for file in Path(takuso.flow.__path__[0]).glob("*/sql/*.sql")}
    assert {query.file.resolve() for query in QUERIES} == files


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_declares_what_it_reads(query: Query[Any], classes: Classes) -> None:
    assert tables(query.sql)
    assert undeclared(query, classes) == set()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT 1 FROM points.place JOIN points.party ON true", {"points.party"}),
        ("SELECT 1 FROM points.place LEFT JOIN\n points.bank_mandate b USING (point)", {"points.bank_mandate"}),
        ("SELECT 1 FROM points.place p, points.usage_month u WHERE p.point = u.point", {"points.usage_month"}),
        ("SELECT (SELECT body FROM points.care_note LIMIT 1) FROM points.place", {"points.care_note"}),
        ("WITH n AS (SELECT * FROM points.contact_note) SELECT 1 FROM points.place, n", {"points.contact_note"}),
        ("SELECT 1 from points.place cross join lateral (select 1 from points.supply) s", {"points.supply"}),
        ("SELECT 1 FROM points.place JOIN wall.point ON true", {"wall.point"}),
        ("SELECT 1 FROM points.place JOIN points.nowhere ON true", {"points.nowhere"}),
        ("SELECT 1 FROM points.place JOIN wall.org ON true -- FROM points.party", set()),
        ("SELECT 1 FROM points.place WHERE place.point = ANY (%(points)s) ORDER BY place.point", set()),
    ],
)
def test_an_undeclared_table_is_noticed(sql: str, found: set[str], classes: Classes, tmp_path: Path) -> None:
    file = tmp_path / "query.sql"
    file.write_text(sql)
    assert undeclared(replace(PLACE, file=file), classes) == found


def test_a_query_with_the_wrong_class_is_noticed(classes: Classes) -> None:
    wrong = replace(PARTY, classes=frozenset({DataClass.PLACE}))
    assert undeclared(wrong, classes) == {"points.party"}
