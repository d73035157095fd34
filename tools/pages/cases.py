"""docs/reference/cases.md: the cases of the reception that must be told, and the folders that tell them."""

from pathlib import Path
from typing import Any, Final

import yaml

from tools.pages.markdown import code, table
from tools.pages.markdown import page as whole

FOLDER: Final = Path("tests/flow/reception")


def page() -> str:
    """The page."""
    file = Path(__file__).parents[2] / FOLDER / "cases.yml"
    groups: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    told = [one for group in groups for one in group["cases"] if "folder" in one]
    gaps = [(one["title"], one["later"]) for group in groups for one in group["cases"] if "later" in one]
    return whole(
        "異動受付の事例",
        f"""規則を、申込の表とその結果の表で語ったものです。事例 1 つがフォルダー 1 つで
（`{FOLDER}/scenarios`）、`when` に申込と出来事、`then` にその時の状態・拒否・供給者・見え方を書きます。テストは
そのとおりになることを毎回確かめます。語った事例 {len(told)}、まだ語っていない事例 {len(gaps)}。""",
        *(part for group in groups for part in _group(group)),
        "## まだ語っていない事例",
        table(("事例", "要るもの"), gaps) if gaps else "ありません。",
    )


def _group(group: dict[str, Any]) -> tuple[str, ...]:
    rows = [(one["title"], code(one["folder"])) for one in group["cases"] if "folder" in one]
    return (f"## {group['group']}", table(("事例", "フォルダー"), rows)) if rows else ()
