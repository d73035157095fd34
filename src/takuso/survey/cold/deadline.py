"""A limit to how long something may take in all, whatever it waits for."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_AGAIN: Final = 0.5


class OutOfTime(Exception):
    """It took longer."""


class _Stop(BaseException):
    """No `except Exception` of a library holds it up."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Within, raise OutOfTime after so many seconds. In the main thread alone: elsewhere a timer cannot interrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stop

    former = signal.signal(signal.SIGALRM, stop)
    try:
        # Again and again: a library that swallows the first one does not wait for ever after.
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _Stop:
        raise OutOfTime from None
    finally:
        signal.signal(signal.SIGALRM, former)
