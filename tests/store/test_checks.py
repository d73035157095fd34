"""The check of the server: silent on a good one, and each fault named."""

import subprocess
from pathlib import Path

import psycopg
import pytest

from takuso.store.binaries import find_binaries, find_runner
from takuso.store.checks import VERSION_FLOORS, version_finding
from takuso.store.embedded import start, stop
from takuso.store.findings import Finding
from takuso.store.init import server_findings
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import dsn

from .conftest import Running, Templates


def wrong(findings: list[Finding]) -> dict[str, str]:
    """Names and states of what is not ok; every such finding carries a cure."""
    found: dict[str, str] = {finding.name: finding.state for finding in findings if finding.state != "ok"}
    assert all(finding.cure for finding in findings if finding.name in found)
    assert all(finding.what for finding in findings)
    assert len({finding.name for finding in findings}) == len(findings)
    return found


@pytest.mark.parametrize("name", LOGIN_NAMES)
def test_a_good_server_is_clean_for_every_login(shared: Running, name: str) -> None:
    with psycopg.connect(dsn(shared.home, name)) as connection:
        expected = {"synchronous_commit": "warn"} if name == "ticketer" else {}
        assert wrong(server_findings(connection)) == expected


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (140_020, "bad"),
        (150_017, "bad"),
        (150_018, "ok"),
        (160_013, "bad"),
        (160_014, "ok"),
        (170_009, "bad"),
        (170_010, "ok"),
        (180_003, "bad"),
        (180_004, "ok"),
        (180_099, "ok"),
        (190_001, "bad"),
    ],
)
def test_versions(number: int, state: str) -> None:
    finding = version_finding(number)
    assert finding.state == state
    assert bool(finding.cure) == (state == "bad")


def test_the_floors_cover_15_to_18() -> None:
    assert set(VERSION_FLOORS) == {15, 16, 17, 18}


def test_each_unsafe_setting_is_bad(templates: Templates, tmp_path: Path) -> None:
    home = templates.copy("embedded", tmp_path / "home")
    binaries = find_binaries()
    checksums = [binaries.folder / "pg_checksums", "--disable", "-D", home.path / "postgres" / "data"]
    assert find_runner(binaries, home.path).run(checksums).returncode == 0
    unsafe = {
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_prepared_transactions": "5",
    }
    try:
        start(home, settings=unsafe)
        with psycopg.connect(dsn(home, "web")) as web:
            assert wrong(server_findings(web)) == dict.fromkeys(unsafe, "bad") | {"data_checksums": "warn"}
    finally:
        stop(home)


def test_another_encoding_is_bad(shared: Running) -> None:
    with shared.admin() as admin:
        admin.execute("CREATE DATABASE old TEMPLATE template0 ENCODING 'EUC_JP' LOCALE_PROVIDER libc LOCALE 'C'")
    with shared.admin("old") as admin:
        found = wrong(server_findings(admin))
    assert found["server_encoding"] == "bad"
    # A database nobody has closed lets everyone in.
    assert found["public_database"] == "bad"
    assert found["public_schema"] == "bad"
    assert found["public_functions"] == "bad"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("ALTER DATABASE takuso SET synchronous_commit = off", "synchronous_commit"),
        ("ALTER ROLE ALL SET synchronous_commit = off", "synchronous_commit"),
        ("ALTER ROLE writer SET synchronous_commit = off", "login_settings"),
        ("ALTER ROLE writer IN DATABASE takuso SET search_path = public", "login_settings"),
        ("ALTER ROLE writer CREATEROLE", "logins"),
        ("ALTER ROLE writer RENAME TO scribe", "logins"),
        ("GRANT opener TO writer", "memberships"),
        ("GRANT pg_read_all_data TO writer", "memberships"),
        ("REVOKE opener FROM migrator", "memberships"),
        ("GRANT TEMP ON DATABASE takuso TO PUBLIC", "public_database"),
        ("GRANT CONNECT ON DATABASE takuso TO pg_monitor", "public_database"),
        ("GRANT CREATE ON DATABASE takuso TO web", "public_database"),
        ("GRANT USAGE ON SCHEMA public TO PUBLIC", "public_schema"),
        ("GRANT EXECUTE ON FUNCTION lo_put(oid, bigint, bytea) TO PUBLIC", "public_functions"),
        ("GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "public_functions"),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC", "public_functions"),
    ],
)
def test_each_loose_right_is_bad(shared: Running, statement: str, name: str) -> None:
    with shared.admin() as admin, admin.transaction(force_rollback=True):
        assert wrong(server_findings(admin)) == {}
        admin.execute(statement.encode())
        assert wrong(server_findings(admin))[name] == "bad"


def test_an_open_line_between_machines_is_a_warning(templates: Templates, tmp_path: Path, free_port: int) -> None:
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
    outside = [address for address in addresses if not address.startswith("127.") and ":" not in address]
    if not outside:
        pytest.skip("this machine has no address but loopback")
    home = templates.copy("embedded", tmp_path / "home")
    with (home.path / "postgres" / "data" / "pg_hba.conf").open("a") as rules:
        rules.write("host takuso web samehost scram-sha-256\n")
    try:
        start(home, listen_port=free_port, settings={"listen_addresses": f"127.0.0.1,{outside[0]}"})
        for host, expected in ((outside[0], {"transport": "warn"}), ("127.0.0.1", {})):
            with psycopg.connect(dsn(home, "web"), host=host) as web:
                assert wrong(server_findings(web)) == expected
    finally:
        stop(home)
