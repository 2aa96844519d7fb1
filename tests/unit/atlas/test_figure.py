import math

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from synface.atlas.figure import (
    CELL,
    RIM,
    draw_gamut,
    ellipse,
    grid_codes,
    lay_out,
    lay_out_codes,
    portrait_patches,
    typical,
)
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.shards import write_shard
from synface.core.tables import write_table
from synface.ganmut.checkpoint import save_generator
from synface.ganmut.gamut import write_gamut
from synface.ganmut.generator import GaussianGenerator, LinearGenerator
from synface.report.canvas import Sheet


@pytest.fixture
def shard(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 3), dtype=np.uint8)
    with write_shard(tmp_path / "frames.tar") as write:
        for name, image in zip("abc", images, strict=True):
            write(name, image)
    rows = [("a", 0.9, ""), ("b", 0.95, ""), ("c", 0.99, "two faces")]
    faces = pd.DataFrame(rows, columns=["source_id", "probability", "reason"])
    write_table(faces.assign(left=4, top=6, right=36, bottom=38), tmp_path / "faces.csv")
    return {"frames": tmp_path / "frames.tar", "faces": tmp_path / "faces.csv"}, images


def test_accepted_faces_the_most_certain_first(shard):
    paths, images = shard
    wanted = images[[1, 0], 6:38, 4:36]
    np.testing.assert_array_equal(portrait_patches(**paths, size=32), wanted)
    np.testing.assert_array_equal(portrait_patches(**paths, size=32, count=1), wanted[:1])


def test_a_listed_face_that_the_shard_lacks_is_named(shard, tmp_path):
    paths, _ = shard
    faces = pd.read_csv(paths["faces"], keep_default_na=False).replace({"source_id": {"b": "gone"}})
    write_table(faces, tmp_path / "other.csv")
    with pytest.raises(InputError, match=r"frames\.tar: gone is listed in .*other\.csv but not in the shard"):
        portrait_patches(frames=paths["frames"], faces=tmp_path / "other.csv", size=32)


def test_typical_is_the_face_that_changes_neither_most_nor_least():
    patches = [np.full((2, 2, 3), value, np.uint8) for value in (10, 20, 30)]
    edits = [np.stack([patch + change] * 4).astype(np.uint8) for patch, change in zip(patches, (9, 1, 5), strict=True)]
    assert typical(patches, edits) is patches[2]


def test_no_face_is_said(shard, tmp_path):
    paths, _ = shard
    faces = pd.read_csv(paths["faces"]).assign(reason="no face")
    write_table(faces, tmp_path / "none.csv")
    with pytest.raises(InputError, match="no accepted face"):
        portrait_patches(frames=paths["frames"], faces=tmp_path / "none.csv", size=32)


def test_an_ellipse_lies_at_its_distance_from_the_mean():
    mean, covariance = np.array([0.2, -0.1]), np.array([[0.04, 0.01], [0.01, 0.09]])
    away = ellipse(mean, covariance, 2) - mean
    # Mahalanobis' distance of every point is the number of standard deviations.
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away), 4)


def test_square_grid_covers_the_space_with_y_upwards():
    codes = grid_codes(3, 1.0, disc=False)
    assert codes.dtype == np.float32
    np.testing.assert_allclose(codes[[0, 2, 4, 6]], [[-1, 1], [1, 1], [0, 0], [-1, -1]])


def test_disc_grid_holds_the_rim_of_each_axis_but_no_corner():
    codes = grid_codes(11, 1.2, disc=True)
    assert np.hypot(*codes.T).max() < 1.2 * 1.05
    assert any(np.allclose(code, [1.2, 0]) for code in codes)
    assert any(np.allclose(code, [0, 0]) for code in codes)


def test_a_face_lies_where_its_code_lies():
    space = {"parametrization": "linear", "classes": {"happiness": {"theta": 0.0}, "fear": {"theta": math.pi / 2}}}
    codes = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    images = np.stack([np.full((8, 8, 3), (200, 0, 0), np.uint8), np.full((8, 8, 3), (0, 0, 200), np.uint8)])
    pixels = np.asarray(lay_out(images, codes, space, steps=5, reach=1.0).image)[..., :3]
    middle, step = RIM["linear"] + 5 * CELL // 2, 2 * CELL
    assert pixels[middle, middle + step].tolist() == [200, 0, 0]
    assert pixels[middle - step, middle].tolist() == [0, 0, 200]


def test_a_face_is_framed_in_the_color_of_what_is_read_in_it():
    space = {"parametrization": "linear", "classes": {}}
    face = np.full((1, 8, 8, 3), 200, np.uint8)
    codes = np.zeros((1, 2), np.float32)
    drawn = lay_out(face, codes, space, steps=5, reach=1.0, read=[LABELS.index("anger")], reader="r")
    pixels = np.asarray(drawn.image)[..., :3]
    corner = RIM["linear"] + 2 * CELL
    # Anger is #EE6677.
    assert pixels[corner + 1, corner + 40].tolist() == pixels[corner + 40, corner + 1].tolist() == [0xEE, 0x66, 0x77]
    assert pixels[corner + 40, corner + 40].tolist() == [200, 200, 200]


def test_codes_lie_over_the_faces_that_they_make():
    ground = Sheet(400, 400)
    ground.place(np.full((400, 400, 3), 255, np.uint8), 0, 0)
    points = {"one": [("anger", 0.5, 0.0), ("fear", 0.0, 0.5)], "other": [("sadness", 0.0, 0.0)]}
    pixels = np.asarray(lay_out_codes(ground, points, scale=100).image)
    # Halves of 200 x 200 below headings of 28, above a key of 28. (0.5, 0) is 25 right of the middle.
    assert pixels.shape[:2] == (256, 400)
    assert pixels[128, 125, :3].tolist() == [0xEE, 0x66, 0x77]
    assert pixels[103, 100, :3].tolist() == [0xAA, 0x33, 0x77]
    assert pixels[128, 300, :3].tolist() == [0x44, 0x77, 0xAA]
    assert pixels[60, 60].tolist() == [255, 255, 255, 102]


@pytest.mark.parametrize("kind", [LinearGenerator, GaussianGenerator])
def test_atlas_of_a_real_generator(shard, tmp_path, kind):
    paths, _ = shard
    torch.manual_seed(0)
    generator = kind(channels=4, blocks=1, image_size=32)
    save_generator(generator, tmp_path / "generator.safetensors", {})
    write_gamut(generator, tmp_path / "gamut.json")
    plan = pd.DataFrame({"source_id": ["a", "b"], "label": ["fear", "anger"], "code_x": [0.1, 0.9], "code_y": 0.2})
    write_table(plan, tmp_path / "plan.csv")
    draw_gamut(
        **paths,
        generator=tmp_path / "generator.safetensors",
        gamut=tmp_path / "gamut.json",
        figure=tmp_path / "atlas.png",
        plans={"varied": tmp_path / "plan.csv"},
        codes_figure=tmp_path / "codes.png",
    )
    side = 11 * CELL + 2 * RIM[generator.parametrization]
    assert Image.open(tmp_path / "atlas.png").size == (side, side)
    assert side < 1200
    assert Image.open(tmp_path / "codes.png").size == (side // 2, side // 2 + 56)
