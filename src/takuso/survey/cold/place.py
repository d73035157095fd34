"""Where cold days lie: address, bucket and keys, as they were configured. Nothing here is sent anywhere."""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION: Final = re.compile(r"[a-z0-9-]{1,64}")
_PREFIX: Final = re.compile(r"[A-Za-z0-9!_.*'()/-]{0,200}")


class WrongPlace(Exception):
    """A setting of the store cannot be used; Japanese, names the setting and says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What signs a request. No part of it is shown, not even in a traceback."""

    access: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A bucket of a store. `endpoint` None: Amazon's own of the region. `seconds` is the wait for one answer."""

    bucket: str
    keys: Keys
    region: str
    prefix: str
    seconds: int
    endpoint: str | None = None
    ca: Path | None = None

    def __str__(self) -> str:
        return f"{self.endpoint or 'Amazon S3'} のバケット {self.bucket}"

    @property
    def address(self) -> str:
        """The store as cold.json names it."""
        return (self.endpoint or "Amazon S3").rstrip("/")

    def has(self, endpoint: str, bucket: str) -> bool:
        """Whether what cold.json says to lie there lies here: another bucket is never asked in its name."""
        return (self.address, self.bucket) == (endpoint.rstrip("/"), bucket)

    @property
    def here(self) -> bool:
        """True if the store is on this machine."""
        return self.endpoint is not None and _is_here(urlsplit(self.endpoint).hostname or "")


def checked(place: Place, names: dict[str, str], *, plain: bool) -> Place:
    """The place as it is, if it can be used. `names`: the setting of each field, for the message; `plain` allows http
    to other machines. Raises WrongPlace."""
    for value, rule, name, words in (
        (place.bucket, _BUCKET, "bucket", "英小文字・数字・ピリオド・ハイフンの 3 字から 63 字"),
        (place.region, _REGION, "region", "英小文字・数字・ハイフン"),
        (place.prefix, _PREFIX, "prefix", "英数字と !_.*'()/- の 200 字まで"),
    ):
        if not rule.fullmatch(value):
            raise WrongPlace(f"{names[name]} の値「{value}」は使えません。\n対処: {words}で書いてください。")
    if place.ca is not None and not place.ca.is_file():
        raise WrongPlace(
            f"{names['ca']} のファイル（{place.ca}）がありません。\n対処: PEM のファイルを指してください。"
        )
    if place.endpoint is not None:
        _check_endpoint(place, names["endpoint"], names["http"], plain=plain)
    return place


def _check_endpoint(place: Place, name: str, allows: str, *, plain: bool) -> None:
    try:
        parts = urlsplit(place.endpoint or "")
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    whole = parts.hostname and not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in ("https", "http") or not whole or parts.path not in ("", "/") or port == 0:
        # The value is not shown: somebody may have written a password into it.
        raise WrongPlace(
            f"{name} の値を読めません。\n"
            "対処: https://ホスト か https://ホスト:ポート の形で、利用者名や道筋を付けずに書いてください。"
        )
    if parts.scheme == "http" and not plain and not place.here:
        raise WrongPlace(
            f"{name} が http:// です。閲覧記録が平文で流れるので、この機械の外へは送りません。\n"
            f"対処: https:// にするか、承知のうえで {allows}=yes を設定してください。"
        )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def elsewhere(place: Place, endpoint: str, bucket: str) -> str:
    """What to say of a copy that does not lie in the configured place, and what to do; Japanese."""
    return (
        f"写しは {endpoint} のバケット {bucket} にあり、設定された置き場（{place}）ではありません。"
        "設定を元の置き場に戻してください。名前を変えずに移し替えたものなら、"
        "cold.json のその日の endpoint と bucket を書き換えてください。"
    )


def object_name(prefix: str, day: str, digest: str, path: str) -> str:
    """The name of a file's object: that of its day and of the day's hash, so that no other writing has it too."""
    return f"{prefix}day={day}/{digest}/{path}"
