"""Random draws keyed by (seed, purpose, item), never by order.

A draw therefore does not change when items are added, removed, sharded or processed on another machine. Counter-based
generator: Philox (Salmon et al., 2011) keyed by SHA-256, both specified bit for bit.
"""

import hashlib
from collections.abc import Iterable

import numpy as np


def _key(seed: int, purpose: str, item: str) -> int:
    digest = hashlib.sha256(f"{seed}\x1f{purpose}\x1f{item}".encode()).digest()
    return int.from_bytes(digest[:16], "little")


def keyed_generator(seed: int, purpose: str, item: str = "") -> np.random.Generator:
    """Return a generator that depends on nothing but its three arguments."""
    return np.random.Generator(np.random.Philox(key=_key(seed, purpose, item)))


def keyed_integer(seed: int, purpose: str, item: str = "") -> int:
    """Return an integer in [0, 2**63), for seeding libraries that take one number."""
    return _key(seed, purpose, item) >> 65


def keyed_order(seed: int, purpose: str, items: Iterable[str]) -> list[str]:
    """Return ``items`` shuffled: sorted by a key of each item, so the order given does not matter."""
    return sorted(items, key=lambda item: (_key(seed, purpose, item), item))
