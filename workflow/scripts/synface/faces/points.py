"""The 68 landmarks of iBUG 300-W (Sagonas et al., ICCV Workshops 2013), counted from 0.

0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 lips; left and right as seen in the image.
"""

import numpy as np

COUNT = 68
OUTER_EYE_CORNERS = (36, 45)

# Rows of landmarks, each from the left; the mirror image of a row is its partner from the right.
_ROWS = [
    (range(17), range(17)),  # jaw
    (range(17, 22), range(22, 27)),  # brows
    (range(27, 31), reversed(range(27, 31))),  # bridge of the nose, each its own mirror image
    (range(31, 36), range(31, 36)),  # nostrils
    ((36, 37, 38, 39), (42, 43, 44, 45)),  # upper lids
    ((41, 40), (47, 46)),  # lower lids
    (range(48, 55), range(48, 55)),  # upper edge of the lips
    (range(55, 60), range(55, 60)),  # lower edge
    (range(60, 65), range(60, 65)),  # inner edges
    (range(65, 68), range(65, 68)),
]


def _mirror() -> np.ndarray:
    mirror = np.arange(COUNT)
    for left, right in _ROWS:
        for one, other in zip(left, reversed(list(right)), strict=True):
            mirror[one], mirror[other] = other, one
    return mirror


MIRROR = _mirror()
"""Index of each landmark's mirror image, int64 [68]."""
