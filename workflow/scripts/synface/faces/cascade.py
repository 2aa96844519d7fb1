"""The three-network cascade of MTCNN with facenet-pytorch's weights, and its boxes, in a fraction of time.

Zhang et al. (2016), "Joint face detection and alignment using multitask cascaded convolutional networks". Three things
make it faster than facenet-pytorch's own loop and change no box: a summed-area table (Crow, 1984) gives every level of
the pyramid and every candidate's patch without touching all pixels again; the levels for faces far smaller than those
asked for are left out; channels-last memory suits the networks on the CPU. Batches with an empty image, images smaller
than a face and candidates outside of the image, all of which facenet-pytorch fails on, are no special cases here.
"""

from collections.abc import Iterator

import cv2
import numpy as np
import torch
from torch import Tensor

from synface.faces.mtcnn import load_networks

# As published: P-Net sees 12 pixels in steps of 2, levels shrink by 0.709, the first shows faces of 20 pixels.
CELL, STRIDE, SHRINK, FIRST_FACE = 12, 2, 0.709, 20.0
THRESHOLDS = (0.6, 0.7, 0.7)


class Cascade:
    """P-Net proposes, R-Net refines, O-Net decides and adds five landmarks."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.networks = load_networks(self.device)

    @torch.inference_mode()
    def detect(self, images: np.ndarray, smallest: float) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Find faces of at least about ``smallest`` pixels in uint8 RGB ``images`` [n, H, W, 3].

        Returns for each image float32 boxes [k, 4] (left, top, right, bottom; not clipped), probabilities [k] and
        landmarks [k, 5, 2] (x, y of left eye, right eye, nose, left and right mouth corner, as the viewer sees them).
        """
        # Sums may wrap around beyond 2 ** 31; their differences, over windows far smaller, are right all the same.
        sums = np.stack([cv2.integral(image, sdepth=cv2.CV_32S) for image in images])
        found = self._decide(sums, *self._refine(sums, *self._propose(sums, smallest)))
        return [tuple(part[found[0] == index].numpy() for part in found[1:]) for index in range(len(images))]

    def _run(self, stage: int, patches: np.ndarray) -> list[Tensor]:
        pixels = torch.from_numpy(patches).to(self.device).permute(0, 3, 1, 2)
        return [output.cpu() for output in self.networks[stage](pixels)]

    def _propose(self, sums: np.ndarray, smallest: float) -> tuple[Tensor, Tensor]:
        height, width = (side - 1 for side in sums.shape[1:3])
        whole = np.tile([0, 0, width, height], (len(sums), 1))
        levels = [(torch.zeros(0, dtype=torch.long), torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, 4))]
        for scale in scales(height, width, smallest):
            shape = int(height * scale + 1), int(width * scale + 1)
            offsets, scores = self._run(0, area_patches(sums, np.arange(len(sums)), whole, shape))
            image, row, column = torch.nonzero(scores[:, 1] >= THRESHOLDS[0], as_tuple=True)
            corners = torch.stack([column, row], dim=1) * STRIDE
            boxes = (torch.cat([corners + 1, corners + CELL], dim=1) / scale).floor()
            level = (image, boxes, scores[image, 1, row, column], offsets[image, :, row, column])
            levels.append(_suppress(level, 0.5))
        image, boxes, _, offsets = _suppress([torch.cat(parts) for parts in zip(*levels, strict=True)], 0.7)
        return image, _square(boxes + offsets * (boxes[:, 2:] - boxes[:, :2]).repeat(1, 2))

    def _refine(self, sums: np.ndarray, image: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
        image, boxes, windows = _inside(sums, image, boxes)
        if not len(image):
            return image, boxes
        offsets, scores = self._run(1, area_patches(sums, image.numpy(), windows, (24, 24)))
        keep = scores[:, 1] > THRESHOLDS[1]
        image, boxes, _, offsets = _suppress([part[keep] for part in (image, boxes, scores[:, 1], offsets)], 0.7)
        return image, _square(_shift(boxes, offsets))

    def _decide(self, sums: np.ndarray, image: Tensor, boxes: Tensor) -> list[Tensor]:
        image, boxes, windows = _inside(sums, image, boxes)
        if not len(image):
            return [image, boxes, torch.zeros(0), torch.zeros(0, 5, 2)]
        offsets, points, scores = self._run(2, area_patches(sums, image.numpy(), windows, (48, 48)))
        # O-Net gives five x, then five y, as fractions of the square it saw.
        points = points.view(-1, 2, 5).transpose(1, 2) * (boxes[:, None, 2:] - boxes[:, None, :2] + 1)
        points = points + boxes[:, None, :2] - 1
        sure = scores[:, 1] > THRESHOLDS[2]
        faces = [part[sure] for part in (image, _shift(boxes, offsets), scores[:, 1], points)]
        keep = suppress_contained(*(part.numpy() for part in faces[:3]), overlap=0.7)
        return [part[keep] for part in faces]


def scales(height: int, width: int, smallest: float) -> Iterator[float]:
    """Yield the scales of the pyramid for faces from ``smallest`` pixels: the coarse part of the published ladder.

    A ladder that started at ``smallest`` itself would find the same faces in other boxes (IoU 0.94, measured).
    """
    face = FIRST_FACE
    while face / SHRINK <= smallest:
        face /= SHRINK
    while min(height, width) >= face:
        yield CELL / face
        face /= SHRINK


def area_patches(sums: np.ndarray, image: np.ndarray, windows: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Resize windows of images to ``shape`` by averaging over areas, from the images' summed-area tables.

    ``sums`` [n, H + 1, W + 1, 3] int32, ``image`` [k] indices into it, ``windows`` [k, 4] integer left, top, right,
    bottom. Returns float32 [k, *shape, 3] in [-1, 1]. Pixel i averages the rows from floor(i h / shape) up to
    ceil((i + 1) h / shape), the rule of PyTorch's ``interpolate(mode="area")``; the cost does not depend on the size of
    the windows.
    """
    (left, right), (top, bottom) = (
        _bins(windows[:, axis], windows[:, axis + 2], count) for axis, count in ((0, shape[1]), (1, shape[0]))
    )
    counts = (bottom - top)[:, :, None, None] * (right - left)[:, None, :, None]
    table, (rows, columns) = sums.reshape(-1, 3), sums.shape[1:3]
    top, bottom = (((image[:, None] * rows + edge) * columns)[:, :, None] for edge in (top, bottom))
    left, right = left[:, None, :], right[:, None, :]
    # One look-up by a flat index is several times as fast as one by image, row and column.
    total = table.take(bottom + right, axis=0)
    total -= table.take(top + right, axis=0)
    total -= table.take(bottom + left, axis=0)
    total += table.take(top + left, axis=0)
    return total.astype(np.float32) * (1 / (128 * counts)).astype(np.float32) - np.float32(127.5 / 128)


def _bins(start: np.ndarray, stop: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    length, index = (stop - start)[:, None], np.arange(count)
    return start[:, None] + index * length // count, start[:, None] - (index + 1) * -length // count


def suppress_contained(image: np.ndarray, boxes: np.ndarray, scores: np.ndarray, overlap: float) -> np.ndarray:
    """Return the indices, best score first, of the boxes that share at most ``overlap`` with each better one kept.

    The share is the intersection over the smaller area, so a box within another goes too. ``image`` [k] are the
    images that the ``boxes`` [k, 4] lie in; boxes of two images share nothing.
    """
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    areas = sides.prod(axis=1)
    left = np.argsort(-scores, kind="stable")
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        width_height = np.minimum(boxes[best, 2:], boxes[left, 2:]) - np.maximum(boxes[best, :2], boxes[left, :2]) + 1
        shared = width_height.clip(min=0).prod(axis=1) / np.minimum(areas[best], areas[left])
        left = left[(shared <= overlap) | (image[left] != image[best])]
    return np.array(kept, dtype=np.int64)


def suppress_overlapping(image: np.ndarray, boxes: np.ndarray, scores: np.ndarray, overlap: float) -> np.ndarray:
    """Return the indices, best score first, of the boxes with an IoU of at most ``overlap`` with each better one kept.

    Arguments as those of `suppress_contained`.
    """
    order = np.argsort(-scores, kind="stable")
    image, (left, top, right, bottom) = image[order], np.ascontiguousarray(boxes[order].T)
    areas = (right - left) * (bottom - top)
    kept, remains = [], np.ones(len(order), dtype=bool)
    for best in range(len(order)):
        if not remains[best]:
            continue
        kept.append(best)
        rest = slice(best + 1, None)
        width = np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])
        height = np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])
        shared = width.clip(min=0) * height.clip(min=0)
        remains[rest] &= (shared <= overlap * (areas[best] + areas[rest] - shared)) | (image[rest] != image[best])
    return order[kept]


def _suppress(parts: list[Tensor] | tuple[Tensor, ...], overlap: float) -> list[Tensor]:
    """Keep, in each image, the best of boxes with an IoU above ``overlap``; ``parts`` are image, boxes, scores, ..."""
    keep = torch.from_numpy(suppress_overlapping(*(part.numpy() for part in parts[:3]), overlap))
    return [part[keep] for part in parts]


def _inside(sums: np.ndarray, image: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor, np.ndarray]:
    """Leave out what lies outside of its image; add the windows [k, 4] that the rest covers, counted as published."""
    height, width = (side - 1 for side in sums.shape[1:3])
    corners = boxes.trunc().long()
    start = corners[:, :2].clamp(min=1) - 1
    stop = torch.minimum(corners[:, 2:], torch.tensor([width, height]))
    inside = (stop > start).all(dim=1)
    return image[inside], boxes[inside], torch.cat([start, stop], dim=1)[inside].numpy()


def _shift(boxes: Tensor, offsets: Tensor) -> Tensor:
    """Move the four edges by ``offsets``, fractions of the box's sides."""
    return boxes + offsets * (boxes[:, 2:] - boxes[:, :2] + 1).repeat(1, 2)


def _square(boxes: Tensor) -> Tensor:
    """Widen the shorter side about the center."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.max(dim=1, keepdim=True).values
    corner = boxes[:, :2] + (sides - longer) / 2
    return torch.cat([corner, corner + longer], dim=1)
