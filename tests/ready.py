"""Runs the command in a process of its own without loading the program anew: forked off one that has it loaded.

What a command does is what `python -m takuso.main` does, with its own environment, folder and outputs; only the second
of loading is saved. Nothing of one command is there in the next. Services that stay (`Takuso.start`), and whatever
the program starts itself, are started as ever.
"""

import atexit
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

_LARGEST = 1 << 20
_PLACES = 3
# What every command with a database or a table loads, and nothing of the program that it would not load itself.
_LIBRARIES = (
    "django.apps",
    "django.core.management",
    "django.db.backends.postgresql.base",
    "django.db.migrations.executor",
)


@dataclass(slots=True)
class Ready:
    """A process with the program loaded, started at the first command and ended with this one."""

    _to: socket.socket | None = field(default=None)

    def run(
        self, arguments: Sequence[str], env: Mapping[str, str], *, timeout: float, cwd: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """As subprocess.run of the command with its outputs captured. Raises subprocess.TimeoutExpired."""
        asked = json.dumps({"arguments": [*arguments], "env": {**env}, "cwd": str(cwd or Path.cwd())}).encode()
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with TemporaryFile() as out, TemporaryFile() as err, closing(mine):
            with closing(theirs):
                socket.send_fds(self._place(), [asked], [out.fileno(), err.fileno(), theirs.fileno()])
            pid = int(mine.recv(32))
            mine.settimeout(timeout)
            try:
                code = int(mine.recv(32))
            except TimeoutError:
                os.kill(pid, 9)
                raise subprocess.TimeoutExpired([*arguments], timeout) from None
            texts = []
            for stream in (out, err):
                stream.seek(0)
                texts.append(stream.read().decode())
        return subprocess.CompletedProcess([*arguments], code, *texts)

    def _place(self) -> socket.socket:
        if self._to is None:
            self._to, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            for end in (self._to, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LARGEST)
            with closing(theirs):
                loaded = subprocess.Popen(
                    [sys.executable, __file__, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                )
            atexit.register(self._end, self._to, loaded)
        return self._to

    @staticmethod
    def _end(to: socket.socket, loaded: "subprocess.Popen[bytes]") -> None:
        to.close()
        loaded.wait(timeout=30)


READY = Ready()


def _serve(place: socket.socket) -> list[str]:
    """Fork for every request; returns in the process of a command, with its arguments."""
    while True:
        asked, places, _, _ = socket.recv_fds(place, _LARGEST, _PLACES)
        if not asked:
            os._exit(0)
        if os.fork() == 0:
            place.close()
            return _command(json.loads(asked), *places)
        for number in places:
            os.close(number)
        while _gone():
            pass


def _gone() -> bool:
    """Whether one that waited for a command has ended and is forgotten."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _command(asked: dict[str, object], out: int, err: int, answer: int) -> list[str]:
    with socket.socket(fileno=answer) as to:
        pid = os.fork()
        if pid != 0:
            to.send(str(pid).encode())
            os.close(out)
            os.close(err)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            # Nobody asks any more for one that took too long.
            with suppress(OSError):
                to.send(str(code).encode())
            os._exit(0)
    for number, place in ((out, 1), (err, 2)):
        os.dup2(number, place)
        os.close(number)
    os.chdir(str(asked["cwd"]))
    env, arguments = asked["env"], asked["arguments"]
    assert isinstance(env, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(env)
    return [str(word) for word in arguments]


def _main() -> None:
    import importlib

    import takuso.main

    for name in _LIBRARIES:
        importlib.import_module(name)
    sys.path.pop(0)
    sys.argv = [takuso.main.__file__, *_serve(socket.socket(fileno=int(sys.argv[1])))]
    takuso.main.run()


if __name__ == "__main__":
    _main()
