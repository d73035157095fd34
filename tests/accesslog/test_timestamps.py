"""RFC 3161 against a local authority (openssl): asked, kept, exported, verified; refusals and other answers are not."""

import hashlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from takuso.accesslog import timestamps
from takuso.accesslog.timestamps import NoTimestamp, ask, stamp_due
from tests.accesslog.test_sequencer import bundle, place, run
from tests.apart import Place

__all__ = ["place", "run"]
OPENSSL = shutil.which("openssl")
CONFIG = """
[ tsa ]
default_tsa = here
[ here ]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
[ req ]
distinguished_name = name
[ name ]
[ stamping ]
extendedKeyUsage = critical,timeStamping
"""


class _Authority(BaseHTTPRequestHandler):
    folder: ClassVar[Path]
    answer: ClassVar[bytes | None] = None

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.answer if self.answer is not None else reply(self.folder, asked)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _openssl(*arguments: str) -> None:
    subprocess.run([str(OPENSSL), *arguments], check=True, capture_output=True)


def reply(folder: Path, asked: bytes) -> bytes:
    (folder / "asked").write_bytes(asked)
    _openssl(
        *("ts", "-reply", "-queryfile", f"{folder}/asked", "-config", f"{folder}/conf", "-out", f"{folder}/answer")
    )
    return (folder / "answer").read_bytes()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "conf").write_text(CONFIG.format(folder=folder), encoding="ascii")
    (folder / "serial").write_text("01\n", encoding="ascii")
    _openssl(
        *(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=TSA",
            "-config",
            f"{folder}/conf",
        ),
        *("-extensions", "stamping", "-keyout", f"{folder}/tsa.key", "-out", f"{folder}/tsa.pem"),
    )
    _Authority.folder = folder
    server = HTTPServer(("127.0.0.1", 0), _Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", folder
    finally:
        server.shutdown()
        server.server_close()


def _verified(folder: Path, token: Path, message: bytes) -> bool:
    digest = hashlib.sha256(message).hexdigest()
    arguments = ["ts", "-verify", "-digest", digest, "-in", str(token), "-CAfile", f"{folder}/tsa.pem"]
    return subprocess.run([str(OPENSSL), *arguments], capture_output=True, check=False).returncode == 0


def test_the_last_checkpoint_is_stamped_once_an_hour(
    place: Place,
    run: Callable[[], int],
    authority: tuple[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    run()
    url, folder = authority
    with place.pools.pool("sequencer").connection() as connection:
        assert stamp_due(connection, place.home) == 0, "nothing is asked without a setting"
        monkeypatch.setenv("TAKUSO_TSA_URL", url)
        assert stamp_due(connection, place.home) == 1
        assert stamp_due(connection, place.home) == 0
    out = bundle(place, tmp_path / "bundle")
    (token,) = out.glob("*.tsr")
    (body,) = place.behind("SELECT body FROM log.checkpoint WHERE size = %s", [int(token.stem)])[0]
    assert _verified(folder, token, body.encode())
    assert not _verified(folder, token, b"another")


def test_what_is_no_timestamp_is_refused(authority: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    url, _ = authority
    other = ask(url, b"one")
    monkeypatch.setattr(_Authority, "answer", other)
    with pytest.raises(NoTimestamp, match="ほかの問い"):
        ask(url, b"two")
    # The same message again: the nonce is another.
    with pytest.raises(NoTimestamp, match="ほかの問い"):
        ask(url, b"one")
    for broken in (b"", b"hello", bytes.fromhex("30053003020102"), other[:9]):
        monkeypatch.setattr(_Authority, "answer", broken)
        with pytest.raises(NoTimestamp, match="断られた"):
            ask(url, b"one")
    with pytest.raises(NoTimestamp):
        ask("http://127.0.0.1:1/", b"one")
    with pytest.raises(NoTimestamp):
        ask("file:///etc/passwd", b"one")


def test_an_authority_that_trickles_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then stays within every time limit of a socket: the whole has a limit of its own."""
    monkeypatch.setattr(timestamps, "_TOTAL", 0.4)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def trickle() -> None:
            with listening.accept()[0] as line:
                while not ended.wait(0.05):
                    line.sendall(b"H")

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        began = time.monotonic()
        with pytest.raises(NoTimestamp, match="時間切れ"):
            timestamps.ask(url, b"x")
        assert time.monotonic() - began < 3
        with pytest.raises(NoTimestamp, match="まだ終わっていない"):
            timestamps.ask(url, b"x")
        ended.set()
        thread.join()
    # The line is closed: another question may be asked.
    assert timestamps._asking.acquire(timeout=5)
    timestamps._asking.release()
