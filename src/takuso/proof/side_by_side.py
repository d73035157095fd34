"""The demo's two persons side by side: each half is judged as its person's page, and what is around them as nobody's.

The page is taken apart at its marks, so that every check of the walk (markers, the log's record of exactly these
bytes) asks of a half what it asks of a screen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, urlsplit

from takuso.proof.desk import Seen, Step
from takuso.proof.people import BY_CODE

DOOR: Final = "/demo/split"
MARK: Final = b"<!-- side -->"
_PAIRS: Final = (
    ("proof-clerk", "proof-rival-clerk"),
    ("proof-contact", "proof-third-clerk"),
    ("proof-manager", "proof-contracted"),
)


def side_by_side(screens: tuple[str, ...], kinds: Mapping[str, str]) -> Iterator[tuple[str, Step]]:
    """Every kind on every customer screen for pairs of persons; then from where it must not be there."""
    for kind, customer in kinds.items():
        for no, code in enumerate(screens):
            a, b = _PAIRS[no % len(_PAIRS)]
            address = f"{DOOR}?customer={customer}&screen={code}&a={a}&b={b}"
            yield kind, Step(where=f"{DOOR} *sides", method="GET", address=address)
    a, b = _PAIRS[0]
    address = f"{DOOR}?customer={kinds['own']}&a={a}&b={b}"
    for headers in ((("REMOTE_ADDR", "192.0.2.1"),), (("HTTP_X_FORWARDED_FOR", "192.0.2.1"),)):
        yield "own", Step(where=f"{DOOR} *foreign-host", method="GET", address=address, headers=headers)


def taken_apart(seen: Seen) -> list[Seen]:
    """The page without its halves, and each half as the answer that its person got; any other answer as it is."""
    parts = seen.answer.body.split(MARK)
    asked = parse_qs(urlsplit(seen.step.address).query)
    if seen.answer.status != 200 or len(parts) != 4:
        return [seen]
    head, *halves, tail = parts
    address = f"/screens/{asked['screen'][0]}?customer={asked['customer'][0]}"
    whole = replace(seen, answer=replace(seen.answer, body=head + tail))
    return [
        whole,
        *(
            replace(
                seen,
                walker=BY_CODE[asked[side][0]],
                step=replace(seen.step, address=address, where=f"{DOOR} *side"),
                answer=replace(seen.answer, body=body),
                told=f"{seen.told} {address}",
            )
            for side, body in zip("ab", halves, strict=True)
        ),
    ]
