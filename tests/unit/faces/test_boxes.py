import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from synface.faces.boxes import area, clip, overlap, widen


def test_overlap_agrees_with_torchvision():
    corners = np.random.default_rng(0).integers(0, 20, (60, 2, 2))
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1) + 1], axis=1).astype(float)
    expected = box_iou(torch.tensor(boxes), torch.tensor(boxes))
    found = [[overlap(first, second) for second in boxes] for first in boxes]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_empty_boxes_share_nothing():
    assert area((5, 5, 3, 9)) == 0
    assert overlap((1, 1, 1, 1), (1, 1, 1, 1)) == 0


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((1.2, 2.6, 9.5, 7.4), (1, 3, 10, 7)),
        ((-3.0, -0.4, 25.0, 10.9), (0, 0, 20, 10)),
        ((30.0, 2.0, 40.0, 5.0), (20, 2, 20, 5)),
    ],
    ids=["rounded", "clipped", "outside"],
)
def test_clip_to_an_image_of_10_by_20(box, expected):
    assert clip(box, 10, 20) == expected


@pytest.mark.parametrize(
    ("margin", "square", "expected"),
    [
        (0.0, False, (10, 20, 30, 60)),
        (0.5, False, (5, 10, 35, 70)),
        (0.0, True, (0, 20, 40, 60)),
        (0.5, True, (-10, 10, 50, 70)),
        (-0.5, True, (10, 30, 30, 50)),
    ],
)
def test_widen_about_the_center(margin, square, expected):
    assert widen((10, 20, 30, 60), margin, square) == expected


def test_a_square_has_equal_sides_wherever_the_fractions_fall():
    edges = np.random.default_rng(1).uniform(0, 50, (200, 4))
    for left, top, width, height in edges:
        box = widen((left, top, left + width, top + height), 0.1, square=True)
        assert box[2] - box[0] == box[3] - box[1] == max(1, round(max(width, height) * 1.1))
        assert abs((box[0] + box[2]) / 2 - (left + width / 2)) <= 0.5 + 1e-9
