"""Bringing a face's five points onto a template, as recognition networks and some data sets want faces."""

import cv2
import numpy as np

# ArcFace's template (Deng et al., CVPR 2019): eyes, nose and mouth corners in 112 x 112 pixels.
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
TEMPLATE_SIDE = 112


def similarity_between(points: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the 2 x 3 matrix of the rotation, scale and shift that best takes ``points`` [N, 2] to ``targets``.

    Least squares in closed form (Umeyama, PAMI 1991, equations 40 to 43), without reflection.
    """
    from_mean, to_mean = points.mean(0), targets.mean(0)
    from_centered, to_centered = points - from_mean, targets - to_mean
    covariance = to_centered.T @ from_centered / len(points)
    left, values, right = np.linalg.svd(covariance)
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = left @ np.diag(signs) @ right
    scale = (values * signs).sum() / from_centered.var(0).sum()
    return np.hstack([scale * rotation, (to_mean - scale * rotation @ from_mean)[:, None]])


def align(image: np.ndarray, points: np.ndarray, size: int, margin: float = 0.0) -> np.ndarray:
    """Return the face of uint8 RGB [H, W, 3] with its five ``points`` [5, 2] on the template, ``size`` x ``size``.

    ``margin`` shows that much more around the template, as a fraction of its side. What lies outside of the image is
    its mirror image.
    """
    matrix = _alignment(points, size, margin)
    shrinking = np.hypot(matrix[0, 0], matrix[1, 0])
    # Warping samples single pixels: what becomes much smaller is blurred first, or it would alias.
    if shrinking < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), 0.5 / shrinking)
    return cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def aligned_box(points: np.ndarray, margin: float = 0.0) -> tuple[int, int, int, int]:
    """Return the upright box, in whole pixels, around what `align` shows of the image; it may leave the image."""
    matrix = _alignment(points, TEMPLATE_SIDE, margin)
    corners = np.array([(0, 0), (TEMPLATE_SIDE, 0), (0, TEMPLATE_SIDE), (TEMPLATE_SIDE, TEMPLATE_SIDE)], float)
    shown = (corners - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    left, top = np.rint(shown.min(0)).astype(int)
    right, bottom = np.rint(shown.max(0)).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _alignment(points: np.ndarray, size: int, margin: float) -> np.ndarray:
    """Return the 2 x 3 matrix that takes an image to its aligned face of ``size`` x ``size`` pixels."""
    inner = size / (1 + margin)
    targets = TEMPLATE * (inner / TEMPLATE_SIDE) + (size - inner) / 2
    return similarity_between(np.asarray(points, float), targets)
