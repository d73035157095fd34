"""The register of attacks is whole, names what exists, and turns red when a door comes without its test."""

import ast
from pathlib import Path

import pytest

from takuso.doors.register import DOORS as REGISTER
from takuso.doors.register import Door, DoorKind
from takuso.proof.attacks import DOORS, FAMILIES, attack_faults, attacks
from takuso.proof.faults.drill import FAULTS
from takuso.proof.verify import CHECKS

ROOT = Path(__file__).parents[2]
NAMES = [fault.name for fault in FAULTS]


def test_all_seventy_six_are_there() -> None:
    assert [attack.number for attack in attacks()] == list(range(1, 77))
    assert len({attack.title for attack in attacks()}) == 76
    assert {attack.family for attack in attacks()} == set(FAMILIES)
    assert list(attack_faults(REGISTER, CHECKS, NAMES)) == []


@pytest.mark.parametrize("node", sorted({node for attack in attacks() for node in attack.tests}))
def test_a_named_test_exists(node: str) -> None:
    file, _, name = node.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {part.name for part in ast.walk(tree) if isinstance(part, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("kind", "name", "purpose"),
    [
        ("export", "/export/customers.csv", "一覧"),
        ("statistics", "/screens/ST10", "地区ごとの統計"),
        ("notification", "mail send", "お客さまへ"),
        ("emergency", "/screens/EM10", "災害のときの閲覧"),
        ("masked-export", "store mask", "試験用"),
        ("queue", "jobs enqueue", "あとで"),
    ],
)
def test_a_door_without_its_test_is_red(kind: str, name: str, purpose: str) -> None:
    door = Door(kind=DoorKind.ADDRESS, name=name, purpose=purpose, methods=frozenset({"GET"}))
    waiting = {f"攻撃 {attack.number} {attack.title}" for attack in attacks() if attack.door == kind}
    found = list(attack_faults([*REGISTER, door], CHECKS, NAMES))
    assert waiting
    assert {where for where, _ in found} == waiting
    assert all(what == f"出入口 {name} ができたのに、試していません" for _, what in found)


def test_every_kind_of_door_is_waited_for() -> None:
    assert {attack.door for attack in attacks() if attack.door} == DOORS.keys()


def test_a_check_or_fault_that_is_gone_is_red() -> None:
    left = [name for name in CHECKS if name != "two-run"]
    assert {what for _, what in attack_faults(REGISTER, left, NAMES)} == {"two-run という検査も欠陥もありません"}
    left = [name for name in NAMES if name != "notice-transition"]
    assert {what for _, what in attack_faults(REGISTER, CHECKS, left)} == {
        "notice-transition という検査も欠陥もありません"
    }
