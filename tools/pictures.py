"""Pictures of the office for the pages: `make pictures`.

Each picture is taken in a browser, from an invented area of fixed seed and day, by a walk that expects what it shows;
tests/journeys/test_pictures.py makes the same walks without taking anything. A new picture is one line of PICTURES
and the walk that leads there.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tools.png import pressed

FOLDER: Final = Path(__file__).parents[1] / "docs" / "pictures"
SIZE: Final = ViewportSize(width=1366, height=768)
SEED: Final = "1"
DAY: Final = "2026-11-26"
POINTS: Final = "200"
PROVED: Final = ("doors", "rule", "catalogue", "stamps", "walls")
"""The checks whose book is pictured: those that need no walk, so that a picture costs seconds."""
LARGEST: Final = 150_000
"""Bytes of one picture, at most."""
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a walk needs: a customer of 葵電力, one of another retailer, the file of a proof book."""

    own: str
    foreign: str
    book: Path


Walk = Callable[[Page, Scene], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture: its file's name without ending, who looks (None: nobody is signed in), and the walk."""

    name: str
    person: str | None
    walk: Walk


def _notice(page: Page, scene: Scene) -> None:
    page.goto("/screens/MN00")
    _open(page, "KF10", scene.own)
    expect(page).to_have_title("口振異動通知 KF10 | 託送")
    expect(page.get_by_role("heading", name="異動通知", exact=True)).to_be_visible()


def _information_2(page: Page, scene: Scene) -> None:
    _notice(page, scene)
    page.keyboard.press("F9")
    expect(page).to_have_title("お客さま情報Ⅱ CI20 | 託送")
    expect(page.get_by_role("img", name="月別使用量")).to_be_visible()


def _neutral(page: Page, scene: Scene) -> None:
    page.goto("/screens/MN00")
    _open(page, "CI20", scene.foreign)
    expect(page.get_by_role("heading", name="該当するお客さまはない、または取り扱えません")).to_be_visible()
    expect(page.get_by_text(scene.foreign).first).to_be_visible()


def _purpose(page: Page, scene: Scene) -> None:
    page.goto("/screens/MN00")
    _open(page, "CI20", scene.own)
    expect(page.get_by_role("heading", level=1)).to_have_text("利用目的の申告")
    expect(page.locator("#purpose-code")).to_be_visible()


def _log(page: Page, _scene: Scene) -> None:
    """What the walks before this one left; this look is a record too."""
    page.goto("/screens/AL10")
    expect(page).to_have_title("閲覧記録 AL10 | 託送")
    expect(page.get_by_text("CI20").first).to_be_visible()


def _book(page: Page, scene: Scene) -> None:
    page.goto(scene.book.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("証明書")


PICTURES: Final = (
    Picture(name="notice", person="aoi-clerk", walk=_notice),
    Picture(name="information-2", person="aoi-clerk", walk=_information_2),
    Picture(name="neutral", person="aoi-clerk", walk=_neutral),
    Picture(name="purpose", person="td-contact", walk=_purpose),
    Picture(name="log", person="td-compliance", walk=_log),
    Picture(name="proof-book", person=None, walk=_book),
)


def _open(page: Page, screen: str, customer: str) -> None:
    page.fill("#entry-screen", screen)
    page.fill("#entry-customer", customer)
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def take(address: str, scene: Scene, folder: Path) -> list[Path]:
    """Take every picture of the office at this address. Raises AssertionError if a page is not what it should be."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    files = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for picture in PICTURES:
            context = browser.new_context(base_url=address, viewport=SIZE, locale="ja-JP", timezone_id="Asia/Tokyo")
            page = context.new_page()
            if picture.person:
                page.goto("/login")
                page.locator(f"button[name=person][value={picture.person}]").click()
            picture.walk(page, scene)
            file = folder / f"{picture.name}.png"
            file.write_bytes(pressed(page.screenshot(animations="disabled", caret="hide")))
            files.append(file)
            context.close()
        browser.close()
    return files


@contextmanager
def served() -> Iterator[tuple[str, Scene]]:
    """The office over the fixed area, with the book of a few checks."""
    with TemporaryDirectory(prefix="takuso-pictures-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        env = os.environ | {"TAKUSO_HOME": f"{folder}/home", "PORT": port}
        env.pop("DATABASE_URL", None)
        _takuso(env, "demo", "--points", POINTS, "--seed", SEED, "--now", DAY)
        office = subprocess.Popen([sys.executable, "-m", "takuso.main", "serve"], env=env, stderr=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL)  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address)
            _takuso(env, "barrier", "verify", *(f"--only={name}" for name in PROVED), "--book", f"{folder}/book")
            yield (
                address,
                Scene(
                    own=_customer(env, "own"),
                    foreign=_customer(env, "foreign"),
                    book=Path(folder) / "book" / "book.html",
                ),
            )
        finally:
            office.terminate()
            office.wait()


def _takuso(env: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "takuso.main", *words], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"takuso {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _customer(env: dict[str, str], kind: str) -> str:
    found = _takuso(env, "demo", "customers", "--kind", kind, "--person", "aoi-clerk", "--limit", "1", "--json")
    return str(json.loads(found)["customers"][0]["customer_code"])


def _wait(address: str) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"{address}/livez"):  # noqa: S310 - an address of this machine
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def main(arguments: Sequence[str]) -> int:
    """Take the pictures into docs/pictures (or the folder that is named); 1 if one is too large."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with served() as (address, scene):
        files = take(address, scene, folder)
    for file in files:
        print(file.name, file.stat().st_size)
    return int(any(file.stat().st_size > LARGEST for file in files))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
