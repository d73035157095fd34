"""`takuso barrier verify` as it is typed, beside a home whose database is up."""

from pathlib import Path
from typing import Any

import psycopg

from tests.cli.conftest import Takuso


def test_one_document_of_the_agreed_form(takuso: Takuso) -> None:
    ended = takuso("barrier", "verify", "--only", "doors", "--only", "tampering", "--json")
    assert ended.code == 0, ended.err
    document = ended.document
    assert document["ok"] is True
    assert document["findings"] == []
    assert list(document["coverage"]) == ["doors", "transitions", "persons", "kinds", "cells", "reached"]
    assert all(isinstance(value, int) for value in document["coverage"].values())
    assert document["seconds"] > 0
    assert [check["name"] for check in document["checks"]] == ["doors", "tampering"]
    assert "出入口の登録簿（doors）" in ended.err


def test_a_hole_in_the_home_s_database_is_a_finding_and_exit_1(
    takuso: Takuso, superuser: psycopg.Connection[Any]
) -> None:
    superuser.execute("CREATE VIEW public.shortcut AS SELECT 1 AS one")
    try:
        ended = takuso("barrier", "verify", "--only", "catalogue", "--json")
        table = takuso("barrier", "verify", "--only", "catalogue")
    finally:
        superuser.execute("DROP VIEW public.shortcut")
    assert ended.code == table.code == 1
    assert ended.document["ok"] is False
    assert {
        "check": "catalogue",
        "where": "public.shortcut",
        "what": "ビュー・実体化ビュー・外部表は壁を迂回します",
    } in (ended.document["findings"])
    assert "要対処" in table.out
    assert "[catalogue] public.shortcut" in table.out


def test_a_fast_failure_stops_before_the_costly_checks(takuso: Takuso, superuser: psycopg.Connection[Any]) -> None:
    superuser.execute("CREATE VIEW public.shortcut AS SELECT 1 AS one")
    try:
        ended = takuso("barrier", "verify", "--fail-fast", "--json")
    finally:
        superuser.execute("DROP VIEW public.shortcut")
    assert ended.code == 1
    assert [check["name"] for check in ended.document["checks"]] == ["doors", "imports", "rule", "catalogue"]


def test_no_such_check_says_which_there_are(takuso: Takuso) -> None:
    ended = takuso("barrier", "verify", "--only", "everything")
    assert ended.code == 2
    assert "検査 everything はありません。" in ended.err
    assert "two-run" in ended.err


def test_a_home_that_is_not_prepared_says_what_to_do(empty: Takuso) -> None:
    ended = empty("barrier", "verify", "--json")
    assert ended.code == 3
    assert "takuso demo" in ended.document["error"]


def test_a_book_and_another_compared(takuso: Takuso, tmp_path: Path, superuser: psycopg.Connection[Any]) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert takuso("barrier", "verify", "--only", "catalogue", "--book", str(first)).code == 0
    assert (first / "book.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    same = takuso("barrier", "compare", str(first), str(first / "book.json"), "--json")
    assert (same.code, same.document) == (0, {"ok": True, "differences": []})
    superuser.execute("CREATE VIEW public.shortcut AS SELECT 1 AS one")
    try:
        assert takuso("barrier", "verify", "--only", "catalogue", "--book", str(second)).code == 1
    finally:
        superuser.execute("DROP VIEW public.shortcut")
    ended = takuso("barrier", "compare", str(first), str(second))
    assert ended.code == 1
    assert "検査 catalogue: 良 → 要対処" in ended.out
    assert "カタログの SHA-256" in ended.out
    assert takuso("barrier", "compare", str(first), str(tmp_path)).code == 2


def test_a_book_that_cannot_be_written(takuso: Takuso, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ended = takuso("barrier", "verify", "--only", "doors", "--book", str(tmp_path / "file"))
    assert ended.code == 3
    assert "証明書を書けませんでした" in ended.err
