"""What commands share that are opened as a reading of the access log: signing in, the gate, the refusal."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

from takuso.barrier.gate import ActionRefused, Gate, Render, Visit
from takuso.barrier.query import Query
from takuso.barrier.signin import SignIns, UnknownPerson
from takuso.doors.cli.answers import could_not_run, wrong_use
from takuso.store.pools import Pools

LOGINS: Final = ("authn", "ticketer", "surveyor")
_NUMBER: Final = re.compile(r"[0-9]{14}|[0-9]{22}", re.ASCII)


def number(text: str) -> str:
    """A customer code (14 digits) or a supply point number (22), without hyphens. Raises Refused."""
    digits = text.replace("-", "")
    if not _NUMBER.fullmatch(digits):
        raise wrong_use(
            f"{text} は番号の形ではありません。\n"
            "対処: お客さまコード（14 桁）か供給地点特定番号（22 桁）を指定してください。"
        )
    return digits


class Reader(Protocol):
    """Reads the log at the gate as one person; every call is a record of its own."""

    def __call__(
        self, queries: Sequence[Query[Any]], parameters: Mapping[str, object], render: Render, asked: str | None = None
    ) -> bytes:
        """What the gate releases. Raises Refused with the receipt."""


@contextmanager
def reader(pools: Pools, person: str, *, screen: str, terminal: str) -> Iterator[Reader]:
    """Sign a person in for as long as the command reads. Raises Refused."""
    signins = SignIns(pools)
    try:
        proof = signins.by_link(signins.issue_link(person, hours=1), command=True)
    except UnknownPerson as error:
        raise wrong_use(f"{person}: {error}") from None

    def read(
        queries: Sequence[Query[Any]], parameters: Mapping[str, object], render: Render, asked: str | None = None
    ) -> bytes:
        visit = Visit(proof=proof, screen=screen, terminal=terminal)
        try:
            gate = Gate(pools)
            return gate.read_log(visit, asked=asked, queries=queries, parameters=parameters, render=render).body
        except ActionRefused as error:
            raise could_not_run(
                f"{person} は閲覧記録を読めません（受付番号 {error.receipt}）。\n"
                "対処: 情報管理・監査の職務の人を --as に指定してください。"
            ) from None

    try:
        yield read
    finally:
        signins.end(proof)


def read_log(
    pools: Pools,
    person: str,
    *,
    screen: str,
    terminal: str,
    queries: Sequence[Query[Any]],
    parameters: Mapping[str, object],
    render: Render,
    asked: str | None = None,
) -> bytes:
    """What the gate releases to this person, as one record of this screen. Raises Refused with the receipt."""
    with reader(pools, person, screen=screen, terminal=terminal) as read:
        return read(queries, parameters, render, asked)
