"""The home folder: what is believed, what is refused, and what the person reads then."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from takuso.store.home import CorruptHome, Home, HomeInUse, KindFixed, WrongDatabaseUrl


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.write_secret("web", "s3cret")
    return home


def test_a_home_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.from_environment({}).path == tmp_path / ".takuso"
    assert Home.from_environment({"TAKUSO_HOME": "elsewhere", "DATABASE_URL": ""}).path == tmp_path / "elsewhere"
    assert Home.from_environment({}).embedded
    assert not Home.from_environment({"DATABASE_URL": "postgresql://db.example/takuso"}).embedded


def test_a_link_leads_to_the_same_home(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert Home(tmp_path / "link").path == Home(tmp_path / "real").path


def test_the_database_url_loses_user_and_password(tmp_path: Path) -> None:
    home = Home(tmp_path, database_url="postgresql://root:hunter2@db.example:6543/takuso?sslmode=verify-full")
    assert conninfo_to_dict(home.database_url) == {
        "host": "db.example",
        "port": "6543",
        "dbname": "takuso",
        "sslmode": "verify-full",
    }


@pytest.mark.parametrize("url", ["postgresql://db.example", "takuso", "mysql://db.example/takuso", "host=a b"])
def test_a_database_url_that_names_no_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(WrongDatabaseUrl, match="postgresql://"):
        Home(tmp_path, database_url=url)


def test_a_secret_is_kept_for_its_owner_alone(home: Home) -> None:
    assert home.secret("web") == "s3cret"
    assert home.secrets.stat().st_mode & 0o777 == 0o700
    assert (home.secrets / "web").stat().st_mode & 0o777 == 0o600
    home.write_secret("web", "n3w")
    assert home.secret("web") == "n3w"
    assert [file.name for file in home.secrets.iterdir()] == ["web"]


@pytest.mark.parametrize("name", ["", "../home.json", "Web", "a/b", "1web", "web\n"])
def test_a_login_name_is_no_path(home: Home, name: str) -> None:
    with pytest.raises(ValueError, match="login"):
        home.secret(name)


CORRUPT: dict[str, tuple[Callable[[Home], object], str]] = {
    "secret missing": (lambda h: (h.secrets / "web").unlink(), "--reset-passwords"),
    "secret empty": (lambda h: (h.secrets / "web").write_text(""), "rm '"),
    "secret not text": (lambda h: (h.secrets / "web").write_bytes(b"\xff\xfe"), "chmod 600"),
    "secret read by the group": (lambda h: (h.secrets / "web").chmod(0o640), "chmod 600"),
    "secret read by the world": (lambda h: (h.secrets / "web").chmod(0o604), "chmod 600"),
    "folder read by the world": (lambda h: h.secrets.chmod(0o755), "chmod 700"),
    "secret is a folder": (lambda h: ((h.secrets / "web").unlink(), (h.secrets / "web").mkdir()), "控え"),
    "secret is a link": (
        lambda h: ((h.secrets / "web").rename(h.path / "x"), (h.secrets / "web").symlink_to(h.path / "x")),
        "控え",
    ),
}


@pytest.mark.parametrize("case", CORRUPT)
def test_a_corrupt_secret_is_refused_with_its_cure(home: Home, case: str) -> None:
    damage, cure = CORRUPT[case]
    damage(home)
    with pytest.raises(CorruptHome) as caught:
        home.secret("web")
    assert cure in caught.value.cure
    assert "対処: " in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_secrets_of_another_owner_are_refused(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = home.path.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    with pytest.raises(CorruptHome, match="所有者"):
        home.secret("web")
    with pytest.raises(CorruptHome, match="chown"):
        home.create()


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(CorruptHome, match="TAKUSO_HOME"):
        Home(tmp_path / "home").create()


def test_the_kind_is_production_unless_declared(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert home.kind == "production"
    home.declare("demo")
    home.declare("demo")
    assert home.kind == "demo"
    with pytest.raises(KindFixed, match="demo"):
        home.declare("sandbox")


def test_a_home_in_use_does_not_become_a_demo(home: Home) -> None:
    with pytest.raises(KindFixed, match="production"):
        home.declare("demo")
    assert home.kind == "production"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"kind": "Demo"}', '{"kind": null}', '"demo"', "\x80"])
def test_a_malformed_record_is_not_taken_for_production(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    (tmp_path / "home.json").write_text(text, encoding="latin-1")
    with pytest.raises(CorruptHome, match=r"home\.json"):
        _ = home.kind


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"socket": 1, "port": 5432}', '{"socket": "/x", "port": "y"}'])
def test_a_malformed_address_is_refused(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "address.json").write_text(text)
    with pytest.raises(CorruptHome, match="rm '"):
        _ = home.database_url


def test_one_server_a_home(home: Home) -> None:
    script = f"from takuso.store.home import *\nwith Home({str(home.path)!r}).lock(): print('held')"

    def other() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    with home.lock():
        assert "HomeInUse" in other().stderr
        with pytest.raises(HomeInUse, match=str(home.path)), home.lock():
            pass
    assert other().stdout == "held\n"
