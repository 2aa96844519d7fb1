from dataclasses import replace

import cv2
import numpy as np
import pandas as pd
import pytest
from imaging import portrait

from drawn.truth.stages import draw_pair, drawn_box, patch_of
from synface.core.lab import from_lab, to_lab
from synface.core.shards import write_shard
from synface.faces.table import Face, write_faces
from synface.report.blemishes import SMEAR_LIMITS, SPECKLE_LIMIT
from synface.stages import blemishes
from synface.stages.blemishes import SIZE, blemishes_of, length_of, measure_blemishes, spread_in

POINTS = np.array([[40, 50], [88, 50], [64, 70], [46, 92], [82, 92]], dtype=float)
GREY = np.full((SIZE, SIZE, 3), 140, np.uint8)


def darkened(image, center, sigma, depth):
    """Return ``image`` with a Gaussian blob of ``depth`` L* less, ``sigma`` pixels wide."""
    down, across = np.mgrid[: image.shape[0], : image.shape[1]]
    blob = np.exp(-((across - center[0]) ** 2 + (down - center[1]) ** 2) / (2 * sigma**2))
    lab = to_lab(image)
    lab[..., 0] -= depth * blob
    return from_lab(lab)


@pytest.mark.parametrize("depth", [20, -20])
def test_a_smear_is_a_blob_spread_by_the_gaussian(depth):
    # Two Gaussians one after the other have the sum of their variances; in two dimensions the height falls likewise.
    smear, _ = blemishes_of(GREY, darkened(GREY, (64, 80), 12, depth), (9.0, 9.0))
    assert smear == pytest.approx(20 * 12**2 / (12**2 + 9**2), rel=0.02)


def test_speckles_are_the_noise_that_was_added():
    noise = np.random.default_rng(0).normal(0, 6, (SIZE, SIZE, 1))
    noisy = np.rint(GREY + noise).clip(0, 255).astype(np.uint8)
    sd = to_lab(noisy)[..., 0].std()
    smear, speckle = blemishes_of(GREY, noisy, (10.0, 10.0))
    # White noise less its average under a Gaussian of sigma 1.5 pixels.
    left = 1 - 2 / (2 * np.pi * 1.5**2) + 1 / (4 * np.pi * 1.5**2)
    assert speckle == pytest.approx(sd * left**0.5, rel=0.03)
    assert smear < 0.5
    # What an edit takes away is no speckle.
    assert blemishes_of(noisy, GREY, (10.0, 10.0))[1] < 0.1


def test_there_are_no_speckles_to_look_for_where_all_moves():
    smear, speckle = blemishes_of(GREY, GREY + 40, (10.0, 10.0))
    assert np.isnan(speckle)
    assert smear == pytest.approx(to_lab(GREY + 40)[0, 0, 0] - to_lab(GREY)[0, 0, 0], abs=0.01)


@pytest.mark.parametrize("number", range(6, 12))  # the six emotions in turn; the furrows of 0 are among the 1 %
def test_a_planted_smear_and_planted_speckles_are_found_and_a_true_edit_is_clean(number):
    original, true = draw_pair(number)
    face = drawn_box(original)
    before, after = patch_of(original.image, face), patch_of(true.image, face)
    limit = SMEAR_LIMITS[true.parameters.expression.emotion.label]
    smear, speckle = blemishes_of(before, after, spread_in(face))
    assert smear < limit
    assert speckle < SPECKLE_LIMIT
    corner = (face.landmarks[3] - face.box[:2]) * SIZE / (np.array(face.box[2:]) - face.box[:2])
    smear, speckle = blemishes_of(before, darkened(after, (corner[0], corner[1] + 8), 15, 28), spread_in(face))
    assert smear > limit
    assert speckle < SPECKLE_LIMIT
    checkered = after + 5 * (-1.0) ** np.add.outer(*[np.arange(SIZE) // 2] * 2)[..., None]
    smear, speckle = blemishes_of(before, checkered.clip(0, 255).astype(np.uint8), spread_in(face))
    assert smear < limit
    assert speckle > SPECKLE_LIMIT


def test_a_face_is_as_long_as_from_eye_to_eye_or_from_eyes_to_mouth():
    assert length_of(POINTS) == 48
    turned = POINTS.copy()
    turned[1, 0] = 50
    assert length_of(turned) == pytest.approx(np.hypot(64 - 45, 42))


def test_the_spread_follows_the_face_and_not_its_frame():
    face = Face((0, 0, 100, 100), 1.0, POINTS)
    across, down = spread_in(face)
    assert across == down
    # A frame twice as wide, squeezed into the same patch.
    assert spread_in(replace(face, box=(0, 0, 200, 100))) == (across / 2, down)
    # The picture twice as large.
    assert spread_in(replace(face, box=(0, 0, 200, 200), landmarks=2 * POINTS)) == (across, down)


def write_edit(folder, shards):
    """Write an edit of 6 portraits, of which one was rejected and each was darkened by a level of its own."""
    names = [f"{index:03}" for index in range(6)]
    plan = pd.DataFrame({"source_id": names, "label": "fear", "rho": [0.0, 0.1, 0.2, 1.0, None, 0.05]})
    plan["shard"] = plan.index % shards
    folder.mkdir()
    plan.to_csv(folder / "plan.csv", index=False)
    face = Face((16, 10, 80, 90), 0.99, POINTS * 0.5 + (16, 10))
    for shard, rows in plan.groupby("shard"):
        write_faces(
            {name: "no face found" if name == "002" else face for name in rows["source_id"]}, folder / f"f{shard}"
        )
        with write_shard(folder / f"frames{shard}") as frames, write_shard(folder / f"edited{shard}") as edited:
            for index, name in rows["source_id"].items():
                image = portrait(name, 96)
                frames(name, image)
                if name != "002":
                    patch = cv2.resize(image[10:90, 16:80], (64, 64), interpolation=cv2.INTER_LINEAR)
                    edited(name, darkened(patch, (32, 40), 60, 2 * index))
    files = {
        key: [folder / f"{name}{shard}" for shard in range(shards)]
        for key, name in (("frames", "frames"), ("faces", "f"), ("edited", "edited"))
    }
    measure_blemishes(plan=folder / "plan.csv", **files, blemishes=folder / "blemishes.csv")
    return folder / "blemishes.csv"


def test_every_edited_face_is_measured_against_its_own_portrait(tmp_path):
    table = pd.read_csv(write_edit(tmp_path / "edit", 2), dtype={"source_id": str})
    assert list(table["source_id"]) == ["000", "001", "003", "004", "005"]
    assert table["smear"].to_numpy() == pytest.approx([0, 2, 6, 8, 10], abs=1.2)
    assert table["change"].notna().tolist() == [True, True, False, False, True]
    assert table["change"][0] < 0.3 < table["change"][1] < table["change"][4]


def test_the_sample_does_not_depend_on_the_shards(tmp_path, monkeypatch):
    monkeypatch.setattr(blemishes, "SAMPLE", 3)
    one, three = (write_edit(tmp_path / str(shards), shards).read_text() for shards in (1, 3))
    assert one == three
    assert len(one.splitlines()) == 1 + 3
