"""The patched copy of the program: the package as it runs, with a fault's changes in it."""

import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from takuso.proof.faults.fault import Swap
from takuso.store.errors import StoreError


class PatchMisfit(StoreError):
    """The program is not the one the fault was written for."""

    def __init__(self, file: str, count: int) -> None:
        super().__init__(
            f"欠陥を植えられません: {file} に、書き換える箇所が {count} つあります（1 つのはず）。\n"
            "対処: プログラムの版と欠陥の表（takuso.proof.faults）を合わせてください。"
        )


def patched(package: Path, swaps: Sequence[Swap]) -> Mapping[str, str]:
    """The changed files' whole texts. Raises PatchMisfit; nothing is written."""
    texts: dict[str, str] = {}
    for swap in swaps:
        text = texts.get(swap.file) or (package / swap.file).read_text(encoding="utf-8")
        if text.count(swap.old) != 1:
            raise PatchMisfit(swap.file, text.count(swap.old))
        texts[swap.file] = text.replace(swap.old, swap.new)
    for file, text in texts.items():
        if file.endswith(".py"):
            compile(text, file, "exec")
    return texts


def write_copy(package: Path, texts: Mapping[str, str], folder: Path) -> None:
    """Put a copy of the package with these texts into the folder, which must not exist; all of it or nothing."""
    new = folder.with_name(f"{folder.name}.new-{secrets.token_hex(4)}")
    try:
        new.mkdir(mode=0o700)
        # With what is compiled of it, which goes by a source's time and size; not so for the files that are changed.
        shutil.copytree(package, new / package.name)
        for file, text in texts.items():
            changed = new / package.name / file
            for compiled in (changed.parent / "__pycache__").glob(f"{changed.stem}.*"):
                compiled.unlink()
            changed.write_text(text, encoding="utf-8")
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def remove_copy(folder: Path) -> None:
    """Take the copy away, and what an interrupted write left."""
    for old in (folder, *folder.parent.glob(f"{folder.name}.new-*")):
        shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        raise CopyRemains(folder)


class CopyRemains(StoreError):
    """The folder of the copy could not be removed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"書き換えたプログラムの写し（{folder}）を消せません。\n"
            f"対処: 次を実行してから、もう一度 takuso drill heal を実行してください: rm -r '{folder}'"
        )
