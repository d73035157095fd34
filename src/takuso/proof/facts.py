"""What was proved: which program, which rules, which catalogue, when."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from takuso.barrier.fingerprint import catalogue_hash, major
from takuso.barrier.matrix import Rule, digest
from takuso.kernel.periods import JST
from takuso.store.home import Home
from takuso.store.pools import Pools


def facts(home: Home, root: Path, rules: tuple[Rule, ...]) -> dict[str, Any]:
    """`program`, `commit` (None outside a checkout), `rules`, `catalogue`, `postgresql` (major), `home`, `at` (JST).

    `rules` are the home's table.

    Raises StoreUnavailable.
    """
    with Pools(home, ["web"]) as pools, pools.pool("web").connection() as connection:
        catalogue, postgresql = catalogue_hash(connection), major(connection)
    return {
        "program": version("takuso"),
        "commit": commit(root),
        "rules": digest(rules).hex(),
        "catalogue": catalogue,
        "postgresql": postgresql,
        "home": home.kind,
        "at": datetime.now(UTC).astimezone(JST).isoformat(timespec="seconds"),
    }


def commit(root: Path) -> str | None:
    """The commit that is checked out around this folder, read from git's own files; None where there is none."""
    for folder in root.parents:
        head = folder / ".git" / "HEAD"
        if head.is_file():
            return _resolved(folder / ".git", head.read_text(encoding="ascii").strip())
    return None


def _resolved(git: Path, head: str) -> str | None:
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    if (git / name).is_file():
        return (git / name).read_text(encoding="ascii").strip()
    packed = git / "packed-refs"
    lines = packed.read_text(encoding="ascii").splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)
