"""Color transfer, blending and cropping, given a true edit, are held to what is known by drawing.

`benchmarks/stage_truths.py` prints the same measures over 300 faces; the numbers in the comments are its.
"""

import numpy as np
import pytest

from drawn.truth.stages import CROP, color_errors, crop_error, draw_pair, drawn_box, seams
from synface.faces.detector import load_detector

FACES = range(50)


def test_the_faces_span_the_human_range_of_skin():
    lightness = [draw_pair(number)[0].skin_lab[0] for number in FACES]
    assert min(lightness) < 36
    assert max(lightness) > 72


def test_the_box_holds_the_face():
    for number in FACES:
        original, _ = draw_pair(number)
        left, top, right, bottom = drawn_box(original).box
        inside = original.landmarks[17:]  # brows, nose, eyes, mouth
        assert (inside > (left, top)).all(), number
        assert (inside < (right, bottom)).all(), number


def test_color_transfer_takes_a_cast_off_the_skin():
    # CIEDE2000 to the true skin falls from 9.5 to 0.42 on average, by a factor of 22, and by 3 at least.
    before, after = np.array([color_errors(number) for number in FACES]).T
    assert before.mean() > 6
    assert after.mean() < before.mean() / 10
    assert (after < np.maximum(before / 4, 1)).all()


def test_blending_leaves_no_seam_where_the_hard_paste_does():
    # Steps across the border, of 255: 6.94 in the portrait, 6.93 blended, 12.2 pasted; blended at most 0.5 more.
    portrait, blended, pasted = np.array([seams(number) for number in FACES]).T
    assert (blended < portrait + 1).all()
    assert blended.mean() < portrait.mean() + 0.2
    assert pasted.mean() > portrait.mean() + 3


def test_a_crop_shows_the_face_where_its_box_says():
    # MTCNN's points are off by 0.066 of the distance between the eyes in the median; the crop by 0.003, at most 0.012.
    detector = load_detector(min_face=0.2)
    errors = [crop_error(number, detector) for number in FACES[:20]]
    assert None not in errors
    points, offset = np.array(errors).T
    assert np.median(points) < 0.1
    assert offset.max() < 0.02  # a third of a pixel of the crop


@pytest.mark.parametrize("shift", [1, 2])
def test_the_offset_of_a_crop_is_measured(monkeypatch, shift):
    from drawn.truth import stages

    cut_out = stages.cut_out
    monkeypatch.setattr(stages, "cut_out", lambda *given: np.roll(cut_out(*given), shift, axis=1))
    detector = load_detector(min_face=0.2)
    _, offset = crop_error(3, detector)
    eyes = 0.91 / 2.71 * CROP  # as many pixels apart, about
    assert offset == pytest.approx(shift / eyes, rel=0.25)
