"""The outline of a face, from its five points."""

import numpy as np

from synface.faces.align import similarity_between

# In distances between the eyes, from the point between them; right half, from the chin up. Jaw and temples are those of
# the 68 landmarks (0 to 16) in the mean of 200 drawn portraits, the forehead is as high as raised brows need.
_EYES_AND_MOUTH = np.array([[-0.5, 0.0], [0.5, 0.0], [-0.42, 1.1], [0.42, 1.1]])
_HALF = np.array(
    [
        [0.27, 1.72],
        [0.49, 1.60],
        [0.68, 1.40],
        [0.83, 1.15],
        [0.94, 0.87],
        [1.02, 0.58],
        [1.07, 0.29],
        [1.09, 0.00],
        [1.06, -0.29],
        [0.94, -0.56],
        [0.73, -0.78],
        [0.40, -0.91],
    ]
)
_OUTLINE = np.concatenate([[[0.0, 1.76]], _HALF, [[0.0, -0.95]], _HALF[::-1] * (-1, 1)])


# When a head turns, the nose goes one way and the jaw's ends the other, by 2.1 times as much in those portraits (r =
# -0.94). The outline follows by half, since the far eye and corner of the mouth must stay within.
_TURN, _MOST_TURN = 1.0, 0.25


def face_outline(landmarks: np.ndarray) -> np.ndarray:
    """Return the corners of a convex polygon around a face, float64 [26, 2], where its five ``landmarks`` [5, 2] are.

    A mean face turned, scaled and shifted: brows, eyes and mouth lie well within, whatever their expression.
    """
    points = np.asarray(landmarks, dtype=float)
    matrix = similarity_between(_EYES_AND_MOUTH, points[[0, 1, 3, 4]])
    across = matrix[:, 0] / (matrix[:, 0] @ matrix[:, 0])
    turn = float((points[2] - matrix[:, 2]) @ across)
    outline = _OUTLINE - (_TURN * np.clip(turn, -_MOST_TURN, _MOST_TURN), 0)
    return outline @ matrix[:, :2].T + matrix[:, 2]
