"""Nothing of one machine in the repository: lock files name public registries alone, texts name no local folder."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOCKS: Final = {
    "uv.lock": frozenset({"pypi.org", "files.pythonhosted.org"}),
    "package-lock.json": frozenset({"registry.npmjs.org"}),
}
_HOST: Final = re.compile(r"https?://([^/\"'\s]+)")
_LOCAL_SOURCE: Final = re.compile(r"\b(file:|git\+|path = )")
_FUNDING: Final = re.compile(r'"funding": \{[^}]*\}|"funding": \[[^\]]*\]|"url": "[^"]*"', re.DOTALL)
# Homes of persons, and folders of temporary files by a name somebody's machine gave them.
_FOLDERS: Final = re.compile(r"(?<![A-Za-z0-9_.-])/(root|home|Users|workspace|var/folders)/[A-Za-z0-9._-]")


def problems() -> Iterator[str]:
    """One line for each trace of a machine."""
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        file = Path(name)
        if not file.is_file():
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if file.name in LOCKS:
            yield from _lock(file, text)
        for number, line in enumerate(text.splitlines(), start=1):
            if _FOLDERS.search(line):
                yield f"{file}:{number}: a folder of one machine"


def _lock(file: Path, text: str) -> Iterator[str]:
    strange = set(_HOST.findall(_FUNDING.sub("", text))) - LOCKS[file.name]
    yield from (f"{file}: names the host {host}" for host in sorted(strange))
    if file.name == "uv.lock" and "index-url" in text:
        yield f"{file}: names an index"
    local = {match.group() for match in _LOCAL_SOURCE.finditer(text)}
    yield from (f"{file}: a source of this machine ({found})" for found in sorted(local))


def main() -> int:
    """Print the problems; 1 if there are any."""
    found = list(problems())
    for line in found:
        print(line)
    print(f"hosts: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
