"""時刻証明: what an outside clock says about a checkpoint (RFC 3161), by configuration.

The answer is kept as it came; its signature is for `openssl ts -verify` and whoever trusts that authority. Here it is
made sure that the answer was granted and is about this checkpoint and this question.
"""

import hashlib
import http.client
import queue
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import psycopg

from takuso.store import settings
from takuso.store.errors import StoreError
from takuso.store.home import Home

EVERY: Final = timedelta(hours=1)
_SECONDS: Final = 10.0
_TOTAL: Final = 20.0
"""Seconds for everything: an authority that sends a byte now and then holds nobody up."""
_LONGEST: Final = 1 << 20
_SHA256: Final = bytes.fromhex("300d06096086480165030402010500")
_SEQUENCE, _INTEGER, _OCTETS, _BOOLEAN = 0x30, 0x02, 0x04, 0x01
_GRANTED: Final = (0, 1)
_CHUNK: Final = 1 << 14
_asking = threading.Lock()


class NoTimestamp(StoreError):
    """The authority did not give a timestamp; the checkpoint stands without one and is asked for again."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"時刻証明を受けられません（{why}）。\n対処: {settings.TSA_URL.name} と時刻認証局を確かめてください。"
        )


def stamp_due(connection: psycopg.Connection[Any], _: Home) -> int:
    """As `sequencer`: have the last checkpoint stamped if the last stamp is an hour old; 1 if that was done.

    Raises NoTimestamp.
    """
    url = settings.TSA_URL.read()
    if url is None:
        return 0
    row = connection.execute("SELECT log.unstamped(%s)", [EVERY]).fetchone()
    due: Mapping[str, Any] | None = row[0] if row else None
    if due is None:
        return 0
    token = ask(url, due["body"].encode())
    connection.execute("SELECT log.stamp(%s, %s)", [due["size"], token])
    return 1


def ask(url: str, message: bytes) -> bytes:
    """The authority's answer about the SHA-256 of a message. Raises NoTimestamp."""
    if not url.startswith(("https://", "http://")):
        raise NoTimestamp("アドレスが http でも https でもない")
    digest, nonce = hashlib.sha256(message).digest(), _number(secrets.randbits(63))
    asked = query(digest, nonce)
    request = urllib.request.Request(url, asked, {"Content-Type": "application/timestamp-query"})  # noqa: S310
    answer = _within(request)
    if _status(answer) not in _GRANTED:
        raise NoTimestamp("断られた")
    if _SHA256 not in answer or _tagged(_OCTETS, digest) not in answer or nonce not in answer:
        raise NoTimestamp("ほかの問いへの答え")
    return answer


def _within(request: urllib.request.Request) -> bytes:
    """The answer, if it is whole in time; one question at a time, however long an authority keeps its line open."""
    if not _asking.acquire(blocking=False):
        raise NoTimestamp("前の問いがまだ終わっていない")
    answers: queue.Queue[bytes | Exception] = queue.Queue(1)
    # A name that cannot be resolved and a header that trickles know no deadline: so another thread waits for them.
    threading.Thread(target=_fetch, args=(request, answers, time.monotonic() + _TOTAL), daemon=True).start()
    try:
        found = answers.get(timeout=_TOTAL)
    except queue.Empty:
        raise NoTimestamp("時間切れ") from None
    if isinstance(found, Exception):
        raise NoTimestamp(type(found).__name__)
    return found


def _fetch(request: urllib.request.Request, answers: "queue.Queue[bytes | Exception]", end: float) -> None:
    answer = b""
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
            while len(answer) < _LONGEST and (part := response.read1(_CHUNK)):
                answer += part
                if time.monotonic() > end:
                    raise TimeoutError
        answers.put(answer)
    except (OSError, http.client.HTTPException, ValueError) as error:
        answers.put(error)
    finally:
        _asking.release()


def query(digest: bytes, nonce: bytes) -> bytes:
    """A TimeStampReq: version 1, the digest, the nonce (an INTEGER), with certificates (RFC 3161, 2.4.1)."""
    imprint = _tagged(_SEQUENCE, _SHA256 + _tagged(_OCTETS, digest))
    return _tagged(_SEQUENCE, _number(1) + imprint + nonce + _tagged(_BOOLEAN, b"\xff"))


def _status(answer: bytes) -> int | None:
    """The PKIStatus: the first INTEGER of the first SEQUENCE of the answer."""
    whole = _content(answer, _SEQUENCE)
    info = _content(whole, _SEQUENCE) if whole else None
    status = _content(info, _INTEGER) if info else None
    return int.from_bytes(status, "big", signed=True) if status else None


def _content(data: bytes, tag: int) -> bytes | None:
    """What stands in the first DER element, if it has this tag."""
    if len(data) < 2 or data[0] != tag:
        return None
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    return data[start : start + size] if start + size <= len(data) else None


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else bytes([0x81, size])
    return bytes([tag]) + length + content


def _number(value: int) -> bytes:
    return _tagged(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
