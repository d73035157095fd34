"""The Merkle tree over the log (RFC 9162, section 2.1): proofs out of leaf hashes. Growing and checking: verify_log."""

from collections.abc import Sequence

from takuso.accesslog.verify_log import Growing, node_hash


class Part:
    """A tree of which the leaves before `start` are known by their peaks alone (roots of perfect subtrees).

    That is enough for every proof about what came after. `leaves` are the hashes from `start` on.
    """

    def __init__(self, start: int, peaks: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        self._start = start
        self._leaves = leaves
        self._old: dict[tuple[int, int], bytes] = {}
        at = 0
        for peak, height in zip(peaks, _heights(start), strict=True):
            self._old[at, at + (1 << height)] = peak
            at += 1 << height

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self._start + len(self._leaves)

    def root(self) -> bytes:
        """The root over all leaves."""
        return self._hash(0, self.size)

    def inclusion(self, index: int) -> list[bytes]:
        """The path from a leaf to the root (2.1.3.1). Raises IndexError for one that is not known by itself."""
        if not self._start <= index < self.size:
            raise IndexError(index)
        return self._path(index, 0, self.size)

    def consistency(self, first: int) -> list[bytes]:
        """What shows that this tree continues the one of the first leaves (2.1.4.1). Raises IndexError."""
        if not max(1, self._start) <= first <= self.size:
            raise IndexError(first)
        return self._since(first, 0, self.size, whole=True)

    def _hash(self, begin: int, end: int) -> bytes:
        known = self._old.get((begin, end))
        if known is not None:
            return known
        if begin >= self._start:
            tree = Growing()
            for leaf in self._leaves[begin - self._start : end - self._start]:
                tree.push(leaf)
            return tree.root()
        middle = begin + _split(end - begin)
        return node_hash(self._hash(begin, middle), self._hash(middle, end))

    def _path(self, index: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        middle = begin + _split(end - begin)
        if index < middle:
            return [*self._path(index, begin, middle), self._hash(middle, end)]
        return [*self._path(index, middle, end), self._hash(begin, middle)]

    def _since(self, first: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        if first == end:
            return [] if whole else [self._hash(begin, end)]
        middle = begin + _split(end - begin)
        if first <= middle:
            return [*self._since(first, begin, middle, whole=whole), self._hash(middle, end)]
        return [*self._since(first, middle, end, whole=False), self._hash(begin, middle)]


def _split(count: int) -> int:
    """The largest power of two below the count."""
    return 1 << (count - 1).bit_length() - 1


def _heights(size: int) -> list[int]:
    return [bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]
