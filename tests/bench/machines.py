"""Retailers' systems at work: the API by eight clients, a bulk file read line by line, and the turns that judge."""

import http.client
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from takuso.barrier.credentials.clients import ApiClients
from takuso.barrier.signin import SignIns
from takuso.flow.reception.bulk import inspect, lines
from takuso.flow.reception.turns import take_turns
from takuso.store.pools import Pools
from tests.bench.clients import Measured, run

Row = tuple[str, str, str, dict[str, Any]]
_DAY = "2027-03-31"
_HEADS = "手続き,供給地点特定番号,希望日,廃止措置方法"
_EVERY = 67
"""One line of so many is wrong: 3,000 of 200,000."""


def token(pools: Pools, person: str) -> str:
    """A token for a system of this person."""
    clients = ApiClients(SignIns(pools))
    made = clients.issue(person)
    return clients.sign_in(made.code, made.secret, terminal=None)


def measure(port: int, given: str, codes: tuple[str, ...], clients: int, seconds: float) -> list[Row]:
    """p50 and p99 of reading a customer, filing, and reading an application."""
    keys = count()
    points = [_ask(port, given, "GET", f"/api/v1/customers/{code}/contract") for code in codes[:clients]]
    numbers = [one["points"][0]["lead"]["place"]["supply_point"] for one in points]

    def look(n: int) -> Callable[[], None]:
        return _calls(port, given, lambda: ("GET", f"/api/v1/customers/{codes[n % len(codes)]}/contract", None))

    def file(n: int) -> Callable[[], None]:
        body = {"supply_point": numbers[n], "desired_on": _DAY, "disconnection": "計器SW開放"}
        return _calls(
            port, given, lambda: ("POST", "/api/v1/applications/move-out", body), key=lambda: f"b{next(keys)}"
        )

    found = [
        _row("API: a customer's contract", run(look, clients, seconds)),
        _row("API: an application filed, durable", run(file, clients, seconds)),
    ]
    newest = _ask(port, given, "GET", "/api/v1/applications")["applications"]

    def read(n: int) -> Callable[[], None]:
        return _calls(port, given, lambda: ("GET", f"/api/v1/applications/{newest[n % len(newest)]['number']}", None))

    return [*found, _row("API: an application read", run(read, clients, seconds))]


def turns(pools: Pools) -> list[Row]:
    """What was filed, judged by one job."""
    began, moved = time.perf_counter(), 0
    with pools.pool("reception").connection() as connection:
        while made := list(take_turns(connection, most=500)):
            moved += sum(made)
    seconds = time.perf_counter() - began
    return [
        ("turns: moves of applications, one job", f"{moved / seconds:,.0f} /s ({moved:,})", "", {"seconds": seconds})
    ]


def bulk(count_of_lines: int) -> list[Row]:
    """A file of so many lines read in a process of its own: seconds, lines that are wrong, peak memory."""
    with tempfile.TemporaryDirectory(prefix="takuso-bulk-") as folder:
        file = Path(folder) / "bulk.csv"
        with file.open("w", encoding="cp932") as out:
            out.write(f"{_HEADS}\r\n")
            for n in range(count_of_lines):
                day = "2027-02-30" if n % _EVERY == 0 else _DAY
                out.write(f"廃止（退去）,06{n:020d},{day},計器SW開放\r\n")
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.machines", str(file)], capture_output=True, text=True, check=True
        )
    found = json.loads(done.stdout)
    value = f"{found['seconds']:.1f} s, {found['wrong']:,} wrong, {found['megabytes']:.0f} MB"
    return [(f"bulk file: {count_of_lines:,} lines read and checked", value, "≤ 10 min with filing", found)]


def _read(file: Path) -> dict[str, Any]:
    began, wrong = time.perf_counter(), 0
    with file.open("rb") as opened:
        for line in lines(opened, inspect(opened)):
            wrong += bool(line.errors)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - began, "wrong": wrong, "megabytes": peak}


def _row(what: str, found: Measured) -> Row:
    value = f"p50 {found.p50:.1f} ms, p99 {found.p99:.1f} ms, {found.per_second:.0f} /s"
    return what, value, "", {"calls": found.calls}


Asked = tuple[str, str, dict[str, str] | None]


def _calls(
    port: int, given: str, asked: Callable[[], Asked], key: Callable[[], str] = lambda: ""
) -> Callable[[], None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call() -> None:
        method, path, body = asked()
        headers = {"Authorization": f"Bearer {given}", "Content-Type": "application/json", "Idempotency-Key": key()}
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        connection.request(method, path, body=sent, headers=headers)
        response = connection.getresponse()
        said = response.read()
        if response.status not in (200, 201):
            raise RuntimeError(f"{path}: {response.status} {said[:200]!r}")

    return call


def _ask(port: int, given: str, method: str, path: str) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, headers={"Authorization": f"Bearer {given}"})
    return json.loads(connection.getresponse().read())


if __name__ == "__main__":
    print(json.dumps(_read(Path(sys.argv[1]))))
