import numpy as np
import pytest
from imaging import portrait, read_images, write_images

from synface.core.errors import InputError
from synface.faces.table import Face, write_faces
from synface.stages.blend import alpha_mask, blend, blend_faces

RNG = np.random.default_rng(5)
LANDMARKS = np.array([[20.0, 30], [44, 30], [32, 40], [22, 50], [42, 50]])


def ramp(side: int, border: float, shorter: int) -> np.ndarray:
    """The weights along one side, by the definition."""
    return np.array([min(1.0, min(i, side - 1 - i) / (border * shorter)) for i in range(side)])


@pytest.mark.parametrize(("height", "width", "border"), [(100, 80, 0.15), (31, 64, 0.5), (9, 9, 0.01)])
def test_mask_is_one_in_the_center_and_linear_to_zero(height, width, border):
    mask = alpha_mask(height, width, border)
    assert mask.shape == (height, width, 3)
    assert mask.dtype == np.float32
    np.testing.assert_array_equal(mask, mask[:, :, :1].repeat(3, axis=2))
    rows, columns = (ramp(side, border, min(height, width)) for side in (height, width))
    np.testing.assert_allclose(mask[:, :, 0], np.minimum.outer(rows, columns), atol=1e-6)
    edge = np.concatenate([mask[0].ravel(), mask[-1].ravel(), mask[:, 0].ravel(), mask[:, -1].ravel()])
    assert edge.max() == 0
    np.testing.assert_array_equal(mask, mask[::-1, ::-1])


def test_center_is_opaque_beyond_the_border():
    mask = alpha_mask(100, 80, 0.15)
    assert (mask[12:-12, 12:-12] == 1).all()
    assert mask[11, 40, 0] == pytest.approx(11 / 12)


@pytest.mark.parametrize("border", [0, -0.1, 0.51, 2])
def test_borders_that_leave_no_center_are_refused(border):
    with pytest.raises(ValueError, match="is not a fraction"):
        alpha_mask(10, 10, border)


def test_blend_is_the_weighted_mean_rounded():
    patch, region = (RNG.integers(0, 256, (40, 30, 3), dtype=np.uint8) for _ in range(2))
    mask = RNG.random((40, 30, 3)).astype(np.float32)
    exact = mask.astype(float) * patch + (1 - mask.astype(float)) * region
    assert np.abs(blend(patch, region, mask) - exact).max() <= 0.5 + 1e-4
    np.testing.assert_array_equal(blend(patch, region, np.ones_like(mask)), patch)
    np.testing.assert_array_equal(blend(patch, region, np.zeros_like(mask)), region)
    np.testing.assert_array_equal(blend(region, region, mask), region)


def test_blend_refuses_other_shapes_and_types():
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="expected uint8"):
        blend(image, image, np.ones((4, 4), np.float32))
    with pytest.raises(ValueError, match="expected uint8"):
        blend(image.astype(float), image, np.ones((4, 4, 3)))


@pytest.fixture
def shard(tmp_path):
    frames = {"000": portrait("0", 64), "001": portrait("1", 64), "002": portrait("2", 64)}
    box = (12, 10, 52, 60)
    found = {"000": Face(box, 0.99, LANDMARKS), "001": "no face found", "002": Face(box, 0.99, LANDMARKS)}
    write_faces(found, tmp_path / "faces.csv")
    patches = {name: np.full((32, 32, 3), 250, np.uint8) for name in ("000", "002")}
    return frames, {
        "patches": write_images(tmp_path / "patches.tar", patches),
        "frames": write_images(tmp_path / "frames.tar", frames),
        "faces": tmp_path / "faces.csv",
        "composites": tmp_path / "composites.tar",
    }


def composites_of(paths, **settings):
    blend_faces(**paths, settings=settings)
    return read_images(paths["composites"])


def test_hard_paste_fills_the_box_and_nothing_else(shard):
    frames, paths = shard
    composites = composites_of(paths, method="none")
    assert list(composites) == ["000", "002"]
    for name, composite in composites.items():
        assert (composite[10:60, 12:52] == 250).all()
        expected = frames[name].copy()
        expected[10:60, 12:52] = 250
        np.testing.assert_array_equal(composite, expected)


def seam(composite: np.ndarray, frame: np.ndarray) -> float:
    """Mean step across the box's left and right edges, beyond the step that the portrait has there itself."""
    steps = [np.abs(np.diff(image[10:60].astype(float), axis=1))[:, [11, 51]] for image in (composite, frame)]
    return float(steps[0].mean() - steps[1].mean())


def test_alpha_blending_leaves_no_seam_where_the_hard_paste_does(shard):
    frames, paths = shard
    alpha, hard = composites_of(paths, method="alpha", border=0.15), composites_of(paths, method="none")
    assert seam(hard["000"], frames["000"]) > 20
    assert abs(seam(alpha["000"], frames["000"])) < 2
    assert (alpha["000"][20:50, 20:44] == 250).all()


def test_an_unedited_face_gives_the_portrait_back(shard, tmp_path):
    frames, paths = shard
    patches = {name: frames[name][10:60, 12:52] for name in ("000", "002")}
    paths["patches"] = write_images(tmp_path / "unedited.tar", patches)
    for name, composite in composites_of(paths, method="alpha", border=0.15).items():
        np.testing.assert_array_equal(composite, frames[name])


def test_a_patch_without_its_frame_is_an_error(shard, tmp_path):
    _, paths = shard
    paths["patches"] = write_images(tmp_path / "other.tar", {"999": np.zeros((8, 8, 3), np.uint8)})
    with pytest.raises(InputError, match="999 has no frame"):
        composites_of(paths, method="none")
    assert not paths["composites"].exists()
