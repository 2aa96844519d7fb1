"""Copies among photographs: the same file, and the same picture cropped, mirrored, in other light or stored anew.

An image is kept as a hash of its pixels and a grey thumbnail. Exact copies have equal hashes. Near copies are looked
for in two steps. First all pairs are compared by low frequencies of the thumbnails (the idea of pHash: Zauner, 2010),
those of one picture taken within 18 windows, one of which is close to any crop of up to an eighth off each side: matrix
products, in blocks. Then the few pairs left are aligned and compared place by place (`synface.core.registration`).

`benchmarks/copies.py` measures what is found, by kind of change, and what is taken for a copy falsely. Not found: crops
of more than about 13 % off each side, two crops that each show more than 3 % the other lacks, pictures turned by more
than 1 degree or lit anew from one side, pictures half of which clipping made black or white.

Of more than `_MOST_CROPPED` pairs, as among 50,000 portraits, crops are not looked for: an eighteenth of the time.

Memory grows with the number of images, about 5 kB each, and time with its square. 15,339 files of 100 x 100 pixels took
5 s to read and 10 to 13 s to compare on one core; to align faces takes about 5 s more, by the share of 1,326 aligned
faces that look alike. Portraits before plain backdrops look alike at low frequencies: 30 times as many are aligned.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import Literal

import cv2
import numpy as np

from synface.core.registration import SIDE, lying_alike, similarities

logger = logging.getLogger(__name__)

NEAR = 0.9  # the least similarity of a near copy
# The least correlation of low frequencies. 0.1 % of crops have less; of pairs of different photographs 99 % have, of
# aligned faces 99.97 %.
_CANDIDATE = 0.83
_CANDIDATE_WHOLE = 0.9  # the same where crops are not looked for
# Left, right, top, bottom: one of them is near any crop of up to 0.12 off each side. Within 0.04 is near enough; the
# last one is for the crops that are just as far from all others.
_WHOLE = (0.0, 0.0, 0.0, 0.0)
_WINDOWS = (_WHOLE, *product((0.02, 0.10), repeat=4), (0.06,) * 4)
_FREQUENCIES = 8
_MOST_CROPPED = 2_000_000_000  # pairs; two minutes on one core
_ROWS, _COLUMNS = 256, 1024  # images compared at once; what is computed of them stays in a processor's cache
_PAIRS = 64  # pairs aligned at once
_FLAT = 2.0  # grey levels: a picture with less contrast is no copy of anything but itself


@dataclass(frozen=True)
class Signature:
    """What is kept of an image.

    Attributes:
        key: SHA-256 of the shape and the pixels.
        thumbnail: uint8 [64, 64], grey, the whole image scaled to a square.
    """

    key: bytes
    thumbnail: np.ndarray


@dataclass(frozen=True)
class Signatures:
    """What is kept of a set of images: their ``keys`` and ``thumbnails`` (uint8 [N, 64, 64])."""

    keys: tuple[bytes, ...]
    thumbnails: np.ndarray


@dataclass(frozen=True, order=True)
class Copy:
    """Two images that show the same picture: their places in their sets, and how alike their least alike parts are.

    Attributes:
        first: place in the first set.
        second: place in the second set; within one set always greater than ``first``.
        kind: "exact" (the same pixels) or "near".
        similarity: 1 for exact copies; else in [-1, 1], with three decimals.
    """

    first: int
    second: int
    kind: Literal["exact", "near"]
    similarity: float


def signature(image: np.ndarray) -> Signature:
    """Return what is kept of ``image``, uint8 RGB [H, W, 3]."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(f"expected uint8 [H, W, 3], got {image.dtype} {image.shape}")
    key = hashlib.sha256(np.array(image.shape, "<i8").tobytes() + image.tobytes()).digest()
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    way = cv2.INTER_AREA if min(grey.shape) >= SIDE else cv2.INTER_LINEAR  # the former would leave steps when enlarging
    return Signature(key, cv2.resize(grey, (SIDE, SIDE), interpolation=way))


def stack(signatures: Iterable[Signature]) -> Signatures:
    """Return the signatures of a set as one; they may come from a generator, one image in memory at a time."""
    kept = list(signatures)
    thumbnails = np.stack([one.thumbnail for one in kept]) if kept else np.zeros((0, SIDE, SIDE), np.uint8)
    return Signatures(tuple(one.key for one in kept), thumbnails)


def find_copies(first: Signatures, second: Signatures | None = None, *, least: float = NEAR) -> list[Copy]:
    """Return the copies within ``first``, or between ``first`` and ``second``, sorted by place.

    ``least``, greater than 0, is the similarity that makes a near copy. Photographs of different moments were seen to
    reach 0.86 (neighbouring frames of a film, one cropped), different people 0.75. A picture in which an expression was
    edited may have any similarity: that of its most changed parts. Pairs that cannot be aligned are never returned,
    however low ``least`` is. A verdict depends on the two images alone, but that among very many (`_MOST_CROPPED`)
    crops are not looked for, which is logged.
    """
    exact = _exact(first, first if second is None else second, within=second is None)
    found: dict[tuple[int, int], float] = {}
    one = first.thumbnails
    other = one if second is None else second.thumbnails
    cropped = len(one) * len(other) <= _MOST_CROPPED
    if not cropped:
        logger.info("%d x %d pictures are many: copies that were cropped are not looked for", len(one), len(other))
    near = _near(one, other, cropped)
    if second is None:
        near = ((min(i, j), max(i, j), similarity) for i, j, similarity in near)
    elif cropped:  # either may be the one
        near = chain(near, ((i, j, similarity) for j, i, similarity in _near(other, one, cropped)))
    for i, j, similarity in near:
        if similarity >= least and (i, j) not in exact:
            found[i, j] = max(similarity, found.get((i, j), similarity))
    copies = [Copy(i, j, "exact", 1.0) for i, j in exact]
    return sorted(copies + [Copy(i, j, "near", similarity) for (i, j), similarity in found.items()])


def _exact(first: Signatures, second: Signatures, *, within: bool) -> set[tuple[int, int]]:
    """Return the pairs with equal pixels, but for pictures of one color: there is nothing in them to copy."""
    places: dict[bytes, list[int]] = {}
    for j, key in enumerate(second.keys):
        places.setdefault(key, []).append(j)
    shown = np.ptp(first.thumbnails.reshape(len(first.keys), -1), axis=1) > 0 if len(first.keys) else ()
    return {
        (i, j)
        for i, key in enumerate(first.keys)
        for j in (places.get(key, ()) if shown[i] else ())
        if i < j or not within
    }


def _near(one: np.ndarray, whole: np.ndarray, cropped: bool) -> Iterator[tuple[int, int, float]]:
    """Yield (place in ``one``, place in ``whole``, similarity) where the latter may show the same as the former.

    Where ``cropped``, what it shows may be a window of the former.
    """
    windows, least = (_WINDOWS, _CANDIDATE) if cropped else (_WINDOWS[:1], _CANDIDATE_WHOLE)
    for i, j, window, mirrored in _candidates(one, whole, windows, least):
        for start in range(0, len(i), _PAIRS):
            some = slice(start, start + _PAIRS)
            shown = whole[j[some]]
            shown = np.where(mirrored[some, None, None], shown[:, :, ::-1], shown).astype(np.float32)
            margins = np.array(windows, np.float32)[window[some]]
            seen = one[i[some]].astype(np.float32)
            # Pictures that are fine-grained all over, such as noise, cannot be aligned; those that lie alike need not.
            values = similarities(seen, shown, margins)
            lying = (window[some] == 0) & (values < NEAR)
            values[lying] = np.maximum(values[lying], lying_alike(seen[lying], shown[lying]))
            # Rounded, so that the order of additions in a matrix product cannot show.
            yield from zip(i[some].tolist(), j[some].tolist(), np.round(values.astype(float), 3).tolist(), strict=True)


def _candidates(
    one: np.ndarray, whole: np.ndarray, windows: Sequence[tuple[float, ...]], least: float
) -> Iterator[tuple[np.ndarray, ...]]:
    """Yield arrays (place in ``one``, place in ``whole``, window, mirrored); a pair at most once each way."""
    described = [_described(whole[start : start + _COLUMNS], _WHOLE) for start in range(0, len(whole), _COLUMNS)]
    # Written over and over: to ask for so much memory in each round may take longer than to compute.
    space = *np.empty((3, _ROWS * _COLUMNS), np.float32), np.empty(_ROWS * _COLUMNS, bool)
    for row in range(0, len(one), _ROWS):
        seen = [_described(one[row : row + _ROWS], window) for window in windows]
        hits = []
        for column in range(len(described)):
            for window, frequencies in enumerate(seen):
                i, j, *how = _alike(frequencies, described[column], least, space)
                if len(i):
                    hits.append((row + i, column * _COLUMNS + j, np.full(len(i), window), *how))
        if hits:
            i, j, window, mirrored, values = (np.concatenate(parts) for parts in zip(*hits, strict=True))
            order = np.lexsort((window, -values, mirrored, j, i))
            pairs = np.stack([i, j, mirrored])[:, order]
            best = order[np.append(True, (np.diff(pairs, axis=1) != 0).any(axis=0))]
            best = best[(one is not whole) | (i[best] != j[best])]
            yield i[best], j[best], window[best], mirrored[best]


def _alike(
    one: tuple[np.ndarray, np.ndarray],
    other: tuple[np.ndarray, np.ndarray],
    least: float,
    space: tuple[np.ndarray, ...],
) -> tuple[np.ndarray, ...]:
    """Return (place in ``one``, place in ``other``, mirrored, correlation) of candidates; ``space`` is written over."""
    shape = len(one[0]), len(other[0])
    values, even, odd, high = (part[: shape[0] * shape[1]].reshape(shape) for part in space)
    np.matmul(one[0], other[0].T, out=even)
    np.matmul(one[1], other[1].T, out=odd)
    np.abs(odd, out=values)  # mirrored, odd waves change their sign: the better way counts
    values += even
    places = np.flatnonzero(np.greater_equal(values, least, out=high))
    return *np.divmod(places, shape[1]), odd.ravel()[places] < 0, values.ravel()[places]


def _described(thumbnails: np.ndarray, window: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return low frequencies of thumbnails within a window, [N, waves] twice: even and odd from left to right.

    Cosine waves, all but the mean, weighted by frequency, since pictures hold less of the higher ones (Field, 1987).
    The two parts together have length 1, or 0 for flat pictures.
    """
    left, right, top, bottom = window
    pictures = thumbnails.astype(np.float32)
    waves = _waves(top, 1 - bottom) @ pictures @ _waves(left, 1 - right).T
    down, across = np.mgrid[:_FREQUENCIES, :_FREQUENCIES]
    frequency = np.hypot(down, across).astype(np.float32)
    waves *= frequency
    used = (frequency > 0) & (frequency < _FREQUENCIES - 0.5)
    length = np.maximum(np.sqrt((waves[:, used] ** 2).sum(1, keepdims=True)), 1e-6)
    length[pictures.std(axis=(1, 2)) < _FLAT] = np.inf
    even, odd = (waves[:, used & (across % 2 == side)] / length for side in (0, 1))
    return np.ascontiguousarray(even), np.ascontiguousarray(odd)


def _waves(low: float, high: float) -> np.ndarray:
    """Return [_FREQUENCIES, SIDE]: cosine waves over [low, high] of the side, each integrated over each pixel."""
    place = np.clip((np.arange(SIDE + 1) / SIDE - low) / (high - low), 0, 1)
    order = np.arange(1, _FREQUENCIES)[:, None]
    waves = np.sqrt(2) * np.sin(np.pi * order * place) / (np.pi * order)
    return np.diff(np.vstack([place, waves]), axis=1).astype(np.float32)
