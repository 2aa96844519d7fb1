"""Whether two small grey pictures show the same photograph: one is laid over the other and compared place by place.

The two may differ by a crop, by light and by how they were stored. A crop that is scaled to the same square is a shift
and a stretch along each axis, hence four margins per pair: left, right, top, bottom, as shares of the first picture's
sides; the second shows what is within them, and more than the first where they are negative. They are found by
Gauss-Newton steps from a rough start, brightness and contrast with them (Lucas and Kanade, 1981; Baker and Matthews,
2004; the criterion is that of Evangelidis and Psarakis, 2008), coarse to fine. A batch of pairs is computed at once.
"""

import cv2
import numpy as np

SIDE = 64  # of a thumbnail, in pixels
# Cells per side, steps, and the correlation below which a pair is no copy and is left: 99.9 % of copies have 0.92 after
# the first step and 0.95 after the second, four in five of the different pictures that looked alike have less than 0.9.
_STAGES = ((16, 1, 0.9), (16, 1, 0.93), (32, 3, 0.92))
_FINE = 48  # cells per side when places are compared
_MARGINS = (-0.15, 0.2)  # beyond them too little is left to compare
# Cells that are black or white may have been clipped in one picture only, so they say nothing.
_BLACK, _WHITE = 8, 247
_HIGH_PASS, _WINDOW = 6.0, 2.5  # standard deviations in cells: light that is removed, places that are compared
_NOISE = 0.2  # added to variances relative to the whole picture's: flat places hold noise only, and agree
_LYING_ALIKE = 0.95
_WORST = 20  # the worst 1/20 of the places decides: an edit changes some only


def similarities(first: np.ndarray, second: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Align pairs of pictures and return how alike their least alike places are.

    Args:
        first: float32 [M, `SIDE`, `SIDE`] in [0, 255].
        second: the same.
        margins: float32 [M, 4], where in ``first`` the rim of ``second`` is thought to lie, about 0.05 right.

    Returns:
        float32 [M] in [-1, 1]; 1 for the same picture, 0 for pairs that did not look promising on the way.
    """
    result, left = np.zeros(len(first), np.float32), np.arange(len(first))
    for cells, steps, least in _STAGES:
        target = _sampled(second, np.zeros_like(margins), cells)[0]
        for _ in range(steps):
            margins = _step(first, target, margins, cells)
        good = _correlation(first, target, margins, cells) >= least
        first, second, margins, left = first[good], second[good], margins[good], left[good]
        if not len(left):
            return result
    result[left] = _least_alike(first, second, margins)
    return result


def lying_alike(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how alike pairs of pictures are as they lie, by the correlation of their details, where it is very high.

    Args:
        first: float32 [M, `SIDE`, `SIDE`].
        second: the same.

    Returns:
        float32 [M]: the correlation, 0 where it is below 0.95: then something in them differs.
    """
    if not len(first):
        return np.zeros(0, np.float32)
    details = []
    for pictures in (first, second):
        fine = np.stack([picture - cv2.GaussianBlur(picture, (0, 0), 2.0) for picture in pictures])
        fine -= fine.mean(axis=(1, 2), keepdims=True)
        details.append(fine / np.maximum(np.sqrt((fine**2).sum(axis=(1, 2), keepdims=True)), 1e-6))
    alike = (details[0] * details[1]).sum(axis=(1, 2))
    return np.where(alike >= _LYING_ALIKE, alike, 0).astype(np.float32)


def _weights(low: np.ndarray, high: np.ndarray, cells: int) -> np.ndarray:
    """Return [M, cells, SIDE]: the share of each pixel in each cell; cells divide [low, high], shares of the side."""
    edges = SIDE * (low[:, None] + (high - low)[:, None] * np.linspace(0, 1, cells + 1, dtype=np.float32))
    covered = np.clip(edges[:, :, None] - np.arange(SIDE, dtype=np.float32), 0, 1)
    return np.diff(covered, axis=1) / np.diff(edges, axis=1)[:, :, None]


def _sampled(pictures: np.ndarray, margins: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Return means of cells within the margins [M, cells, cells], and 1 where a cell is within the picture, else 0."""
    left, right, top, bottom = margins.T
    rows, columns = _weights(top, 1 - bottom, cells), _weights(left, 1 - right, cells)
    inside = (rows.sum(2) > 0.99)[:, :, None] & (columns.sum(2) > 0.99)[:, None, :]
    return rows @ pictures @ columns.transpose(0, 2, 1), inside.astype(np.float32)


def _compared(values: np.ndarray, target: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return ``inside`` less what is black or white in either picture, unless less than a third is left."""
    kept = inside * ((np.minimum(values, target) > _BLACK) & (np.maximum(values, target) < _WHITE))
    return np.where(kept.sum((1, 2), keepdims=True) > 0.33 * inside.sum((1, 2), keepdims=True), kept, inside)


def _standard(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return values of mean 0 and variance 1 within the mask."""
    count = mask.sum((1, 2), keepdims=True)
    centered = values - (values * mask).sum((1, 2), keepdims=True) / count
    spread = np.sqrt((centered**2 * mask).sum((1, 2), keepdims=True) / count)
    return centered / np.maximum(spread, 1e-3)


def _correlation(first: np.ndarray, target: np.ndarray, margins: np.ndarray, cells: int) -> np.ndarray:
    values, inside = _sampled(first, margins, cells)
    mask = _compared(values, target, inside)
    return (_standard(values, mask) * _standard(target, mask) * mask).sum((1, 2)) / mask.sum((1, 2))


def _step(first: np.ndarray, target: np.ndarray, margins: np.ndarray, cells: int) -> np.ndarray:
    """Return margins that are better by one Gauss-Newton step; contrast and brightness are solved for with them."""
    values, inside = _sampled(first, margins, cells)
    mask = _compared(values, target, inside)
    values, target = _standard(values, mask), _standard(target, mask) * mask
    down, across = np.gradient(values, 1 / cells, axis=(1, 2))
    left, right, top, bottom = margins.T[:, :, None, None]
    down, across = down / (1 - top - bottom), across / (1 - left - right)
    place = (np.arange(cells, dtype=np.float32) + 0.5) / cells
    changes = (across * (1 - place), -across * place, down * (1 - place)[:, None], -down * place[:, None])
    columns = np.stack([values, np.ones_like(values), *changes], 1) * mask[:, None]
    columns = columns.reshape(len(first), 6, -1)
    normal = columns @ columns.transpose(0, 2, 1) / cells**2
    # Where the picture is flat along an axis nothing says where a margin is: there it stays.
    normal += np.diag(np.array([1e-6, 1e-6, 0.02, 0.02, 0.02, 0.02], np.float32))
    solution = np.linalg.solve(normal, columns @ target.reshape(len(first), -1, 1) / cells**2)[:, :, 0]
    step = np.clip(solution[:, 2:] / np.maximum(solution[:, :1], 0.3), -0.04, 0.04)
    return np.clip(margins + step, *_MARGINS)


def _blur(deviation: float) -> np.ndarray:
    """Return [_FINE, _FINE]: a Gaussian along one axis."""
    place = np.arange(_FINE)
    weights = np.exp(-((place[:, None] - place) ** 2) / (2 * deviation**2))
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)


def _least_alike(first: np.ndarray, second: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Return the mean of the lowest local correlations [M] between aligned pictures, slow changes of light removed.

    The local correlation is the structure term of SSIM (Wang et al., 2004), with a constant for noise that also counts
    against structure in one picture only.
    """
    (values, inside), target = _sampled(first, margins, _FINE), _sampled(second, np.zeros_like(margins), _FINE)[0]
    mask = _compared(values, target, inside)
    wide, narrow = _blur(_HIGH_PASS), _blur(_WINDOW)

    def detail(picture: np.ndarray) -> np.ndarray:
        light = wide @ (picture * mask) @ wide.T / np.maximum(wide @ mask @ wide.T, 1e-3)
        return _standard(picture - light, mask) * mask

    values, target = detail(values), detail(target)
    weight = narrow @ mask @ narrow.T
    both, one, other = (
        narrow @ product @ narrow.T / np.maximum(weight, 1e-3)
        for product in (values * target, values * values, target * target)
    )
    local = (both + _NOISE) / np.sqrt((one + _NOISE) * (other + _NOISE))
    local = np.where((mask > 0) & (weight > 0.25), local, np.inf)[:, 2::4, 2::4].reshape(len(first), -1)
    local.sort(axis=1)
    count = np.isfinite(local).sum(1)
    chosen = np.arange(local.shape[1]) < np.maximum(count // _WORST, 1)[:, None]
    return np.where(count > 0, np.where(chosen & np.isfinite(local), local, 0).sum(1) / chosen.sum(1), 0)
