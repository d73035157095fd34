"""Files as objects of an S3-compatible store: put, looked at, read back. Nothing comes back unhashed."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Final

from botocore.config import Config
from botocore.configprovider import ConstantProvider
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
    SSLError,
)
from botocore.session import Session

from takuso.survey.cold.deadline import OutOfTime, deadline
from takuso.survey.cold.place import Place

LARGEST: Final = 5 << 30
"""Bytes that one request may carry (S3)."""
_CHUNK: Final = 1 << 20
_A_SECOND: Final = 1 << 18
_CONNECT: Final = 10
_TRIES: Final = 3
_GONE: Final = frozenset({"NoSuchKey", "404", "NotFound", "NoSuchVersion"})
_KEYS: Final = frozenset(
    {
        "AccessDenied",
        "AllAccessDisabled",
        "ExpiredToken",
        "Forbidden",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "403",
        "401",
    }
)
_ALTERED: Final = frozenset(
    {"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "InvalidDigest", "IncompleteBody"}
)
_REDIRECTS: Final = frozenset({"PermanentRedirect", "TemporaryRedirect", "Redirect", "AuthorizationHeaderMalformed"})


class StoreFailed(Exception):
    """The store did not do what it was asked; Japanese, says what to do. Never holds a key or a signature."""


class Absent(Exception):
    """The store has no such object."""


class Other(Exception):
    """The store has other bytes than were asked for; says in Japanese what is different."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An object as the store tells of it: bytes, SHA-256 (hexadecimal) if it keeps one, and its ETag."""

    size: int
    sha256: str | None
    etag: str


class Objects:
    """The objects of one bucket. Every call raises StoreFailed where the store does not answer as it should."""

    def __init__(self, place: Place) -> None:
        self.place = place
        with _explained(place):
            self._client = _client(place)

    def put(self, key: str, file: Path, sha256: str) -> None:
        """Store a file. The store is told its SHA-256 twice, in the signature and as a checksum to keep.

        Raises Other if the file is not the one with this hash, or the store received another one.
        """
        size = file.stat().st_size
        if size > LARGEST:
            raise StoreFailed(f"{file.name} は {size:,} バイトあり、1 回で送れる 5 GiB を超えます。")
        given = base64.b64encode(bytes.fromhex(sha256)).decode()
        with _explained(self.place, key), deadline(self._seconds(size)), file.open("rb") as body:
            if _hash(body) != sha256:
                raise Other("手元のファイルが、締めた時と内容が違います。")
            body.seek(0)
            self._client.put_object(
                Bucket=self.place.bucket, Key=key, Body=body, ContentLength=size, ChecksumSHA256=given
            )

    def look(self, key: str) -> Seen:
        """What the store tells of an object, without its bytes. Raises Absent."""
        asked = {"Bucket": self.place.bucket, "Key": key}
        with _explained(self.place, key), deadline(self._seconds(0)):
            try:
                told = self._client.head_object(**asked, ChecksumMode="ENABLED")
            except ClientError as error:
                if _status(error) == HTTPStatus.NOT_FOUND:
                    # An answer without a body does not tell a missing object from a missing bucket; this one does.
                    self._client.get_object(**asked)["Body"].close()
                raise
        return Seen(size=int(told["ContentLength"]), sha256=_kept(told), etag=str(told.get("ETag", "")))

    def read(self, key: str, size: int, sha256: str, into: Callable[[bytes], object]) -> str:
        """Give the bytes of an object to `into`, piece by piece; its ETag. Raises Absent; Other if they are not `size`
        bytes with this hash, and then what `into` was given is worthless."""
        found, count = hashlib.sha256(), 0
        with _explained(self.place, key), deadline(self._seconds(size)):
            told = self._client.get_object(Bucket=self.place.bucket, Key=key)
            with told["Body"] as stream:
                while block := stream.read(_CHUNK):
                    count += len(block)
                    if count > size:
                        raise Other(f"締めた時の {size:,} バイトより長い。")
                    found.update(block)
                    into(block)
        if count < int(told.get("ContentLength", 0)):
            raise _broken(self.place, "IncompleteRead")
        if count < size:
            raise Other(f"締めた時の {size:,} バイトより短い（{count:,} バイト）。")
        if found.hexdigest() != sha256:
            raise Other("締めた時と内容が違う。")
        return str(told.get("ETag", ""))

    def remove(self, key: str) -> None:
        """Remove an object, if there is one."""
        with suppress(Absent), _explained(self.place, key), deadline(self._seconds(0)):
            self._client.delete_object(Bucket=self.place.bucket, Key=key)

    def _seconds(self, size: int) -> float:
        return self.place.seconds + size / _A_SECOND


def _client(place: Place) -> Any:
    session = Session()
    # Settings of other programs are no settings of this one.
    given = session.get_component("config_store")
    for name, value in (("config_file", os.devnull), ("credentials_file", os.devnull), ("profile", None)):
        given.set_config_provider(name, ConstantProvider(value))
    client = session.create_client(
        "s3",
        region_name=place.region,
        endpoint_url=place.endpoint,
        verify=str(place.ca) if place.ca is not None else True,
        aws_access_key_id=place.keys.access,
        aws_secret_access_key=place.keys.secret,
        aws_session_token=place.keys.token,
        config=Config(
            signature_version="s3v4",
            connect_timeout=min(_CONNECT, place.seconds),
            read_timeout=place.seconds,
            retries={"mode": "standard", "total_max_attempts": _TRIES},
            s3={"addressing_style": "path" if place.endpoint else "auto", "payload_signing_enabled": True},
            # Stores that are not Amazon's refuse checksums that nobody asked for.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            proxies={} if place.here else None,
        ),
    )
    client.meta.events.register("before-call.s3", _stay)
    return client


def _stay(params: dict[str, Any], **_: Any) -> None:
    """Mark a request as one that was redirected already: the library does not look for another place to send it to."""
    params["context"].setdefault("s3_redirect", {})["redirected"] = True


def _kept(told: dict[str, Any]) -> str | None:
    """The SHA-256 that the store keeps of the whole object; None if it keeps none."""
    given = told.get("ChecksumSHA256")
    # A checksum of checksums ends with the number of parts.
    if not given or "-" in given or told.get("ChecksumType", "FULL_OBJECT") != "FULL_OBJECT":
        return None
    try:
        return base64.b64decode(given, validate=True).hex()
    except ValueError:
        return None


def _hash(stream: BinaryIO) -> str:
    found = hashlib.sha256()
    while block := stream.read(_CHUNK):
        found.update(block)
    return found.hexdigest()


@contextmanager
def _explained(place: Place, key: str = "") -> Iterator[None]:
    """Errors of the library as our own; its texts may hold addresses with signatures and are not passed on."""
    try:
        yield
    except OutOfTime:
        raise _slow(place) from None
    except ClientError as error:
        code, status = str(error.response.get("Error", {}).get("Code", "")), _status(error)
        if code in _GONE:
            raise Absent(key) from None
        raise _refused(place, code, status) from None
    except SSLError:
        raise StoreFailed(
            f"{place} の TLS の証明書を確かめられません。\n"
            "対処: 社内の認証局なら、その証明書を TAKUSO_COLD_CA に指定してください。検証は切れません。"
        ) from None
    except (ConnectTimeoutError, ReadTimeoutError):
        raise _slow(place) from None
    except (EndpointConnectionError, ConnectionClosedError, IncompleteReadError, ResponseStreamingError) as error:
        raise _broken(place, type(error).__name__) from None
    except BotoCoreError as error:
        raise StoreFailed(
            f"{place} の答えを読めません（{type(error).__name__}）。\n"
            "対処: アドレスと置き場の状態を確かめて、もう一度実行してください。"
        ) from None


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _broken(place: Place, why: str) -> StoreFailed:
    return StoreFailed(
        f"{place} につながらないか、途中で切れました（{why}）。\n"
        "対処: アドレス（TAKUSO_COLD_ENDPOINT）と回線を確かめて、もう一度実行してください。"
    )


def _slow(place: Place) -> StoreFailed:
    return StoreFailed(
        f"{place} が、決めた時間（{place.seconds} 秒と、大きさに応じた時間）のうちに答えません。\n"
        "対処: 置き場と回線を確かめて、もう一度実行してください。遅い回線なら TAKUSO_COLD_SECONDS を増やせます。"
    )


def _refused(place: Place, code: str, status: int) -> Exception:
    shown = code if code.isalnum() and len(code) <= 60 else str(status)
    if code == "NoSuchBucket":
        return StoreFailed(
            f"{place} がありません。\n対処: TAKUSO_COLD_BUCKET の名前を確かめるか、バケットを作ってください。"
        )
    if code in _ALTERED:
        return Other(f"送ったものと違うものが届いた（{shown}）。")
    if code in _REDIRECTS or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return StoreFailed(
            f"{place} は、別の場所へ行くように答えました（{shown}）。記録を別の場所へは送りません。\n"
            "対処: 地域（TAKUSO_COLD_REGION）とアドレス（TAKUSO_COLD_ENDPOINT）を確かめてください。"
        )
    if code in _KEYS or status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return StoreFailed(
            f"{place} が、アクセスキーを断りました（{shown}）。\n"
            "対処: secrets の cold_access_key と cold_secret_key、そのキーの権限、この機械の時計を確かめてください。"
        )
    return StoreFailed(
        f"{place} が断りました（{shown}、HTTP {status}）。\n対処: 置き場の状態を確かめて、もう一度実行してください。"
    )
