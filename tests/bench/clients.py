"""Clients: so many at once for so long, each on its own connection."""

import http.client
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """Durations of all calls in milliseconds, and calls per second of the whole."""

    p50: float
    p99: float
    per_second: float
    calls: int


def run(make: Callable[[int], Callable[[], None]], clients: int, seconds: float) -> Measured:
    """`make(n)` gives the call of client n; each client repeats its call until the time is over."""
    taken: list[list[float]] = [[] for _ in range(clients)]
    failed: list[BaseException] = []
    start = threading.Barrier(clients + 1)
    end = 0.0

    def work(n: int) -> None:
        try:
            call = make(n)
            for _ in range(5):
                call()
            start.wait()
            while time.perf_counter() < end:
                began = time.perf_counter()
                call()
                taken[n].append((time.perf_counter() - began) * 1000)
        except BaseException as error:  # noqa: BLE001 - handed to the caller below
            failed.append(error)
            start.abort()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(clients)]
    end = time.perf_counter() + 3600
    for thread in threads:
        thread.start()
    try:
        end_after = seconds
        start.wait()
        began = time.perf_counter()
        end = began + end_after
    except threading.BrokenBarrierError:
        pass
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return summary([t for ts in taken for t in ts], time.perf_counter() - began)


def summary(milliseconds: Sequence[float], seconds: float) -> Measured:
    """Median, 99th percentile and rate."""
    ordered = sorted(milliseconds)
    return Measured(statistics.median(ordered), ordered[int(len(ordered) * 0.99)], len(ordered) / seconds, len(ordered))


def page(port: int, path: str, cookie: str) -> Callable[[], None]:
    """A GET that must answer 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call() -> None:
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        body = response.read()
        if response.status != 200 or b"</html>" not in body:
            raise RuntimeError(f"{path}: {response.status}")

    return call
