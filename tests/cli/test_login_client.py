"""`takuso login client`: a credential for a retailer's system, shown once and ended at once."""

import json

from tests.cli.conftest import Takuso


def test_issued_shown_once_and_ended(takuso: Takuso) -> None:
    made = takuso("login", "client", "hikari-clerk", "--json")
    assert made.code == 0, made.err
    found = json.loads(made.out)
    assert found.keys() == {"person", "client_id", "client_secret"}
    shown = takuso("login", "client", "hikari-clerk")
    assert "client_id=api-" in shown.out
    assert found["client_secret"] not in shown.out + shown.err
    ended = takuso("login", "client", "hikari-clerk", "--end", "--json")
    assert json.loads(ended.out) == {"person": "hikari-clerk", "ended": 2}


def test_whom_it_is_not_for(takuso: Takuso) -> None:
    for person, said in (
        ("td-intake", "小売電気事業者の利用者にだけ"),
        ("nobody", "発令がちょうど 1 つではありません"),
    ):
        ended = takuso("login", "client", person)
        assert ended.code == 2
        assert said in ended.err
        assert "対処: " in ended.err
