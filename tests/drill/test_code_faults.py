"""Every fault of the program changes what the program does, in the way its title says."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import takuso as package
from takuso.proof.faults import code_leaks, code_promises
from takuso.proof.faults.copies import PatchMisfit, patched, remove_copy, write_copy
from takuso.proof.faults.fault import CodeFault, Swap
from tests.cli.conftest import Takuso

PACKAGE = Path(package.__file__).parent
FAULTS: tuple[CodeFault, ...] = (*code_leaks.FAULTS, *code_promises.FAULTS)

# The question of the probe whose answer must change.
CHANGES = {
    "notice-transition": "notice-transition",
    "recently-opened": "menu",
    "suggested-names": "suggested",
    "count-of-everyone": "menu",
    "error-names-customer": "own-error",
    "log-line-with-address": "log-addresses",
    "log-line-with-customer": "log-fields",
    "doctor-names-customers": "doctor",
    "undeclared-address": "print",
    "query-around-the-gate": "menu",
    "outcome-skipped": "outcomes",
    "outcome-empty": "outcomes",
    "outcome-of-other-bytes": "outcomes",
    "pages-cacheable": "own",
    "pages-tagged": "own",
    "came-from-referer": "came",
    "hidden-is-forbidden": "notice-transition",
    "demo-sign-in-open": "demo-from-afar",
    "proxy-is-this-machine": "demo-through-proxy",
    "purpose-without-token": "purpose-without-token",
    "purpose-by-itself": "without-purpose",
    "cookie-readable": "cookie",
}

# What shows only side by side, from answer to answer or by API: test_try lets the proof itself see the change.
SEEN_BY_THE_PROOF = {"split-shares-sign-in", "sign-in-tells-who-exists", "cookie-for-machines"}


@pytest.fixture(scope="module")
def customers(takuso: Takuso) -> tuple[str, str]:
    """A customer of 葵電力, and one of another retailer."""
    own, foreign = (takuso.customers(kind, "aoi-clerk")[0] for kind in ("own", "foreign"))
    return own["customer_code"], foreign["customer_code"]


@pytest.fixture(scope="module")
def sound(takuso: Takuso, customers: tuple[str, str], admin_url: str) -> dict[str, Any]:
    """What the program itself answers."""
    told = _probe(takuso, customers, admin_url, PACKAGE.parent)
    assert told["notice-transition"] == [200, True]
    assert told["without-purpose"] == [303, "/purpose"]
    assert told["own"] == [200, "no-store", False]
    assert told["outcomes"] == [[True, True, False]]
    assert told["came"] is False
    assert "お客さま 0 件" not in told["menu"]
    return told


def _probe(takuso: Takuso, customers: tuple[str, str], admin_url: str, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "probe.py"), *customers],
        env=takuso.env
        | {
            "PYTHONPATH": os.pathsep.join([str(path), str(Path(__file__).parents[2])]),
            "PROBE_ADMIN": admin_url.replace("dbname=postgres", "dbname=takuso"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_every_fault_has_its_question() -> None:
    assert CHANGES.keys() | SEEN_BY_THE_PROOF == {fault.name for fault in FAULTS}


@pytest.mark.parametrize("fault", [one for one in FAULTS if one.name in CHANGES], ids=lambda fault: fault.name)
def test_it_changes_what_it_says(
    takuso: Takuso, customers: tuple[str, str], admin_url: str, sound: dict[str, Any], tmp_path: Path, fault: CodeFault
) -> None:
    folder = tmp_path / "patched"
    write_copy(PACKAGE, patched(PACKAGE, fault.swaps), folder)
    told = _probe(takuso, customers, admin_url, folder)
    question = CHANGES[fault.name]
    assert told[question] != sound[question]


def test_the_notice_shows_a_strangers_page(
    takuso: Takuso, customers: tuple[str, str], admin_url: str, tmp_path: Path
) -> None:
    fault = next(fault for fault in FAULTS if fault.name == "notice-transition")
    write_copy(PACKAGE, patched(PACKAGE, fault.swaps), tmp_path / "patched")
    assert _probe(takuso, customers, admin_url, tmp_path / "patched")["notice-transition"] == [200, False]


def test_around_the_gate_there_is_nothing_to_see(
    takuso: Takuso, customers: tuple[str, str], admin_url: str, tmp_path: Path
) -> None:
    """The wall does not depend on the gate's being used: the fault is one of the program's discipline."""
    fault = next(fault for fault in FAULTS if fault.name == "query-around-the-gate")
    write_copy(PACKAGE, patched(PACKAGE, fault.swaps), tmp_path / "patched")
    assert "お客さま 0 件" in _probe(takuso, customers, admin_url, tmp_path / "patched")["menu"]


@pytest.mark.parametrize(("old", "count"), [("no such text", 0), ("import", 2)])
def test_a_patch_that_does_not_fit_names_the_file(old: str, count: int) -> None:
    with pytest.raises(PatchMisfit, match=r"doors/web/menu\.py"):
        patched(PACKAGE, [Swap(file="doors/web/menu.py", old=old, new="")])


def test_a_copy_is_whole_or_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "patched"
    with pytest.raises(FileNotFoundError):
        write_copy(PACKAGE, {"no/such/folder/x.py": ""}, folder)
    assert list(tmp_path.iterdir()) == []
    write_copy(PACKAGE, {"main.py": "x = 1\n"}, folder)
    assert (folder / "takuso" / "main.py").read_text() == "x = 1\n"
    assert not list((folder / "takuso" / "__pycache__").glob("main.*"))
    remove_copy(folder)
    remove_copy(folder)
    assert list(tmp_path.iterdir()) == []
