"""The tree against RFC 9162 (and the vectors of RFC 6962's reference implementation), and a second, naive one."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from takuso.accesslog.tree import Part
from takuso.accesslog.verify_log import Growing, consistent, included, leaf_hash

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def naive(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def test_the_eight_known_leaves() -> None:
    tree = Growing()
    assert tree.root().hex() == ROOTS[0]
    for size, leaf in enumerate(HASHES, 1):
        tree.push(leaf)
        assert tree.root().hex() == ROOTS[size]
        assert Part(0, [], HASHES[:size]).root().hex() == ROOTS[size]


def test_known_paths() -> None:
    part = Part(0, [], HASHES)
    assert [step.hex() for step in part.inclusion(5)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [step.hex() for step in part.consistency(6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_grows_as_the_naive_one(leaves: list[bytes]) -> None:
    tree = Growing()
    for leaf in leaves:
        tree.push(leaf_hash(leaf))
    assert tree.root() == naive(leaves)


@given(st.data(), st.integers(1, 70))
def test_every_proof_from_any_start(data: st.DataObject, size: int) -> None:
    leaves = [str(n).encode() for n in range(size)]
    start = data.draw(st.integers(0, size - 1))
    index = data.draw(st.integers(start, size - 1))
    tree = Growing()
    for leaf in leaves[:start]:
        tree.push(leaf_hash(leaf))
    part = Part(start, tree.peaks, [leaf_hash(leaf) for leaf in leaves[start:]])
    root = naive(leaves)
    path = part.inclusion(index)
    assert part.root() == root
    assert included(leaf_hash(leaves[index]), index, size, path, root)
    assert not included(leaf_hash(b"other"), index, size, path, root)
    assert not included(leaf_hash(leaves[index]), index, size, [*path, root], root)
    wrong = data.draw(st.integers(0, size - 1).filter(lambda n: n != index)) if size > 1 else size
    assert not included(leaf_hash(leaves[index]), wrong, size, path, root)
    first = data.draw(st.integers(max(1, start), size))
    proof = part.consistency(first)
    assert consistent(first, size, naive(leaves[:first]), root, proof)
    assert not consistent(first, size, naive([*leaves[: first - 1], b"other"]), root, proof)


def test_what_is_not_known_is_refused() -> None:
    part = Part(4, [Part(0, [], HASHES[:4]).root()], HASHES[4:])
    with pytest.raises(IndexError):
        part.inclusion(3)
    with pytest.raises(IndexError):
        part.consistency(3)
    with pytest.raises(ValueError, match="peaks"):
        Growing(3, [b"one"])
