import numpy as np
import pandas as pd
import pytest
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.shards import write_shard
from synface.core.tables import write_table
from synface.faces.cut import paste
from synface.faces.table import BOX
from synface.report.canvas import crop_around, fit
from synface.report.contact_sheet import BETWEEN, CAPTION, CELL, GAP, LEFT, TOP, choose_samples, draw_contact_sheet


def noise(seed: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


@pytest.fixture
def study(tmp_path):
    """Return the arguments of a drawing of 35 faces, five per label with rho 0.0 to 0.4; one face was rejected."""
    plan = pd.DataFrame({"source_id": [f"{i:03d}" for i in range(35)], "rho": [0.1 * (i // 7) for i in range(35)]})
    plan = plan.assign(label=[LABELS[i % 7] for i in range(35)], theta=0.0, code_x=plan["rho"], code_y=0.0)
    faces = plan[["source_id"]].assign(left=20, top=20, right=60, bottom=70, probability=0.99, reason="")
    crops = faces.assign(reason=["no face" if i == 0 else "" for i in range(35)])
    for name, table in {"plan": plan, "faces": faces, "crops": crops}.items():
        write_table(table, tmp_path / f"{name}.csv")
    sizes = {"frames": 96, "edited": 32, "recolored": 32, "blended": 32, "crops": 100}
    for number, (stage, size) in enumerate(sizes.items()):
        with write_shard(tmp_path / f"{stage}.tar") as write:
            for index, source_id in enumerate(plan["source_id"]):
                write(source_id, noise(100 * number + index, size))
    return {
        "plan": tmp_path / "plan.csv",
        "faces": [tmp_path / "faces.csv"],
        "crop_boxes": [tmp_path / "crops.csv"],
        "stages": {stage: [tmp_path / f"{stage}.tar"] for stage in sizes},
        "figure": tmp_path / "sheet.png",
    }


def choose(study, samples):
    return choose_samples(samples=samples, **{key: study[key] for key in ("plan", "faces", "crop_boxes")})


def test_samples_lie_at_even_ranks_of_intensity(study):
    rows = choose(study, 2)
    assert len(rows) == 14
    # Five faces in two halves: ranks 1 and 3. Surprise lost its weakest, so ranks 1 and 3 of the other four.
    assert rows.loc[rows["label"] == "fear", "rho"].tolist() == pytest.approx([0.1, 0.3])
    assert rows.loc[rows["label"] == "surprise", "rho"].tolist() == pytest.approx([0.2, 0.4])
    assert "000" not in set(rows["source_id"])


def test_fewer_faces_than_samples_are_all_shown(study):
    assert len(choose(study, 9)) == 34


def test_crops_are_shown_pixel_by_pixel(study):
    draw_contact_sheet(**study)
    sheet = np.asarray(Image.open(study["figure"]))[..., :3]
    assert sheet.shape[1] == LEFT + 2 * (5 * (CELL + GAP) - GAP) + BETWEEN + 8 < 1200
    # Fear is the second line; its first sample is source 008, its crop the fifth cell.
    x, y = LEFT + 4 * (CELL + GAP), TOP + CELL + CAPTION
    np.testing.assert_array_equal(sheet[y : y + CELL, x : x + CELL], noise(400 + 8, 100))


def test_without_color_transfer_the_column_is_missing(study):
    study["stages"]["recolored"] = []
    draw_contact_sheet(**study)
    assert Image.open(study["figure"]).width == LEFT + 2 * (4 * (CELL + GAP) - GAP) + BETWEEN + 8


def test_nothing_accepted_is_said(study):
    crops = pd.DataFrame({"source_id": ["001"], "reason": ["no face"]}).reindex(columns=["source_id", *BOX, "reason"])
    write_table(crops, study["crop_boxes"][0])
    with pytest.raises(InputError, match="no accepted face"):
        draw_contact_sheet(**study)


def test_crop_around_is_a_centered_square():
    image = noise(0, 50)
    np.testing.assert_array_equal(crop_around(image, (20, 18, 30, 32), context=2.0, size=28), image[11:39, 11:39])


def test_crop_around_repeats_the_edge():
    image = noise(0, 20)
    cut = crop_around(image, (0, 0, 10, 10), context=2.0, size=20)
    np.testing.assert_array_equal(cut[5:, 5:], image[:15, :15])
    np.testing.assert_array_equal(cut[:5, 5:], np.broadcast_to(image[:1, :15], (5, 15, 3)))


def test_paste_replaces_the_box_only():
    frame, patch = noise(1, 40), noise(2, 10)
    pasted = paste(frame, patch, (5, 6, 15, 16))
    np.testing.assert_array_equal(pasted[6:16, 5:15], patch)
    pasted[6:16, 5:15] = frame[6:16, 5:15]
    np.testing.assert_array_equal(pasted, frame)


def test_fit_leaves_a_fitting_image_alone():
    image = noise(3, 100)
    assert fit(image, 100) is image
