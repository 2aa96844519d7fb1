import numpy as np
import pytest

from drawn.truth.stages import draw_pair, drawn_box
from synface.adaptation.measures import measure, place_of
from synface.core.lab import ciede2000, to_lab
from synface.stages.blend import put_back

ORIGINAL, TRUE = draw_pair(2)
FACE = drawn_box(ORIGINAL)
PLACE = place_of(ORIGINAL.image, FACE)
LEFT, TOP, RIGHT, BOTTOM = FACE.box
IN_BOX = np.zeros(ORIGINAL.image.shape[:2], bool)
IN_BOX[TOP:BOTTOM, LEFT:RIGHT] = True


def test_the_portrait_itself_is_off_by_nothing():
    found = measure(ORIGINAL.image, PLACE, ORIGINAL.image)
    assert found["psnr"] == pytest.approx(78.1, abs=0.1)
    assert {name for name, value in found.items() if value} == {"psnr"}


def test_a_shift_of_the_box_is_measured_by_its_definitions():
    composite = ORIGINAL.image.copy()
    composite[IN_BOX] = np.clip(composite[IN_BOX].astype(int) + 12, 0, 255)
    found = measure(composite, PLACE, ORIGINAL.image)
    difference = ciede2000(to_lab(composite), to_lab(ORIGINAL.image))
    assert found["truth"] == pytest.approx(difference[IN_BOX].mean(), rel=0.05)  # of every second pixel
    assert found["fmse"] == pytest.approx(144, rel=0.01)
    assert found["psnr"] == pytest.approx(10 * np.log10(255**2 / (144 * IN_BOX.mean())), abs=0.1)
    skin = (ORIGINAL.face_mask > 250) & IN_BOX
    assert found["skin"] == pytest.approx(np.median(difference[skin]), rel=0.2)
    assert found["skin"] == pytest.approx(found["truth_skin"])
    assert found["seam"] > 0.5
    assert found["visible"] == pytest.approx(found["skin"] + found["around"] + found["seam"])


def test_a_change_beside_the_face_is_not_one_of_the_skin():
    composite = ORIGINAL.image.copy()
    composite[TOP + 3 : TOP + 9, LEFT + 3 : LEFT + 9] = 255
    found = measure(composite, PLACE)
    assert found["around"] > 0.2
    assert found["skin"] == 0
    assert "truth" not in found


def test_what_is_wrong_counts_nothing():
    wrong = np.zeros(IN_BOX.shape, bool)
    wrong[BOTTOM - 40 : BOTTOM - 20, LEFT + 20 : RIGHT - 20] = True
    composite = ORIGINAL.image.copy()
    composite[wrong] = 0
    place = place_of(ORIGINAL.image, FACE, wrong)
    assert measure(composite, place, ORIGINAL.image)["truth"] == 0
    assert measure(composite, place, ORIGINAL.image)["skin"] == 0
    assert measure(composite, PLACE, ORIGINAL.image)["truth"] > 1


def test_a_hard_paste_has_a_seam_where_a_blended_one_has_none():
    patch = np.clip(ORIGINAL.image[TOP:BOTTOM, LEFT:RIGHT].astype(int) + 30, 0, 255).astype(np.uint8)
    seams = {
        method: measure(put_back(ORIGINAL.image, patch, FACE, method=method, border=0.15), PLACE)["seam"]
        for method in ("none", "alpha", "feather", "pyramid", "poisson")
    }
    assert seams["none"] > 1
    assert max(seam for method, seam in seams.items() if method != "none") < 0.3 * seams["none"]
