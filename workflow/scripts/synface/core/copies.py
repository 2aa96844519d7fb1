"""Copies among pictures: the same picture, or one mirrored, cropped, brightened, recompressed or resized.

Two steps. Pictures are compared by a few low frequencies, each with every other, whole, mirrored, and with windows of
it in case one was cropped: a matrix product for each. What is alike there is laid on top of each other to a fraction
of a pixel and must agree in its details, in which photographs of even the same face do not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from synface.core.images import picture_key

SIDE = 64
"""Pixels of the side of the grey picture that is kept of each picture."""
# Low frequencies in each direction: few to compare every two pictures by, more for those that are alike by these.
_FEW, _MANY = 8, 12
# What a crop may have left: the whole, or so much of it, at the start, in the middle or at the end.
_LEFT = (0.94, 0.87)
# Correlation of the low frequencies from which details are looked at: of whole pictures, which fit unless brightness
# was cut off at black or white, and of windows, which are never quite those that were cropped.
_ALIKE_WHOLE, _ALIKE_WINDOW = (0.80, 0.82), (0.86, 0.76)  # by few and by many waves
_GLANCE = 0.62  # correlation of details at half the side from which they are looked at closely
_SAME = 0.90  # correlation of details from which two pictures are copies; benchmarks/copies.py shows the gap
_CELLS = 1 << 25  # of the matrix of all pairs that are in memory at a time
# Resizing treats the finest details in its own way; where the low frequencies are equal, less of them is enough.
_EQUAL, _SAME_IF_EQUAL = 0.99, 0.80
_AT_ONCE = 4096  # pictures whose waves are taken at a time


Window = tuple[float, float, float, float]
"""(left, top, right, bottom) as fractions of a picture."""
_WHOLE: Window = (0.0, 0.0, 1.0, 1.0)
_Seen = tuple[float, bool, Window]
"""(correlation of low frequencies, whether mirrored, window)"""


@dataclass(frozen=True)
class Pictures:
    """What is kept of N pictures to compare them by.

    Attributes:
        keys: SHA-256 of the pixels of each.
        grey: uint8 [N, SIDE, SIDE].
    """

    keys: list[str]
    grey: np.ndarray


@dataclass(frozen=True)
class Copy:
    """Two pictures that are copies.

    Attributes:
        first: index of one.
        second: index of the other.
        kind: ``exact`` (equal pixels) or ``near``.
        similarity: correlation of their details, 1 for equal pixels.
    """

    first: int
    second: int
    kind: str
    similarity: float


def look_at(images: Iterable[np.ndarray]) -> Pictures:
    """Return what is kept of uint8 RGB images [H, W, 3]."""
    keys, grey = [], []
    for image in images:
        keys.append(picture_key(image))
        flat = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        grey.append(cv2.resize(flat, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
    return Pictures(keys, np.stack(grey) if grey else np.zeros((0, SIDE, SIDE), np.uint8))


def find_copies(first: Pictures, second: Pictures | None = None, *, cropped: bool = True) -> list[Copy]:
    """Return the pairs of copies between two sets, or within one; each pair once, by its indices.

    Pictures of one color are no copies of each other: there is nothing in them to copy. Without ``cropped`` only whole
    pictures are compared, which takes a twentieth of the time.
    """
    windows = _windows() if cropped else [_WHOLE]
    other = first if second is None else second
    within = second is None
    pairs: dict[tuple[int, int], Copy] = {}
    for i, j in _equal_keys(first, other):
        if (not within or i < j) and np.ptp(first.grey[i]):
            pairs[i, j] = Copy(i, j, "exact", 1.0)
    for i, j, seen in _alike(first.grey, other.grey, within, windows):
        pair = (min(i, j), max(i, j)) if within else (i, j)
        if pair not in pairs:
            _verify(pairs, pair, first.grey[i], other.grey[j], seen)
    if not within:  # a picture of the first set may be the crop of one of the second
        for j, i, seen in _alike(other.grey, first.grey, within, windows[1:]):
            if (i, j) not in pairs:
                _verify(pairs, (i, j), other.grey[j], first.grey[i], seen)
    return [pairs[pair] for pair in sorted(pairs)]


def _verify(
    pairs: dict[tuple[int, int], Copy], pair: tuple[int, int], picture: np.ndarray, other: np.ndarray, seen: _Seen
) -> None:
    likeness, mirrored, window = seen
    similarity = agreement(picture, other, mirrored, window)
    if similarity >= (_SAME_IF_EQUAL if likeness >= _EQUAL else _SAME):
        pairs[pair] = Copy(*pair, "near", round(similarity, 3))


def equal_pairs(keys: list[str]) -> list[tuple[int, int]]:
    """Return (first, other) for every key that came before, with the place where it came first."""
    first: dict[str, int] = {}
    return [(first[key], place) for place, key in enumerate(keys) if first.setdefault(key, place) != place]


def _equal_keys(first: Pictures, other: Pictures) -> Iterator[tuple[int, int]]:
    places: dict[str, list[int]] = {}
    for j, key in enumerate(other.keys):
        places.setdefault(key, []).append(j)
    for i, key in enumerate(first.keys):
        yield from ((i, j) for j in places.get(key, ()))


def _windows() -> list[Window]:
    found = [_WHOLE]
    for left in _LEFT:
        starts = (0.0, (1 - left) / 2, 1 - left)
        found += [(x, y, x + left, y + left) for x, y in product(starts, starts)]
    return found


def _alike(
    first: np.ndarray, other: np.ndarray, within: bool, windows: list[Window]
) -> Iterator[tuple[int, int, _Seen]]:
    """Yield (i, j, in which way j is like i) for each ordered pair that is, in the way in which it is the most."""
    if not len(first) or not len(other):
        return
    few, many = _Waves(_FEW, first, other), _Waves(_MANY, first, other)
    whole, whole_finer = few.of(other, _WHOLE), many.of(other, _WHOLE)
    best: dict[tuple[int, int], _Seen] = {}
    for window in windows:
        waves, finer = few.of(first, window), many.of(first, window)
        least, least_finer = _ALIKE_WHOLE if window == _WHOLE else _ALIKE_WINDOW
        for i, j, likeness, mirrored in _products(waves, whole, few.odd, least):
            turned = np.where(mirrored[:, None] & many.odd, -finer[i], finer[i])
            for place in np.nonzero((turned * whole_finer[j]).sum(1) > least_finer)[0].tolist():
                pair, value = (int(i[place]), int(j[place])), float(likeness[place])
                if (not within or pair[0] != pair[1]) and value > best.get(pair, (0.0,))[0]:
                    best[pair] = (value, bool(mirrored[place]), window)
    yield from ((i, j, seen) for (i, j), seen in best.items())


def _products(
    waves: np.ndarray, whole: np.ndarray, odd: np.ndarray, least: float
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (i, j, likeness, whether mirrored) of the pairs with a likeness above ``least``, in blocks of rows.

    Mirroring turns the sign of the odd waves: one product of the even and one of the odd ones tell both likenesses.
    """
    evens, odds = np.ascontiguousarray(whole[:, ~odd].T), np.ascontiguousarray(whole[:, odd].T)
    block = max(1, _CELLS // len(whole))
    for start in range(0, len(waves), block):
        rows = waves[start : start + block]
        turning = rows[:, odd] @ odds
        larger = np.abs(turning)
        larger += rows[:, ~odd] @ evens
        i, j = np.nonzero(larger > least)
        yield i + start, j, larger[i, j], turning[i, j] < 0


class _Waves:
    """The low frequencies of two sets of pictures, without what all have in common, as vectors of length 1.

    What all faces have in common says nothing: without it, two of them are as alike as any two pictures.
    """

    def __init__(self, number: int, first: np.ndarray, other: np.ndarray) -> None:
        self.number = number
        frequencies = np.hypot(*np.meshgrid(np.arange(number), np.arange(number), indexing="ij"))
        self._used = ((frequencies > 0) & (frequencies < number)).reshape(-1)
        self.odd = (np.tile(np.arange(number) % 2, (number, 1)) == 1).reshape(-1)[self._used]
        common = np.concatenate([self._raw(first, _WHOLE), self._raw(other, _WHOLE)]).mean(0)
        self._common = np.where(self.odd, 0, common)  # of the pictures and their mirror images

    def _raw(self, grey: np.ndarray, window: Window) -> np.ndarray:
        return waves_of(grey, window, self.number).reshape(len(grey), -1)[:, self._used]

    def of(self, grey: np.ndarray, window: Window) -> np.ndarray:
        """Return float32 [N, waves] of a window of grey pictures [N, SIDE, SIDE]."""
        rows = self._raw(grey, window) - self._common
        return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)).astype(np.float32)


def waves_of(grey: np.ndarray, window: Window, number: int) -> np.ndarray:
    """Return the low frequencies of a window of grey pictures [N, SIDE, SIDE], as float32 [N, number, number].

    The cosine transform of the window, each frequency weighted by itself, since photographs have the less of one the
    higher it is (Field, 1987).
    """
    rows, columns = _cosines(window[1], window[3], number), _cosines(window[0], window[2], number)
    frequencies = np.hypot(*np.meshgrid(np.arange(number), np.arange(number), indexing="ij")).astype(np.float32)
    found = np.zeros((len(grey), number, number), np.float32)
    for start in range(0, len(grey), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        found[some] = rows @ grey[some].astype(np.float32) @ columns.T
    return found * frequencies


def _cosines(start: float, end: float, number: int) -> np.ndarray:
    """Return the [number, SIDE] matrix of cosines over [start, end] of a side, each integrated over the pixels."""
    edges = np.clip((np.arange(SIDE + 1) / SIDE - start) / (end - start), 0, 1)
    waves = np.arange(number)[:, None]
    integral = np.sin(np.pi * waves * edges) / np.maximum(np.pi * waves, 1)
    integral[0] = edges
    return np.diff(integral, axis=1).astype(np.float32)


def agreement(first: np.ndarray, other: np.ndarray, mirrored: bool, window: Window) -> float:
    """Return the correlation of the details of two grey pictures [SIDE, SIDE], one laid upon the other.

    They are registered by an affine map that maximizes the enhanced correlation coefficient (Evangelidis & Psarakis,
    PAMI 2008), from ``other``, mirrored if it is, being the ``window`` of ``first``; first at half the side, which most
    pairs do not pass. -1 where they cannot be.
    """
    other = np.ascontiguousarray(other[:, ::-1]) if mirrored else other
    left, top, right, bottom = window
    found = np.array([[right - left, 0, left], [0, bottom - top, top]], np.float32)
    similarity = -1.0
    for side, least in ((SIDE // 2, _GLANCE), (SIDE, -1.0)):
        similarity, found = _register(first, other, found, side)
        if similarity < least:
            return -1.0
    return similarity


def _register(first: np.ndarray, other: np.ndarray, start: np.ndarray, side: int) -> tuple[float, np.ndarray]:
    """Return the correlation of details at ``side`` pixels and the map, its shift a fraction of the side."""
    template, picture = (
        cv2.GaussianBlur(cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32), (0, 0), 1.0)
        for grey in (other, first)
    )
    unit = np.array([[1, 1, side], [1, 1, side]], np.float32)
    as_it_starts = _correlate(template, picture, start * unit)
    if as_it_starts >= _SAME:
        return as_it_starts, start
    ends = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 15, 1e-4)
    try:
        _, found = cv2.findTransformECC(template, picture, start * unit, cv2.MOTION_AFFINE, ends, None, 1)
    except cv2.error:  # it does not converge
        return as_it_starts, start
    similarity = _correlate(template, picture, found)
    return (similarity, found / unit) if similarity > as_it_starts else (as_it_starts, start)


def _correlate(template: np.ndarray, picture: np.ndarray, matrix: np.ndarray) -> float:
    """Return the correlation of details where both pictures are; -1 for a map that is no crop's, or without overlap."""
    if not _is_a_crop(matrix):
        return -1.0
    size = template.shape[::-1]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(np.ones_like(picture), matrix, size, flags=flags) > 0.99
    if inside.mean() < 0.5:
        return -1.0
    moved = cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    one, other = _details(template)[inside], _details(moved)[inside]
    if not np.ptp(one) or not np.ptp(other):
        return -1.0
    return float(np.corrcoef(one, other)[0, 1])


def _details(grey: np.ndarray) -> np.ndarray:
    """Return what is finer than a sixteenth of a picture, all parts of it equally strong."""
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 2.0)
    return fine / np.sqrt(cv2.GaussianBlur(fine**2, (0, 0), 6.0) + 1.0)


def _is_a_crop(matrix: np.ndarray) -> bool:
    """Tell whether an affine map only scales and shifts, by little."""
    (a, b, _), (c, d, _) = matrix
    return abs(b) < 0.08 and abs(c) < 0.08 and 0.6 < a < 1.5 and 0.6 < d < 1.5
