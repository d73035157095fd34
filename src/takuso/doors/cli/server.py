"""gunicorn around one office."""

from typing import Any

from gunicorn.app.base import BaseApplication
from rich.table import Table

from takuso.doors.cli.answers import paper
from takuso.doors.cli.house import Wsgi
from takuso.doors.cli.places import address, port

GRACE_SECONDS = 10


class Server(BaseApplication):  # type: ignore[misc]
    """Listens, forks the workers, and says where it is reached."""

    def __init__(self, wsgi: Wsgi, welcome: Table | None, *, host: str, workers: int, threads: int) -> None:
        self._wsgi = wsgi
        self._welcome = welcome
        self._place = host
        self._options = {
            "bind": [f"[{host}]:{port()}" if ":" in host else f"{host}:{port()}"],
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "loglevel": "warning",
            "control_socket_disable": True,
            "graceful_timeout": GRACE_SECONDS,
            "when_ready": self._ready,
        }
        super().__init__()

    def load_config(self) -> None:
        """gunicorn asks for its settings."""
        for key, value in self._options.items():
            self.cfg.set(key, value)

    def load(self) -> Wsgi:
        """gunicorn asks, in each worker, for the application; it was made before the fork, to count together."""
        return self._wsgi

    def _ready(self, _arbiter: Any) -> None:
        page = paper()
        if self._welcome is not None:
            page.print(self._welcome)
        page.print(f"\n画面      {address(self._place)}/")
        page.print(f"状態      {address(self._place)}/readyz   /livez   /metrics")
        page.print("止めるには Ctrl-C")
        page.file.flush()
