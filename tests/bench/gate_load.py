"""Four clients of the gate in one process: `python -m tests.bench.gate_load HOME SECONDS CODE…`, prints JSON."""

import json
import sys
import threading
from dataclasses import asdict
from itertools import cycle
from pathlib import Path

from takuso.barrier.gate import Gate, Sight, Visit
from takuso.barrier.signin import SignIns
from takuso.flow.points import queries as q
from takuso.store.home import Home
from takuso.store.pools import Pools
from tests.bench.clients import run

CLIENTS = 4
FOUR = (q.PLACE, q.EQUIPMENT, q.SUPPLY_HISTORY, q.USAGE)


def main(home: str, seconds: str, *codes: str) -> None:
    """Customer screens of four classes each, every ticket committed durably."""
    with Pools(
        Home(Path(home)), ("authn", "ticketer", "reader_retailer"), {"ticketer": CLIENTS, "reader_retailer": CLIENTS}
    ) as pools:
        gate, proof = Gate(pools), SignIns(pools).by_demo("aoi-clerk")
        next_code = cycle(codes)
        guard = threading.Lock()

        def render(sight: Sight) -> bytes:
            return repr([len(sight.rows(query)) for query in FOUR]).encode()

        def call() -> None:
            with guard:
                code = next(next_code)
            if not gate.look(Visit(proof=proof, screen="CI20"), asked=(code,), queries=FOUR, render=render).shown:
                raise RuntimeError("not shown")

        print(json.dumps(asdict(run(lambda _n: call, CLIENTS, float(seconds)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
