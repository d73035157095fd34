"""A twin: a database of its own that carries the wall of the home's database as it stands, without its data.

Tables, policies, functions, grants and rows of rules come from the real one by pg_dump, so that whatever was opened
there by hand is open here too. Customers and people are invented (canary.py); nothing of a real one is copied. Days of
the log that are neither today nor next to it stay behind, unless something about them is not as it is made.
"""

import os
import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from takuso.barrier.fingerprint import catalogue_lines
from takuso.store.binaries import find_binaries
from takuso.store.errors import StoreError
from takuso.store.home import TWIN_PREFIX, Home
from takuso.store.init import drop_spares, spare_database

# What a deployment brings, and nothing that work or people leave behind.
CARRIED: Final = (
    "wall.home",
    "wall.rule_version",
    "wall.rule",
    "wall.screen",
    "wall.purpose",
    "wall.action",
    "wall.register",
    "wall.sign_in_limit",
    "web.applied_script",
    "web.django_migrations",
)
_A_DAY: Final = 24 * 3600
# What a newer pg_dump says that an older server does not know.
# Whatever of a past or coming day is not as log.extend makes it comes along, and is found.
_IDLE_DAYS: Final = """
SELECT format('%I.%I', n.nspname, c.relname)
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.oid = p.relnamespace
 WHERE n.nspname = 'log' AND c.relispartition AND c.relkind = 'r' AND c.relname ~ '_[0-9]{8}$'
   AND abs(to_date(right(c.relname, 8), 'YYYYMMDD') - (clock_timestamp() AT TIME ZONE 'Asia/Tokyo')::date) > 1
   AND c.relrowsecurity AND c.relforcerowsecurity AND c.relowner = p.relowner AND c.relacl IS NULL
   AND NOT EXISTS (SELECT FROM pg_policy y WHERE y.polrelid = c.oid)
   AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgparentid = 0)
   AND NOT EXISTS (SELECT FROM pg_rewrite w WHERE w.ev_class = c.oid)
   AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL)"""
_META: Final = re.compile(r"^(\\(un)?restrict\b.*|SET transaction_timeout = .*)$", re.MULTILINE)


class NoTwin(StoreError):
    """The twin could not be made."""


class NotTheSame(Exception):
    """The twin does not carry the wall as it stands; `apart` are the catalogue's lines that differ."""

    def __init__(self, apart: list[str]) -> None:
        super().__init__(f"{len(apart)} lines of the catalogue differ, the first: {apart[0][:120]}")
        self.apart = apart


class TwinHome(Home):
    """The home of a twin: the real one's passwords, the twin's database, and a demo's manners."""

    @property
    def kind(self) -> Literal["demo"]:
        """A twin is a demo whatever the real home is: its people are invented and sign in as such."""
        return "demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A twin while it lasts. `admin_url` is a superuser's address of the twin's database."""

    home: TwinHome
    admin_url: str


@contextmanager
def twin(home: Home, admin_url: str) -> Iterator[Twin]:
    """Make a twin of this home's database, and drop it at the end. Raises NoTwin, NotTheSame, NotAdministrator."""
    source = make_conninfo(admin_url, dbname=str(conninfo_to_dict(home.database_url)["dbname"]))
    drop_spares(admin_url, _left_behind)
    name = f"{TWIN_PREFIX}{int(time.time())}_{secrets.token_hex(4)}"
    with spare_database(admin_url, name) as inside:
        _restore(inside, _dump(source, _left_out(source), _idle_days(source)))
        _compare(source, inside)
        made = TwinHome(home.path, database_url=make_conninfo(home.database_url, dbname=name))
        yield Twin(home=made, admin_url=inside)


def _left_behind(name: str) -> bool:
    """Whether this database is a twin whose run was killed: none lasts a day."""
    born = name.removeprefix(TWIN_PREFIX).partition("_")[0]
    return name.startswith(TWIN_PREFIX) and born.isdigit() and int(born) < time.time() - _A_DAY


def _compare(source: str, inside: str) -> None:
    with psycopg.connect(source) as real, psycopg.connect(inside) as copy:
        apart = sorted(set(catalogue_lines(real)) ^ set(catalogue_lines(copy)))
    if apart:
        raise NotTheSame(apart)


def _left_out(source: str) -> list[str]:
    """Every table whose rows stay where they are, by exact name."""
    with psycopg.connect(source) as connection:
        rows = connection.execute(
            """SELECT format('%I.%I', n.nspname, c.relname), n.nspname || '.' || c.relname
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"""
        ).fetchall()
    return [quoted for quoted, name in rows if name not in CARRIED]


def _idle_days(source: str) -> list[str]:
    """The log's partitions that nobody will write to meanwhile, and that are as they are made, by exact name."""
    with psycopg.connect(source) as connection:
        return [name for (name,) in connection.execute(_IDLE_DAYS).fetchall()]


def _dump(source: str, left_out: list[str], absent: list[str]) -> str:
    parts = conninfo_to_dict(source)
    secret = str(parts.pop("password", ""))
    command: list[str | Path] = [find_binaries().folder / "pg_dump", "--dbname", make_conninfo("", **parts)]
    command += ["--column-inserts", "--no-comments", "--no-publications", "--no-subscriptions"]
    command += [f"--exclude-table-data={name}" for name in left_out]
    command += [f"--exclude-table={name}" for name in absent]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=kept | {"LC_ALL": "C", "PGPASSWORD": secret}
        )
    except OSError as error:
        raise NoTwin(f"pg_dump を動かせません（{error.strerror}）。\n対処: PG_BINDIR を確かめてください。") from None
    if done.returncode:
        raise NoTwin(
            f"壁の写しを作れません（{done.stderr.strip().splitlines()[-1:]}）。\n"
            "対処: pg_dump の版がサーバーの版以上かを確かめてください（PG_BINDIR）。"
        )
    return done.stdout


def _restore(inside: str, text: str) -> None:
    with psycopg.connect(inside, autocommit=True) as connection:
        connection.execute(_META.sub("", text).encode())
        connection.execute("SET search_path = pg_catalog")
        connection.execute("UPDATE wall.home SET kind = 'demo', shift = '0'")
        connection.execute("ANALYZE")
