"""Where the server is reached."""

import errno
import socket
from ipaddress import ip_address
from typing import Final

from takuso.doors.cli.answers import could_not_run, wrong_use
from takuso.store import settings

HOST: Final = "127.0.0.1"
_HIGHEST: Final = 65535


def port() -> int:
    """PORT of the environment, 8000 without it. Raises Refused."""
    text = settings.PORT.read() or settings.PORT.default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _HIGHEST:
        raise wrong_use(f"PORT が {text} です。\n対処: 1 から {_HIGHEST} の数を指定してください。")
    return int(text)


def address(host: str = HOST) -> str:
    """The address a person on this machine types."""
    return f"http://{HOST if host == '0.0.0.0' else host}:{port()}"  # noqa: S104 - compared, not bound


def must_be_sheltered(host: str, *, https: bool) -> None:
    """Raise Refused for an address that other machines reach, unless a proxy stands in front."""
    if https or _is_loopback(host):
        return
    raise wrong_use(
        f"{host} はほかの機械から届くアドレスです。このサーバーは HTTPS を話さず、遅い接続からも身を守れないため、"
        "直接は公開しません。\n"
        "対処: リクエストを溜めてから渡す HTTPS の代理サーバーを前段に置き、--https を付けて実行してください。"
        "この機械の中だけで使うときは --host を外してください。"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def must_be_free(host: str) -> None:
    """Raise Refused if the server could not listen there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port()))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise could_not_run(
                    f"ポート {port()} はほかのプログラムが使っています。\n"
                    f"対処: そのプログラムを止めるか、別のポートを指定してください"
                    f"（例: PORT={port() + 1} takuso serve）。"
                ) from None
            raise could_not_run(
                f"{host} のポート {port()} で待ち受けられません（{error.strerror}）。\n"
                "対処: --host と PORT を確かめてください。"
            ) from None
