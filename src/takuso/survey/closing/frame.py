"""What an archive has besides its days: persons, supplier histories and names, as the database has them now."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from takuso.survey.closing.files import beside, replace_where_other, sha256, write_table, write_text
from takuso.survey.closing.reading import PEOPLE, SUPPLY, Connection, meta, rows

META: Final = "meta.json"
_TABLES: Final = {"people.parquet": PEOPLE, "supply.parquet": SUPPLY}
FILES: Final = (*_TABLES, META)
"""Their names, at the top of the folder."""
_SHOWN: Final = "供給者の履歴"
Progress = Callable[[str, int, int], None]


class NoAffiliate(Exception):
    """The home has no affiliate, or several, and a source names one; Japanese, says what to do."""


def source_meta(connection: Connection, affiliate: str) -> dict[str, Any]:
    """The content of meta.json; `affiliate` chooses one where there are several. Raises NoAffiliate, psycopg.Error."""
    found = meta(connection)
    affiliates = [code for code in found["affiliates"] if affiliate in ("", code)]
    if len(found["networks"]) != 1 or len(affiliates) != 1:
        raise NoAffiliate(
            f"調査の元には送配電の会社と特定関係事業者が 1 社ずつ要ります（送配電 {len(found['networks'])} 社、"
            f"特定関係事業者 {len(affiliates)} 社）。\n"
            "対処: AD20 で特定関係事業者を登録するか、--affiliate でそのうちの 1 社のコードを指定してください。"
        )
    return {
        "network": found["networks"][0],
        "affiliate": affiliates[0],
        "timezone": "Asia/Tokyo",
        "screens": found["screens"],
    }


def write_frame(connection: Connection, folder: Path, found: Mapping[str, Any], show: Progress) -> dict[str, str]:
    """Bring the files of the frame up to date, leaving those that are; their hashes. Raises OSError, psycopg.Error."""
    with beside(folder) as apart:
        hashes = _write(connection, apart, found, show)
        for name, digest in hashes.items():
            replace_where_other(apart / name, folder / name, digest)
    return hashes


def frame_now(connection: Connection, folder: Path, affiliate: str) -> dict[str, str]:
    """The hashes that the files of the frame would have now; meta.json is left out where no affiliate can be named.

    Without `affiliate` it is the one of the archive. They are written out beside and go again. Raises OSError,
    psycopg.Error.
    """
    found: dict[str, Any] | None
    try:
        found = source_meta(connection, affiliate or _recorded_affiliate(folder))
    except NoAffiliate:
        found = None
    with beside(folder) as apart:
        return _write(connection, apart, found, lambda *_: None)


def _write(connection: Connection, place: Path, found: Mapping[str, Any] | None, show: Progress) -> dict[str, str]:
    hashes = {}
    for number, (name, shape) in enumerate(_TABLES.items()):
        show(_SHOWN, number, len(_TABLES))
        hashes[name] = write_table(place, name, shape, rows(connection, shape)).sha256
    if found is not None:
        write_text(place, META, json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        hashes[META] = sha256(place / META)
    show(_SHOWN, len(_TABLES), len(_TABLES))
    return hashes


def _recorded_affiliate(folder: Path) -> str:
    try:
        found = json.loads((folder / META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(found.get("affiliate", "")) if isinstance(found, dict) else ""
