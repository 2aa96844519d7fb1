"""The three-network cascade of MTCNN (Zhang et al., 2016, "Joint face detection and alignment using multitask
cascaded convolutional networks") with facenet-pytorch's networks and weights.

facenet-pytorch's own cascade fails on an empty batch, on images smaller than a face and on candidates outside the
image, and searches every image for faces of 20 pixels. A portrait's face fills a large part of it, so this one starts
the pyramid of scales at the smallest face asked for; the levels that remain are those of facenet-pytorch, and so are
the boxes. Channels-last memory makes the networks two to three times faster on the CPU.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from torch import Tensor
from torch.nn.functional import interpolate
from torchvision.ops import batched_nms

# The published cascade: P-Net sees 12 pixels in steps of 2, scales shrink by 0.709, faces start at 20 pixels.
CELL, STRIDE, SHRINK, SMALLEST = 12, 2, 0.709, 20.0
THRESHOLDS = (0.6, 0.7, 0.7)


@dataclass(frozen=True)
class Candidates:
    """``n`` possible faces in a batch: boxes [n, 4] (left, top, right, bottom), scores [n], image indices [n]."""

    boxes: Tensor
    scores: Tensor
    images: Tensor

    def __len__(self) -> int:
        return len(self.scores)

    def select(self, index: Tensor) -> "Candidates":
        """Return the candidates that an index or a mask picks."""
        return Candidates(self.boxes[index], self.scores[index], self.images[index])

    def suppressed(self, overlap: float) -> Tensor:
        """Return the index that keeps, within each image, the best of those that overlap by more than ``overlap``."""
        return batched_nms(self.boxes, self.scores, self.images, overlap)


class Cascade:
    """P-Net proposes, R-Net refines, O-Net decides and adds five landmarks."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.proposal, self.refinement, self.output = (
            network().to(device=self.device, memory_format=torch.channels_last).eval()
            for network in (PNet, RNet, ONet)
        )

    @torch.inference_mode()
    def detect(self, images: np.ndarray, smallest: float) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Find faces of at least about ``smallest`` pixels in uint8 RGB ``images`` [n, H, W, 3] of one size.

        Returns for each image float32 boxes [k, 4] (left, top, right, bottom; not clipped), probabilities [k] and
        landmarks [k, 5, 2] (x, y of left eye, right eye, nose, left and right mouth corner, as seen by the viewer).
        """
        # One conversion to the networks' range; averaging over areas, later, commutes with it.
        pixels = torch.from_numpy(np.ascontiguousarray(images)).to(self.device).permute(0, 3, 1, 2)
        pixels = ((pixels.float() - 127.5) / 128).contiguous()
        found = self._decide(pixels, self._refine(pixels, self._propose(pixels, smallest)))
        return [tuple(part[found[0] == image] for part in found[1:]) for image in range(len(images))]

    def _propose(self, pixels: Tensor, smallest: float) -> Candidates:
        levels = []
        for scale in scales(*pixels.shape[2:], smallest):
            size = [int(side * scale + 1) for side in pixels.shape[2:]]
            offsets, scores = self.proposal(_channels_last(interpolate(pixels, size=size, mode="area")))
            image, row, column = torch.nonzero(scores[:, 1] >= THRESHOLDS[0], as_tuple=True)
            corner = torch.stack([column, row], dim=1) * STRIDE
            boxes = torch.cat([(corner + 1) / scale, (corner + CELL) / scale], dim=1).floor()
            level = Candidates(boxes, scores[image, 1, row, column], image)
            keep = level.suppressed(0.5)
            levels.append((level.select(keep), offsets[image, :, row, column][keep]))
        if not levels:
            return Candidates(pixels.new_zeros(0, 4), pixels.new_zeros(0), torch.zeros(0, dtype=torch.long))
        found, offsets = zip(*levels, strict=True)
        together = Candidates(*(torch.cat([getattr(level, part) for level in found]) for part in vars(found[0])))
        keep = together.suppressed(0.7)
        together, offsets = together.select(keep), torch.cat(offsets)[keep]
        sides = (together.boxes[:, 2:] - together.boxes[:, :2]).repeat(1, 2)
        return Candidates(_square(together.boxes + offsets * sides), together.scores, together.images)

    def _refine(self, pixels: Tensor, candidates: Candidates) -> Candidates:
        candidates, patches = _cut(pixels, candidates, 24)
        if not len(candidates):
            return candidates
        offsets, scores = self.refinement(patches)
        keep = scores[:, 1] > THRESHOLDS[1]
        refined = Candidates(candidates.boxes[keep], scores[keep, 1], candidates.images[keep])
        offsets = offsets[keep]
        keep = refined.suppressed(0.7)
        refined = refined.select(keep)
        return Candidates(_square(_shift(refined.boxes, offsets[keep])), refined.scores, refined.images)

    def _decide(self, pixels: Tensor, candidates: Candidates) -> tuple[np.ndarray, ...]:
        candidates, patches = _cut(pixels, candidates, 48)
        if not len(candidates):
            return np.zeros(0, int), np.zeros((0, 4), "f4"), np.zeros(0, "f4"), np.zeros((0, 5, 2), "f4")
        offsets, points, scores = self.output(patches)
        keep = scores[:, 1] > THRESHOLDS[2]
        boxes, scores, images = candidates.boxes[keep], scores[keep, 1], candidates.images[keep]
        # O-Net gives the five x, then the five y, as fractions of the square it saw.
        points = points[keep].view(-1, 2, 5).transpose(1, 2)
        points = points * (boxes[:, None, 2:] - boxes[:, None, :2] + 1) + boxes[:, None, :2] - 1
        parts = [part.cpu().numpy() for part in (images, _shift(boxes, offsets[keep]), scores, points)]
        keep = suppress_contained(*parts[:3], overlap=0.7)
        return tuple(part[keep] for part in parts)


def scales(height: int, width: int, smallest: float) -> Iterator[float]:
    """Yield the scales of the pyramid for faces from ``smallest`` pixels: a part of the published ladder.

    Keeping to the ladder that starts at 20 pixels, rather than starting at ``smallest`` itself, is what makes the boxes
    equal those of the published detector.
    """
    face = SMALLEST
    while face / SHRINK <= smallest:
        face /= SHRINK
    while min(height, width) * CELL / face >= CELL:
        yield CELL / face
        face /= SHRINK


def suppress_contained(images: np.ndarray, boxes: np.ndarray, scores: np.ndarray, overlap: float) -> np.ndarray:
    """Return the indices, best score first, of boxes no better one of the same image shares more than ``overlap`` with.

    The share is the intersection over the smaller area, so a box within another goes too.
    """
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    areas = sides[:, 0] * sides[:, 1]
    left = np.argsort(-scores, kind="stable")
    kept = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        corners = np.maximum(boxes[best, :2], boxes[left, :2]), np.minimum(boxes[best, 2:], boxes[left, 2:])
        shared = np.clip(corners[1] - corners[0] + 1, 0, None).prod(axis=1) / np.minimum(areas[best], areas[left])
        left = left[(shared <= overlap) | (images[left] != images[best])]
    return np.array(kept, dtype=int)


def _cut(pixels: Tensor, candidates: Candidates, side: int) -> tuple[Candidates, Tensor]:
    """Cut the candidates out and resize them to ``side``; those that lie outside of their image are left out."""
    height, width = pixels.shape[2:]
    corners = candidates.boxes.trunc().long()
    start = (corners[:, :2].clamp(min=1) - 1).cpu()
    stop = torch.minimum(corners[:, 2:].cpu(), torch.tensor([width, height]))
    inside = (stop > start).all(dim=1)
    candidates = candidates.select(inside.to(candidates.scores.device))
    windows = zip(candidates.images.tolist(), start[inside].tolist(), stop[inside].tolist(), strict=True)
    patches = [
        interpolate(pixels[image : image + 1, :, top:bottom, left:right], size=(side, side), mode="area")
        for image, (left, top), (right, bottom) in windows
    ]
    return candidates, _channels_last(torch.cat(patches)) if patches else pixels.new_zeros(0, 3, side, side)


def _channels_last(pixels: Tensor) -> Tensor:
    return pixels.contiguous(memory_format=torch.channels_last)


def _shift(boxes: Tensor, offsets: Tensor) -> Tensor:
    """Move the four edges by ``offsets``, fractions of the box's sides."""
    return boxes + offsets * (boxes[:, 2:] - boxes[:, :2] + 1).repeat(1, 2)


def _square(boxes: Tensor) -> Tensor:
    """Widen the shorter side about the center."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longer = sides.max(dim=1, keepdim=True).values
    corner = boxes[:, :2] + (sides - longer) / 2
    return torch.cat([corner, corner + longer], dim=1)
