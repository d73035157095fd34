"""What a deletion by the rules does with copies in the store: they go with the day, after its record.

Nothing else removes an object. A store that keeps versions keeps the former ones until its own rule ends them.
"""

from collections.abc import Collection
from datetime import date
from pathlib import Path

from takuso.survey.closing.run import Closed
from takuso.survey.cold.manifest import read_manifest, write_manifest
from takuso.survey.cold.objects import Absent, Objects, Other
from takuso.survey.cold.place import object_name


class Copies:
    """The copies that cold.json tells of. Without `objects` (no store is configured) they can only be named.

    Every call raises BrokenManifest; `whole` and `remove` raise StoreFailed.
    """

    def __init__(self, folder: Path, objects: Objects | None) -> None:
        self._folder, self._objects = folder, objects

    def days(self) -> Collection[date]:
        """Days that have a copy."""
        return read_manifest(self._folder).keys()

    def reachable(self, day: date) -> bool:
        """Whether a store is configured, and it is the one that has the copies of this day."""
        known = read_manifest(self._folder).get(day)
        copies = (known, *known.former) if known is not None else ()
        return self._objects is not None and all(self._objects.place.has(one.endpoint, one.bucket) for one in copies)

    def whole(self, day: date, listed: Closed) -> bool:
        """Whether what is not in the folder lies in the store, with the hashes it was closed with; read as a whole."""
        known = read_manifest(self._folder).get(day)
        if known is None or self._objects is None or known.digest != listed.digest.hex() or not self.reachable(day):
            return False
        sizes = {file.path: file.size for file in known.files}
        for file in listed.files:
            if (self._folder / file.path).exists():
                continue
            key = object_name(known.prefix, str(day), known.digest, file.path)
            try:
                self._objects.read(key, sizes[file.path], file.sha256, lambda _: None)
            except (Absent, Other, KeyError):
                return False
        return True

    def remove(self, day: date) -> None:
        """Remove the objects of a day, and then its place in cold.json; what is gone already is no fault.

        Nothing is done, and nothing forgotten, where the copies cannot be reached.
        """
        manifest = read_manifest(self._folder)
        known = manifest.get(day)
        if known is None or self._objects is None or not self.reachable(day):
            return
        for one in (*known.former, known):
            for file in one.files:
                self._objects.remove(object_name(one.prefix, str(day), one.digest, file.path))
        del manifest[day]
        write_manifest(self._folder, manifest)
