"""Exit codes, JSON documents, and messages that say what to do next."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from takuso.barrier.matrix import RULES
from takuso.barrier.signin import LinkRefused, SignIns
from takuso.main import SCREENS
from takuso.store.home import Kind
from takuso.store.pools import Pools
from tests.cli.conftest import Takuso
from tests.ready import READY


def test_screens_have_codes_of_their_own() -> None:
    codes = [screen.code for screen in SCREENS]
    assert sorted(set(codes)) == sorted(codes)
    assert {"MN00", "KF10", "CI10", "CI20", "PU10", "AL10", "AL30", "SP10"} <= set(codes)


def test_the_commands_load_neither_django_nor_the_engines() -> None:
    heavy = "{'django', 'duckdb', 'pyarrow', 'numpy', 'typst'}"
    asked = f"import sys, takuso.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [(("barrier", "matrix", "--json"), "demo", 0), (("nothing", "--json"), "demo", 2), (("demo",), "sandbox", 3)],
    ids=str,
)
def test_forked_it_is_the_same_command(
    empty: Takuso, tmp_path: Path, words: tuple[str, ...], kind: Kind, code: int
) -> None:
    """The tests fork the program off one that has it loaded: it ends and says what a process of its own does."""
    empty.home.declare(kind)
    command = [sys.executable, "-m", "takuso.main", *words]
    real = subprocess.run(command, env=empty.env, capture_output=True, text=True, check=False)
    forked = READY.run(words, empty.env, timeout=60, cwd=tmp_path)
    assert real.returncode == code, real.stderr
    assert (forked.returncode, forked.stdout, forked.stderr) == (real.returncode, real.stdout, real.stderr)


def test_a_forked_command_that_hangs_is_ended(empty: Takuso) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        READY.run(["log", "show"], empty.env | {"DATABASE_URL": "postgresql://192.0.2.1/takuso"}, timeout=0.05)
    assert READY.run(["nothing"], empty.env, timeout=60).returncode == 2


def test_help_is_japanese(takuso: Takuso) -> None:
    ended = takuso("--help")
    assert ended.code == 0
    assert "終了コード" in ended.out
    assert "はじめる" in ended.out


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (("doctor",), {"ok", "home", "findings"}),
        (("barrier", "matrix"), {"digest", "changes", "waiting", "rules"}),
        (("demo", "customers", "--kind", "own", "--person", "aoi-clerk"), {"customers"}),
        (("demo", "--keep"), {"ok", "home", "built", "today"}),
        (("store", "migrate"), {"ok", "rule_version"}),
        (("jobs", "once"), {"ok", "jobs"}),
        (("log", "show", "--last", "3"), {"receipt", "records"}),
        (("login", "link", "td-intake"), {"person", "url", "code", "hours", "reset"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_json_is_one_document_on_stdout(takuso: Takuso, arguments: tuple[str, ...], keys: set[str]) -> None:
    ended = takuso(*arguments, "--json")
    assert ended.code == 0, ended.err
    assert set(ended.document) == keys


def test_doctor_finds_a_new_home_good(takuso: Takuso) -> None:
    found = {finding["name"]: finding for finding in takuso("doctor", "--json").document["findings"]}
    assert {f["state"] for f in found.values()} <= {"ok", "warn"}
    assert {
        "secrets",
        "version",
        "logins",
        "rules",
        "register",
        "row_security",
        "policies",
        "table_rights",
        "functions",
        "log_days",
        "clock",
        "stamps",
        "disk",
        "font",
    } <= found.keys()
    assert all(not f["cure"] for f in found.values() if f["state"] == "ok")


def test_matrix_prints_every_rule(takuso: Takuso) -> None:
    assert len(takuso("barrier", "matrix", "--json").document["rules"]) == len(RULES)
    assert "情報管理・監査" in takuso("barrier", "matrix").out


def test_matrix_says_from_when_to_when_and_on_what_ground(takuso: Takuso) -> None:
    out = takuso("barrier", "matrix").out
    assert "適用開始" in out
    assert "適用終了" in out
    assert "ここに行のない組み合わせは、すべて見られません" in out
    for rule in RULES:
        assert str(rule.since) in out
        assert f": {rule.article}\n" in out
        assert f"注記: {rule.note}\n" in out
    assert max(cell_len(line.rstrip()) for line in out.splitlines()) <= 100


@pytest.mark.parametrize(("day", "count"), [("2016-03-31", 0), ("2016-04-01", len(RULES)), ("2026-11-27", len(RULES))])
def test_matrix_of_a_day(takuso: Takuso, day: str, count: int) -> None:
    told = takuso("barrier", "matrix", "--at", day, "--json").document
    assert (told["at"], len(told["rules"])) == (day, count)
    out = takuso("barrier", "matrix", "--at", day).out
    assert day in out
    assert ("2016-04-01  " in out) == (count > 0)
    assert takuso("barrier", "matrix", "--at", "yesterday").code == 2


@pytest.mark.parametrize("kind", ["own", "foreign", "switched", "vacant"])
def test_customers_have_their_shape(takuso: Takuso, kind: str) -> None:
    found = takuso.customers(kind, "aoi-clerk", 3)
    assert found
    for customer in found:
        assert set(customer) == {"customer_code", "supply_point", "holder", "name"}
        assert len(customer["customer_code"]) == 14
        assert len(customer["supply_point"]) == 22
        assert (customer["holder"] == "aoi") == (kind == "own")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("demo",),
        ("demo", "--points", "0"),
        ("demo", "--keep", "--now", "1999-01-01"),
        ("demo", "customers", "--kind", "rich", "--person", "aoi-clerk"),
        ("demo", "customers", "--kind", "own", "--person", "nobody"),
        ("login", "link", "nobody"),
        ("log", "show", "--as", "nobody"),
        ("serve", "--doors", "back"),
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2(takuso: Takuso, arguments: tuple[str, ...]) -> None:
    ended = takuso(*arguments, "--json")
    assert ended.code == 2
    assert ended.err
    assert ended.document["ok"] is False


def test_a_home_nobody_prepared(empty: Takuso) -> None:
    for arguments in (("serve",), ("log", "show"), ("jobs", "once"), ("store", "start")):
        ended = empty(*arguments)
        assert ended.code == 3
        assert "対処" in ended.err
    told = empty("doctor", "--json")
    assert told.code == 1
    assert told.document["ok"] is False
    assert empty("demo", "customers", "--kind", "own", "--person", "aoi-clerk").code == 2


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (lambda folder: (folder / "home.json").write_text("{"), "home.json"),
        (lambda folder: (folder / "secrets" / "ticketer").write_text(""), "ticketer"),
        (lambda folder: (folder / "secrets" / "web").chmod(0o644), "chmod 600"),
    ],
    ids=["kind unreadable", "password empty", "password open"],
)
def test_a_corrupt_home(takuso: Takuso, tmp_path: Path, damage: object, word: str, free_port: int) -> None:
    assert callable(damage)
    broken = _without_server(takuso, tmp_path)
    damage(broken.folder)
    ended = broken("serve", PORT=str(free_port), DATABASE_URL=_address_of(takuso))
    assert ended.code == 3
    assert word in ended.err


def test_a_dead_database(takuso: Takuso, tmp_path: Path, free_port: int) -> None:
    lonely = _without_server(takuso, tmp_path)
    url = f"postgresql://127.0.0.1:{free_port}/takuso"
    ended = lonely("log", "show", "--json", DATABASE_URL=url)
    assert ended.code == 3
    assert ended.document["ok"] is False
    told = lonely("doctor", "--json", DATABASE_URL=url)
    assert told.code == 1
    # Said once for all logins, which would each wait for themselves.
    assert [f["name"] for f in told.document["findings"] if f["state"] == "bad"] == ["database"]


def _without_server(takuso: Takuso, tmp_path: Path) -> Takuso:
    """A copy of the home's passwords and kind alone."""
    folder = tmp_path / "copy"
    folder.mkdir(mode=0o700)
    shutil.copytree(takuso.folder / "secrets", folder / "secrets")
    shutil.copy(takuso.folder / "home.json", folder)
    return takuso.on(folder)


def _address_of(takuso: Takuso) -> str:
    record = json.loads((takuso.folder / "postgres" / "address.json").read_text())
    return f"postgresql:///takuso?host={record['socket']}&port={record['port']}"


def test_a_home_keeps_its_kind(takuso: Takuso) -> None:
    ended = takuso("store", "init", "--kind", "production")
    assert ended.code == 3
    assert "TAKUSO_HOME" in ended.err


def test_a_production_home_takes_no_demo(empty: Takuso) -> None:
    empty.home.declare("production")
    assert empty("demo").code == 3


def test_a_foreign_server_needs_an_administrator(empty: Takuso) -> None:
    ended = empty("store", "init", DATABASE_URL="postgresql://127.0.0.1:1/takuso")
    assert ended.code == 2
    assert "--admin-url" in ended.err


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1"])
def test_a_port_that_is_none(takuso: Takuso, text: str) -> None:
    assert takuso("serve", PORT=text).code == 2


def test_a_port_in_use(takuso: Takuso) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ended = takuso("serve", PORT=str(other.getsockname()[1]))
    assert ended.code == 3
    assert "ポート" in ended.err


def test_reading_the_log_is_in_the_log(takuso: Takuso) -> None:
    first = takuso("log", "show", "--last", "1", "--json").document["receipt"]
    records = takuso("log", "show", "--person", "td-compliance", "--screen", "AL10", "--json").document["records"]
    read = next(record for record in records if record["receipt"] == first)
    assert read["decision"] == "shown"
    assert read["kind"] == "log"


@pytest.mark.parametrize("person", ["aoi-clerk", "td-intake", "td-admin"])
def test_only_compliance_reads_the_log(takuso: Takuso, person: str) -> None:
    ended = takuso("log", "show", "--as", person, "--json")
    assert ended.code == 3
    assert "受付番号" in ended.document["error"]
    records = takuso("log", "show", "--person", person, "--json").document["records"]
    assert "refused" in {record["decision"] for record in records}


def test_a_link_is_good_once(takuso: Takuso) -> None:
    code = takuso("login", "link", "aoi-clerk", "--json").document["code"]
    with Pools(takuso.home, ["authn"]) as pools:
        proof = SignIns(pools).by_link(code)
        viewer = SignIns(pools).who(proof)
        assert viewer is not None
        assert viewer.person_code == "aoi-clerk"
        with pytest.raises(LinkRefused):
            SignIns(pools).by_link(code)


def _record(customer: dict[str, str], **changes: str) -> tuple[str, ...]:
    given = {
        "--customer": customer["customer_code"],
        "--retailer": "asahi",
        "--from": "2026-11-01",
        "--reason": "訂正",
        "--as": "td-intake",
        "--purpose": "IDO",
        "--reference": "IDO-1",
    } | {f"--{name}": value for name, value in changes.items()}
    return (
        "points",
        "record-supply",
        customer["supply_point"],
        *(word for pair in given.items() for word in pair),
        "--json",
    )


def test_a_supplier_is_recorded_through_the_gate(takuso: Takuso) -> None:
    # Not the first: other tests on this home take that one for a customer of 葵電力.
    customer = takuso.customers("own", "aoi-clerk", 3)[-1]
    ended = takuso(*_record(customer))
    assert ended.code == 0, ended.err
    assert ended.document["changed"] >= 1
    records = takuso("log", "show", "--customer", customer["customer_code"], "--json").document["records"]
    change = next(record for record in records if record["kind"] == "write")
    assert (change["person"], change["action"], change["decision"]) == ("td-intake", "points.record_supply", "shown")
    assert change["rendered"] is True
    assert change["customer"] == customer["customer_code"]
    stamps = [f for f in takuso("doctor", "--json").document["findings"] if f["name"] == "stamps"]
    assert stamps[0]["state"] == "ok"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"retailer": "nobody"}, 2),
        ({"retailer": "aoi-td"}, 2),
        ({"to": "2026-10-01"}, 2),
        ({"purpose": "RYO"}, 2),
        ({"reference": " "}, 2),
        ({"as": "td-billing", "purpose": "RYO"}, 3),
        ({"as": "aoi-clerk"}, 2),
    ],
    ids=str,
)
def test_a_supplier_that_cannot_be_recorded(takuso: Takuso, changes: dict[str, str], code: int) -> None:
    customer = takuso.customers("foreign", "aoi-clerk")[0]
    ended = takuso(*_record(customer, **changes))
    assert ended.code == code, ended.err
    assert ended.document["ok"] is False


def test_a_number_that_is_none(takuso: Takuso) -> None:
    assert takuso(*_record({"customer_code": "12345678901234", "supply_point": "123"})).code == 2


def test_a_purpose_is_for_a_customer_code(takuso: Takuso) -> None:
    point = takuso.customers("foreign", "aoi-clerk")[0]["supply_point"]
    ended = takuso(*_record({"customer_code": point, "supply_point": point}))
    assert ended.code == 2
    assert "--customer" in ended.err


def test_a_reset_ends_what_was_there(takuso: Takuso) -> None:
    with Pools(takuso.home, ["authn"]) as pools:
        signins = SignIns(pools)
        former = signins.by_link(signins.issue_link("hikari-clerk"))
        document = takuso("login", "link", "hikari-clerk", "--reset", "--json").document
        assert document["reset"] is True
        assert signins.who(former) is None
        assert signins.who(signins.by_link(document["code"])) is not None
    assert takuso("login", "link", "nobody", "--reset").code == 2


def test_the_first_administrator_comes_first(takuso: Takuso) -> None:
    names = ("--name", "山田 太郎", "--company", "x-nw", "--company-name", "某送配電")
    ended = takuso("login", "first-administrator", "yamada", *names)
    assert ended.code == 3
    assert "すでに利用者がいます" in ended.err
    assert takuso("login", "first-administrator", "Yamada!", *names).code == 2
    assert takuso("login", "first-administrator", "yamada", *names[:1], " ", *names[2:]).code == 2


def test_the_first_of_compliance_comes_once(takuso: Takuso) -> None:
    """Whoever is at the machine cannot appoint a second person who approves: that goes by proposal."""
    ended = takuso("login", "first-compliance", "suzuki", "--name", "鈴木 花子")
    assert ended.code == 3
    assert "すでにあります" in ended.err
    assert takuso("login", "first-compliance", "Suzuki!", "--name", "鈴木").code == 2
    assert takuso("login", "first-compliance", "suzuki", "--name", " ").code == 2


def test_a_fresh_production_home_begins_with_a_link(empty: Takuso) -> None:
    made = empty("store", "init", "--kind", "production", "--json")
    assert made.document["people"] == "empty"
    names = ("--name", "山田 太郎", "--company", "x-nw", "--company-name", "某送配電")
    document = empty("login", "first-administrator", "yamada", *names, "--json").document
    assert document["url"].endswith(f"/login/once/{document['code']}")
    assert empty("store", "init", "--json").document["people"] == "waiting"
    again = empty("login", "first-administrator", "suzuki", *names)
    assert again.code == 3
    assert _watch(empty) == "warn"
    second = ("login", "first-compliance")
    assert empty(*second, "yamada", "--name", "山田 太郎").code == 3
    assert "別の人" in empty(*second, "yamada", "--name", "山田 太郎").err
    document = empty(*second, "suzuki", "--name", "鈴木 花子", "--json").document
    assert document["url"].endswith(f"/login/once/{document['code']}")
    assert _watch(empty) == "ok"
    assert empty(*second, "sato", "--name", "佐藤").code == 3


def _watch(takuso: Takuso) -> str:
    found = takuso("doctor", "--json").document["findings"]
    return next(str(finding["state"]) for finding in found if finding["name"] == "watch")


def test_nobody_of_compliance_before_there_is_an_administrator(empty: Takuso) -> None:
    empty("store", "init", "--kind", "production")
    ended = empty("login", "first-compliance", "suzuki", "--name", "鈴木 花子")
    assert ended.code == 3
    assert "first-administrator" in ended.err
