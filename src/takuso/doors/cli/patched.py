"""Going on as the patched copy of the program that a drill has put into a demo home."""

import os
import sys
from pathlib import Path

import takuso
from takuso.doors.cli.answers import could_not_run, say
from takuso.store import settings
from takuso.store.home import Home


def run_patched(home: Home) -> None:
    """Replace this process by the patched copy with the same arguments; return if there is none, or this is it.

    Processes that it starts import the copy as well. Only a demo home has one. Raises Refused.
    """
    if home.kind != "demo" or not home.patched.is_dir() or _runs_from(home.patched):
        return
    if settings.PATCHED.read() == str(home.patched):
        raise could_not_run(
            f"訓練のために書き換えたプログラム（{home.patched}）を実行できません。\n"
            "対処: takuso drill heal で訓練を終えてください。"
        )
    say("注意: 訓練の欠陥があるプログラムで動きます。終えるには takuso drill heal を実行してください。")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(home.patched), os.environ.get("PYTHONPATH")))),
        # Without it, the folder the command is called in would come before the copy.
        "PYTHONSAFEPATH": "1",
        settings.PATCHED.name: str(home.patched),
    }
    os.execve(sys.executable, [sys.executable, "-m", "takuso.main", *sys.argv[1:]], environment)  # noqa: S606


def _runs_from(folder: Path) -> bool:
    return Path(takuso.__file__).resolve().is_relative_to(folder)
