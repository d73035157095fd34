"""What an archive has besides its days: persons, supplier histories and names, as the database has them now."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from takuso.survey.closing.files import sha256, table_hash, text_hash, write_table, write_text
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
    """Write those files of the frame that are not as the database has them; the hashes of all.

    What would be written is hashed first, so that a history that did not change costs no disk. Raises OSError,
    psycopg.Error.
    """
    hashes = _hashes(connection, found, show)
    for name, shape in _TABLES.items():
        if not _is(folder / name, hashes[name]):
            # Read a second time: the database may have changed in between, and the file is what counts.
            hashes[name] = write_table(folder, name, shape, rows(connection, shape)).sha256
    if not _is(folder / META, hashes[META]):
        write_text(folder, META, _text(found))
    return hashes


def frame_now(connection: Connection, folder: Path, affiliate: str) -> dict[str, str]:
    """The hashes that the files of the frame would have now; meta.json is left out where no affiliate can be named.

    Without `affiliate` it is the one of the archive. Nothing is written. Raises psycopg.Error.
    """
    found: dict[str, Any] | None
    try:
        found = source_meta(connection, affiliate or _recorded_affiliate(folder))
    except NoAffiliate:
        found = None
    return _hashes(connection, found, lambda *_: None)


def frame_digest(hashes: Mapping[str, str]) -> bytes:
    """SHA-256 over the lines `NAME SHA256` of the files of the frame, in order of name: the leaf of the log has it."""
    return hashlib.sha256("".join(f"{name} {hashes[name]}\n" for name in sorted(hashes)).encode()).digest()


def _hashes(connection: Connection, found: Mapping[str, Any] | None, show: Progress) -> dict[str, str]:
    hashes = {}
    for number, (name, shape) in enumerate(_TABLES.items()):
        show(_SHOWN, number, len(_TABLES))
        hashes[name] = table_hash(shape, rows(connection, shape))
    if found is not None:
        hashes[META] = text_hash(_text(found))
    show(_SHOWN, len(_TABLES), len(_TABLES))
    return hashes


def _text(found: Mapping[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and sha256(file) == digest


def _recorded_affiliate(folder: Path) -> str:
    try:
        found = json.loads((folder / META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(found.get("affiliate", "")) if isinstance(found, dict) else ""
