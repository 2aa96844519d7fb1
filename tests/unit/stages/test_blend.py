import numpy as np
import pytest
from imaging import portrait, read_images, write_images

from synface.core.errors import InputError
from synface.faces.cut import paste
from synface.faces.table import Face, read_faces, write_faces
from synface.stages.blend import alpha_mask, blend, blend_bands, blend_faces, clone, feather_mask, put_back

RNG = np.random.default_rng(5)
METHODS = ("none", "alpha", "feather", "pyramid", "poisson")
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
        "blended": tmp_path / "blended.tar",
    }


def composites_of(paths, **settings):
    blend_faces(**paths, settings={"border": 0.15, **settings})
    frames, (found, _) = read_images(paths["frames"]), read_faces(paths["faces"])
    return {name: paste(frames[name], face, found[name].box) for name, face in read_images(paths["blended"]).items()}


def test_hard_paste_fills_the_box_and_nothing_else(shard):
    frames, paths = shard
    composites = composites_of(paths, method="none")
    assert {face.shape for face in read_images(paths["blended"]).values()} == {(50, 40, 3)}
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
    for method in METHODS:
        for name, composite in composites_of(paths, method=method).items():
            assert np.abs(composite.astype(int) - frames[name]).max() <= (1 if method == "poisson" else 0)


def test_a_patch_without_its_frame_is_an_error(shard, tmp_path):
    _, paths = shard
    paths["patches"] = write_images(tmp_path / "other.tar", {"999": np.zeros((8, 8, 3), np.uint8)})
    with pytest.raises(InputError, match="999 has no frame"):
        composites_of(paths, method="none")
    assert not paths["blended"].exists()


def smooth(t: np.ndarray) -> np.ndarray:
    return 3 * t**2 - 2 * t**3


def test_feather_rises_smoothly_from_the_outline_inward():
    square = np.array([[20.0, 10], [60, 10], [60, 50], [20, 50]])
    mask = feather_mask(80, 100, 0.1, square)  # a ramp of 8 pixels
    rows, columns = np.mgrid[:80, :100]
    within = np.minimum(np.minimum(columns - 20, 60 - columns), np.minimum(rows - 10, 50 - rows))
    np.testing.assert_allclose(mask[:, :, 1], smooth((within / 8).clip(0, 1)), atol=1e-6)
    turned = np.array([[50.0, 10], [80, 40], [50, 70], [20, 40]])
    for corners in (turned, turned[::-1]):
        within = (30 - np.abs(columns - 50) - np.abs(rows - 40)) / np.sqrt(2)
        found = feather_mask(80, 100, 0.1, corners)[:, :, 0]
        np.testing.assert_allclose(found, smooth((within / 8).clip(0, 1)), atol=1e-5)


def test_feather_keeps_to_the_box_where_the_outline_leaves_it():
    mask = feather_mask(40, 30, 0.2, np.array([[-99.0, -99], [99, -99], [99, 99], [-99, 99]]))[:, :, 0]
    np.testing.assert_allclose(mask, smooth(alpha_mask(40, 30, 0.2)[:, :, 0]), atol=1e-6)


def test_a_side_cut_by_the_picture_has_no_ramp():
    cut = (True, False, False, True)  # left and bottom
    for mask in (
        alpha_mask(40, 30, 0.2, cut),
        feather_mask(40, 30, 0.2, np.array([[-99.0, -99], [99, -99], [99, 99], [-99, 99]]), cut),
    ):
        assert (mask[6:, :23] == 1).all()
        assert mask[0].max() == mask[:, -1].max() == 0
    np.testing.assert_allclose(alpha_mask(40, 30, 0.2, cut)[:, 5, 0], np.minimum(1, np.arange(40) / 6))
    assert alpha_mask(9, 9, 0.5, (True,) * 4).min() == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("box", [(13, 8, 48, 57), (0, 0, 40, 50), (20, 14, 64, 64), (0, 0, 64, 64), (30, 30, 35, 37)])
def test_the_unedited_face_is_the_portrait_wherever_it_lies_and_the_rest_stays(method, box):
    frame = portrait("3", 64)
    left, top, right, bottom = box
    scale = np.array([right - left, bottom - top]) / (35, 49)
    face = Face(box, 0.99, (LANDMARKS - (12, 10)) * scale + (left, top))
    same = put_back(frame, frame[top:bottom, left:right], face, method=method, border=0.15)
    assert np.abs(same.astype(int) - frame).max() <= (1 if method == "poisson" else 0)
    edited = put_back(frame, np.full((32, 32, 3), 240, np.uint8), face, method=method, border=0.15)
    outside = np.ones((64, 64), bool)
    outside[top:bottom, left:right] = False
    np.testing.assert_array_equal(edited[outside], frame[outside])
    assert (edited != frame).any()


@pytest.mark.parametrize("method", METHODS)
def test_landmarks_gone_astray_take_no_expression_away(method):
    frame = portrait("3", 64)
    face = Face((13, 8, 48, 57), 0.99, LANDMARKS + 500)
    edited = put_back(frame, np.full((32, 32, 3), 240, np.uint8), face, method=method, border=0.15)
    if method != "poisson":  # which takes the colors from around
        assert (edited[25:40, 25:36] == 240).all()
    assert (edited[25:40, 25:36] != frame[25:40, 25:36]).any()


def test_bands_add_up():
    patch, region = (RNG.integers(0, 256, (37, 51, 3), dtype=np.uint8) for _ in range(2))
    everywhere = np.ones((37, 51, 3), np.float32)
    np.testing.assert_array_equal(blend_bands(patch, region, everywhere, 0.5), patch)
    np.testing.assert_array_equal(blend_bands(patch, region, 0 * everywhere, 0.5), region)


def test_coarse_bands_fade_over_the_border_and_fine_ones_at_once():
    half = np.zeros((128, 128, 3), np.float32)
    half[:, 64:] = 1
    flat = np.full((128, 128, 3), 100, np.uint8)
    step = blend_bands(flat + np.uint8(100), flat, half, 0.25)[64, :, 0].astype(float)
    assert (np.diff(step) >= 0).all()
    assert np.ptp(np.flatnonzero((step > 105) & (step < 195))) > 24
    checker = (10 * (np.indices((128, 128)).sum(axis=0) % 2))[..., None].astype(np.uint8)
    contrast = np.abs(np.diff(blend_bands(flat + checker, flat, half, 0.25)[64, :, 0].astype(float)))
    assert contrast[:60].max() <= 1
    assert contrast[68:].min() >= 9


def test_cloning_keeps_the_edits_gradients_and_the_portraits_colors():
    height, width = 90, 70
    region = portrait("1", 160)[30:120, 40:110].clip(40, 180)
    outline = np.array([[12.0, 8], [58, 8], [58, 80], [12, 80]])
    bump = np.zeros((height, width, 1), np.uint8)
    bump[40:50, 30:40] = 30
    # A cast is undone exactly: the portrait itself has these gradients and these colors.
    cast = region + np.uint8([20, 5, 40])
    for cut in ((False,) * 4, (True, False, False, True)):
        mask = feather_mask(height, width, 0.15, outline + (40 * (np.array(cut[:1]) * [[-1, 0]])), cut)
        assert np.abs(clone(cast, region, mask, cut).astype(int) - region)[mask[:, :, 0] > 0.5].max() <= 2
        edited = clone(cast + bump, region, mask, cut).astype(int)
        assert np.abs(edited - region - bump)[mask[:, :, 0] > 0.5].max() <= 2


def test_cloning_does_not_bleed():
    # Green hair reaches over the outline on one side: it must not tint the face.
    region = np.full((90, 70, 3), (190, 140, 115), np.uint8)
    patch = region - np.uint8(20)
    region[:, :22][:22] = (0, 160, 0)
    mask = feather_mask(90, 70, 0.15, np.array([[10.0, 8], [60, 8], [60, 82], [10, 82]]))
    skin = np.s_[30:70, 25:50]
    assert np.abs(clone(patch, region, mask)[skin].astype(int) - (190, 140, 115)).max() <= 4
