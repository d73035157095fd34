"""Whether cold days are where cold.json says: by what the store tells of its objects, or by all their bytes."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from takuso.survey.closing.checking import Away
from takuso.survey.closing.files import Written
from takuso.survey.closing.run import Closed
from takuso.survey.cold.manifest import ColdDay, Kept, read_manifest
from takuso.survey.cold.objects import Absent, Objects, Other, Seen
from takuso.survey.cold.place import elsewhere, object_name

_BACK = "版を残す設定なら、置き場で前の版に戻してください。"


def looking_away(folder: Path, objects: Callable[[], Objects], *, deep: bool) -> Away:
    """What `closing.checking.check` asks for files that are not in the folder. `objects` is called if there is one.

    `deep`: every byte is read and hashed; else size and checksum (or ETag, where the store keeps no checksum) are asked
    for. Raises BrokenManifest; what is given raises StoreFailed.
    """
    manifest = read_manifest(folder)
    opened: list[Objects] = []

    def ask(listed: Closed, file: Written) -> str | None:
        one = _of(manifest, listed)
        kept = next((kept for kept in one.files if kept.path == file.path), None) if one is not None else None
        if one is None or kept is None:
            return None
        if not opened:
            opened.append(objects())
        if not opened[0].place.has(one.endpoint, one.bucket):
            return f"手元になく、{elsewhere(opened[0].place, one.endpoint, one.bucket)}"
        key = object_name(one.prefix, str(one.day), one.digest, file.path)
        where = f"置き場（{one.endpoint} の {one.bucket}）"
        try:
            what = _read(opened[0], key, kept, file) if deep else _looked(opened[0].look(key), kept, file)
        except Absent:
            return f"手元にも{where}にもありません。{_BACK}"
        return f"{where}で{what}{_BACK}" if what else ""

    return ask


def _of(manifest: Mapping[date, ColdDay], listed: Closed) -> ColdDay | None:
    one = manifest.get(listed.day)
    return one if one is not None and one.digest == listed.digest.hex() else None


def _looked(seen: Seen, kept: Kept, file: Written) -> str:
    if seen.size != kept.size:
        return f"大きさが違います（{kept.size:,} バイトが {seen.size:,} バイト）。"
    if seen.sha256 is not None:
        return "" if seen.sha256 == file.sha256 else "内容のハッシュが違います。"
    return "" if seen.etag == kept.etag else "書き換えられています（ETag が違います）。"


def _read(objects: Objects, key: str, kept: Kept, file: Written) -> str:
    try:
        objects.read(key, kept.size, file.sha256, lambda _: None)
    except Other as error:
        return str(error)
    return ""
