"""What is not declared is red, both ways, and so is what goes through a fence."""

from dataclasses import replace
from pathlib import Path

import pytest

from takuso.barrier.matrix import DataClass
from takuso.doors.register import Door, DoorKind, Passes
from takuso.proof.doors import door_faults
from takuso.proof.imports import import_faults
from takuso.proof.program import PageShape, Program, Route

UNDECLARED = Route(path="/customers.json", view="somebody.view", csrf_exempt=False)


def _wider(program: Program) -> dict[str, PageShape]:
    page = program.pages["KF10"]
    screen = replace(page.screen, classes=page.screen.classes | {DataClass.NOTE})
    return {**program.pages, "KF10": replace(page, screen=screen)}


def test_the_program_is_as_declared(program: Program) -> None:
    assert door_faults(program) == []
    assert import_faults(program) == []


CHANGES = {
    "address /customers.json": lambda p: replace(p, routes=[*p.routes, UNDECLARED]),
    "address /purpose": lambda p: replace(
        p, routes=[replace(r, csrf_exempt=True) if r.path == "/purpose" else r for r in p.routes]
    ),
    "command export": lambda p: replace(p, commands=[*p.commands, "export"]),
    "command doctor": lambda p: replace(p, commands=[c for c in p.commands if c != "doctor"]),
    "job mail": lambda p: replace(p, jobs={**p.jobs, "mail": "nobody"}),
    "failure 418": lambda p: replace(p, failures=[*p.failures, 418]),
    "screen KF10": lambda p: replace(p, pages=_wider(p)),
    "address /livez": lambda p: replace(
        p, doors=[replace(d, purpose=" ") if d.name == "/livez" else d for d in p.doors]
    ),
    "login web": lambda p: replace(
        p, doors=[replace(d, classes=frozenset(DataClass)) if d.name == "web" else d for d in p.doors]
    ),
}


@pytest.mark.parametrize("where", CHANGES)
def test_a_difference_is_red_and_named(program: Program, where: str) -> None:
    found = door_faults(CHANGES[where](program))
    assert where in {place for place, _ in found}


def test_a_door_is_declared_once(program: Program) -> None:
    twice = Door(kind=DoorKind.ADDRESS, name="/livez", purpose="x", passes=Passes.NOTHING, methods=frozenset({"GET"}))
    assert ("address /livez", "二度宣言されています") in door_faults(replace(program, doors=[*program.doors, twice]))


LINES = {
    "doors/web/psycopg.py": "import psycopg\n",
    "doors/web/store.py": "from takuso.store.pools import Pools\n",
    "doors/web/cached.py": "from functools import lru_cache\n@lru_cache\ndef customer(code):\n    return code\n",
    "doors/web/kept.py": "_SEEN = {}\ndef view(request):\n    _SEEN[request.path] = request\n",
    "doors/web/inner.py": "def view(gate):\n    return gate._pools\n",
    "doors/web/referer.py": "def came(request):\n    return request.META.get('HTTP_REFERER')\n",
    "flow/points/open.py": "def read():\n    return open('/etc/passwd')\n",
}


@pytest.mark.parametrize("place", LINES)
def test_each_fence_stops_what_it_is_for(program: Program, tmp_path: Path, place: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.write_text(LINES[place], encoding="utf-8")
    found = import_faults(replace(program, root=tmp_path))
    assert {where.partition(":")[0] for where, _ in found} == {place}


def test_a_log_line_with_a_field_nobody_declared_is_red(program: Program, tmp_path: Path) -> None:
    text = (
        "import structlog\n"
        'log = structlog.get_logger("takuso.doors.web")\n'
        'log.info("request", path="/screens/CI20?customer=1")\n'
        'log.info(f"opened {1}")\n'
    )
    (tmp_path / "noisy.py").write_text(text, encoding="utf-8")
    found = door_faults(replace(program, root=tmp_path))
    assert ("sink takuso.doors.web request", "登録簿にない項目: path") in found
    assert ("sink takuso.doors.web （定まらない）", "登録簿にない出入口です") in found
