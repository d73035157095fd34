"""The home folder of one installation: secrets, database address, kind, and the lock of its server."""

import fcntl
import json
import os
import re
import secrets as entropy
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, cast

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from takuso.store import settings
from takuso.store.errors import StoreError

Kind = Literal["demo", "sandbox", "production"]

DATABASE_NAME: Final = "takuso"
TWIN_PREFIX: Final = "takuso_proof_"
"""How the databases begin that the proof makes and drops."""
EMBEDDED_PORT: Final = 5432
_KINDS: Final = ("demo", "sandbox", "production")
_LOGIN_NAME: Final = re.compile(r"[a-z][a-z_]{0,62}")


class CorruptHome(StoreError):
    """The home folder is not in a state that can be trusted."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"ホームフォルダーを使えません: {what}\n対処: {cure}")
        self.what = what
        self.cure = cure


class HomeInUse(StoreError):
    """Another server runs on this home."""


class KindFixed(StoreError):
    """A home that already holds passwords keeps its kind for life."""


class WrongDatabaseUrl(StoreError):
    """DATABASE_URL cannot be understood."""


class Home:
    """One installation's folder.

    ``database_url`` is the value of DATABASE_URL; None means the embedded server in the home.  User and
    password in it are ignored: every connection names its login and takes the password from ``secrets``.
    """

    def __init__(self, path: Path, *, database_url: str | None = None) -> None:
        self.path = Path(path).resolve()
        self._database_url = _without_user(database_url) if database_url else None

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> "Home":
        """The home named by TAKUSO_HOME (default ``.takuso``) and DATABASE_URL (default: embedded)."""
        return cls(Path(settings.HOME.read(env) or settings.HOME.default), database_url=settings.DATABASE_URL.read(env))

    def __repr__(self) -> str:
        return f"Home({str(self.path)!r})"

    @property
    def embedded(self) -> bool:
        """Whether this home runs its own PostgreSQL."""
        return self._database_url is None

    @property
    def secrets(self) -> Path:
        """The folder of passwords, one file a login, readable by its owner alone."""
        return self.path / settings.SECRETS.name

    @property
    def checkpoint(self) -> Path | None:
        """Where the last signed state of the log is kept outside the database; None for a twin, which has none."""
        if self._database_url and str(conninfo_to_dict(self._database_url).get("dbname")).startswith(TWIN_PREFIX):
            return None
        return self.path / settings.CHECKPOINT.name

    @property
    def erased(self) -> Path | None:
        """Where the texts that were erased are listed outside the database; None for a twin, which has none."""
        return None if self.checkpoint is None else self.path / settings.ERASED.name

    @property
    def patched(self) -> Path:
        """Where a drill keeps its patched copy of the program (see `takuso drill`); usually not there."""
        return self.path / settings.COPY.name

    @property
    def database_url(self) -> str:
        """Host and database, without user and password; raises CorruptHome for a damaged embedded record."""
        if self._database_url is not None:
            return self._database_url
        socket, port = self.embedded_address()
        return make_conninfo("", host=str(socket), port=port, dbname=DATABASE_NAME)

    def embedded_address(self) -> tuple[Path, int]:
        """Socket folder and port of the embedded server, as last started (before that: the default)."""
        record = self.path / settings.POSTGRES.name / "address.json"
        try:
            value = json.loads(record.read_text(encoding="utf-8"))
            return Path(value["socket"]), int(value["port"])
        except FileNotFoundError:
            return self.path / settings.POSTGRES.name / "s", EMBEDDED_PORT
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CorruptHome(
                f"{record} を読めません。", f"サーバーを止め、次を実行して作り直してください: rm '{record}'"
            ) from error

    def create(self) -> None:
        """Make the folder (mode 0700) if it is missing; raises CorruptHome if it belongs to someone else."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            info = self.path.stat()
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            raise CorruptHome(
                f"{self.path} をフォルダーとして作れないか、開けません。",
                "書き込めるフォルダーを TAKUSO_HOME に指定してください。",
            ) from error
        if info.st_uid != os.geteuid():
            raise CorruptHome(
                f"{self.path} の所有者がこの利用者ではありません。",
                f"所有者の利用者で実行するか、次を実行してください: chown -R {os.geteuid()} '{self.path}'",
            )

    @property
    def kind(self) -> Kind:
        """demo, sandbox or production; a home without ``home.json`` is production."""
        record = self.path / settings.KIND.name
        try:
            value = json.loads(record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return "production"
        except (OSError, ValueError) as error:
            raise _unreadable(record) from error
        kind = value.get("kind") if isinstance(value, dict) else None
        if kind not in _KINDS:
            raise _unreadable(record)
        return cast("Kind", kind)

    def declare(self, kind: Kind) -> None:
        """Write the kind into a new home.  Raises KindFixed if the home already lives as another kind."""
        self.create()
        record = self.path / settings.KIND.name
        if record.exists() or self._holds_secrets():
            if self.kind != kind:
                raise KindFixed(
                    f"このホームは {self.kind} として使われています。{kind} にはできません。\n"
                    "対処: 別のフォルダーを TAKUSO_HOME に指定してください。"
                )
            return
        write_private(record, json.dumps({"kind": kind}) + "\n")

    def has_secret(self, login: str) -> bool:
        """Whether a password for the login is kept here (its file is not read)."""
        try:
            return (self.secrets / _checked(login)).exists()
        except PermissionError as error:
            raise CorruptHome(
                f"{self.secrets} を開けません。", "このホームを作った利用者で実行してください。"
            ) from error

    def secret(self, login: str) -> str:
        """The password of a login.  Raises CorruptHome when missing, empty, foreign or readable by others."""
        file = self.secrets / _checked(login)
        try:
            self._check_private(self.secrets, directory=True)
            self._check_private(file, directory=False)
            value = file.read_text(encoding="utf-8").rstrip("\n")
        except FileNotFoundError:
            raise CorruptHome(
                f"{login} のパスワード（{file}）がありません。",
                "控えから戻すか、管理者の接続先を付けて作り直してください: "
                "takuso store init --admin-url URL --reset-passwords",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise CorruptHome(f"{file} を読めません。", f"次を実行してください: chmod 600 '{file}'") from error
        if not value:
            raise CorruptHome(f"{file} が空です。", f"控えから戻すか、次を実行してください: rm '{file}'")
        return value

    def write_secret(self, login: str, value: str) -> None:
        """Keep a password (file 0600 in a folder 0700), replacing the former one in one step."""
        self.create()
        self.secrets.mkdir(exist_ok=True, mode=0o700)
        self._check_private(self.secrets, directory=True)
        write_private(self.secrets / _checked(login), value)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for one server; raises HomeInUse while another process holds it."""
        self.create()
        with (self.path / settings.LOCK.name).open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise HomeInUse(
                    f"このホーム（{self.path}）では別のサーバー（プロセス {file.read().strip()}）が"
                    "動いています。\n"
                    "対処: そのサーバーを止めるか、別のフォルダーを TAKUSO_HOME に指定してください。"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def _holds_secrets(self) -> bool:
        return self.secrets.is_dir() and any(self.secrets.iterdir())

    def _check_private(self, path: Path, *, directory: bool) -> None:
        info = path.lstat()
        right_type = stat.S_ISDIR(info.st_mode) if directory else stat.S_ISREG(info.st_mode)
        if not right_type:
            raise CorruptHome(f"{path} が通常の{'フォルダー' if directory else 'ファイル'}ではありません。",
                              "中身を確かめ、控えから戻してください。")  # fmt: skip
        if info.st_uid != os.geteuid():
            raise CorruptHome(
                f"{path} の所有者がこの利用者ではありません。",
                f"所有者の利用者で実行するか、次を実行してください: chown {os.geteuid()} '{path}'",
            )
        if info.st_mode & 0o077:
            raise CorruptHome(
                f"{path} をほかの利用者が読めます。",
                f"次を実行し、パスワードも作り直してください: chmod {'700' if directory else '600'} '{path}'",
            )


def new_secret() -> str:
    """A password of 256 random bits in hexadecimal."""
    return entropy.token_hex(32)


def _checked(login: str) -> str:
    if not _LOGIN_NAME.fullmatch(login):
        raise ValueError(f"not a login name: {login!r}")
    return login


def _unreadable(record: Path) -> CorruptHome:
    return CorruptHome(
        f"{record} を読めないか、形式が違います。",
        "控えから戻すか、demo, sandbox, production のどれかを次の形で書いてください: "
        f"echo '{{\"kind\": \"demo\"}}' > '{record}'",
    )


def write_private(file: Path, value: str) -> None:
    """Write a file for its owner alone, whole or not at all, replacing a former one."""
    new = file.with_name(f"{file.name}.new-{entropy.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(value)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def _without_user(url: str) -> str:
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        parts = {}
    if not parts.get("dbname"):
        raise WrongDatabaseUrl(
            "DATABASE_URL を読めないか、データベース名がありません。\n"
            "対処: postgresql://ホスト:5432/データベース名 の形で指定してください。"
        )
    return make_conninfo("", **{k: v for k, v in parts.items() if k not in {"user", "password"}})
