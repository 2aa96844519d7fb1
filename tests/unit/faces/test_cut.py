"""Cutting a face out of an image."""

import cv2
import numpy as np
import pytest

from synface.faces.cut import cut_out, cut_patch


def test_a_patch_is_resized_as_the_published_notebook_does():
    frame = np.random.default_rng(0).integers(0, 256, (50, 60, 3), dtype=np.uint8)
    patch = cut_patch(frame, (10, 8, 40, 48), 128, 64)
    np.testing.assert_array_equal(patch, cv2.resize(frame[8:48, 10:40], (128, 64)))
    np.testing.assert_array_equal(cut_patch(frame, (10, 8, 40, 48), 30, 40), frame[8:48, 10:40])


def test_cut_out_within_the_image_averages_areas():
    image = np.random.default_rng(0).integers(0, 256, (50, 60, 3), dtype=np.uint8)
    expected = image[8:48, 10:50].reshape(20, 2, 20, 2, 3).mean(axis=(1, 3))
    assert np.abs(cut_out(image, (10, 8, 50, 48), 20) - expected).max() <= 0.5
    np.testing.assert_array_equal(cut_out(image, (10, 8, 30, 28), 20), image[8:28, 10:30])


@pytest.mark.parametrize("box", [(-6, -4, 24, 26), (40, 30, 70, 60), (-5, -5, 65, 65)])
def test_what_lies_outside_is_mirrored(box):
    image = np.random.default_rng(0).integers(0, 256, (50, 60, 3), dtype=np.uint8)
    left, top, right, bottom = box
    rows, columns = (
        [min(abs(i), 2 * (side - 1) - abs(i)) for i in range(start, stop)]
        for start, stop, side in ((top, bottom, 50), (left, right, 60))
    )
    np.testing.assert_array_equal(cut_out(image, box, right - left), image[np.ix_(rows, columns)])
