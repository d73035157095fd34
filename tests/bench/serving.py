"""One office on a port, with the wall or without: `python -m tests.bench.serving HOME PORT wall|bare ADMIN TODAY`."""

import logging
import sys
from pathlib import Path
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication

from takuso.barrier.gate import Gate
from takuso.barrier.matrix import Duty
from takuso.barrier.signin import SignIns
from takuso.barrier.viewer import Viewer
from takuso.doors.web.wsgi import application
from takuso.store.home import Home
from takuso.store.logins import LOGIN_NAMES
from takuso.store.pools import Pools
from tests.bench.bare import BareGate

VIEWER = Viewer(
    person_code="aoi-clerk",
    person_name="aoi-clerk さん",
    employer_name="葵電力",
    organisation_code="aoi",
    organisation_name="葵電力",
    organisation_kind="retailer",
    duty=Duty.CLERK,
)


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn as `takuso serve` starts it: two workers of four threads."""

    def __init__(self, wsgi: Any, port: int) -> None:
        self._wsgi, self._port = wsgi, port
        super().__init__()

    def load_config(self) -> None:
        """Its settings."""
        options = {"bind": [f"127.0.0.1:{self._port}"], "workers": 2, "threads": 4, "worker_class": "gthread"}
        for key, value in {**options, "loglevel": "warning", "control_socket_disable": True}.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """The application."""
        return self._wsgi


def main(home: str, port: str, kind: str, admin: str, today: str) -> None:
    """Serve until killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    here = Home(Path(home))
    pools = Pools(here, LOGIN_NAMES, dict.fromkeys(LOGIN_NAMES, 4))
    gate = Gate(pools) if kind == "wall" else BareGate(pools, admin, VIEWER, today)
    _Server(application(gate, SignIns(pools), here), int(port)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
