import logging

import cv2
import numpy as np
import pytest
from imaging import portrait, read_images, write_images

from synface.faces.table import Face, write_faces
from synface.stages.color import transfer_color, transfer_lab

RNG = np.random.default_rng(11)
BOX = (30, 30, 130, 150)
LANDMARKS = np.array([[60.0, 75], [100, 75], [80, 95], [65, 120], [95, 120]])


def lab_of(image: np.ndarray) -> np.ndarray:
    """CIELAB of sRGB by the definitions: IEC 61966-2-1 and CIE 15, white point D65, in float64."""
    value = image.astype(float) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    xyz = (
        linear
        @ np.array(
            [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
        ).T
    )
    ratio = xyz / np.array([0.95047, 1.0, 1.08883])
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def statistics(image: np.ndarray, where: np.ndarray | slice = slice(None)) -> np.ndarray:
    pixels = lab_of(image)[where].reshape(-1, 3)
    return np.stack([pixels.mean(axis=0), pixels.std(axis=0)])


def soft_noise(mean: tuple[float, float, float], spread: float, size: int = 48) -> np.ndarray:
    return np.clip(RNG.normal(mean, spread, (size, size, 3)), 0, 255).astype(np.uint8)


@pytest.fixture
def skin() -> np.ndarray:
    return soft_noise((190, 140, 115), 12)


def test_the_reference_conversion_gives_published_values():
    for rgb, lab in (((255, 0, 0), (53.24, 80.09, 67.20)), ((0, 0, 255), (32.30, 79.19, -107.86))):
        np.testing.assert_allclose(lab_of(np.uint8(rgb)), lab, atol=0.02)


@pytest.mark.parametrize("edited", [(170, 150, 120), (120, 120, 160), (200, 120, 100)])
def test_mean_and_deviation_become_those_of_the_reference(skin, edited):
    found = statistics(transfer_lab(soft_noise(edited, 15), skin))
    np.testing.assert_allclose(found, statistics(skin), atol=0.15)


def test_a_color_cast_is_undone():
    reference = portrait("0", 96)[30:80, 25:75]
    # In CIELAB the cast is affine, and the transfer is its inverse.
    lab = cv2.cvtColor(reference.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    cast = (lab - lab.mean(axis=(0, 1))) * np.float32([0.8, 0.9, 0.7]) + lab.mean(axis=(0, 1)) + np.float32([4, -6, 9])
    edited = np.rint(cv2.cvtColor(cast, cv2.COLOR_LAB2RGB) * 255).astype(np.uint8)
    before, after = (
        np.abs(image.astype(float) - reference).mean() for image in (edited, transfer_lab(edited, reference))
    )
    assert before > 8
    assert after < 1


def test_equal_images_stay_equal(skin):
    assert np.abs(transfer_lab(skin, skin).astype(int) - skin).max() <= 1


def test_a_patch_without_contrast_takes_the_mean_and_nothing_explodes(skin):
    flat = np.full_like(skin, 90)
    result = transfer_lab(flat, skin)
    assert len(np.unique(result.reshape(-1, 3), axis=0)) == 1
    np.testing.assert_allclose(lab_of(result)[0, 0], statistics(skin)[0], atol=0.5)
    nearly = flat.copy()
    nearly[0, 0] = 91
    assert np.ptp(transfer_lab(nearly, skin)[1:], axis=(0, 1)).max() == 0


def test_gain_is_capped_and_lightness_keeps_half_of_its_contrast():
    weak, strong = soft_noise((128, 128, 128), 4), soft_noise((128, 128, 128), 40)
    raised = statistics(transfer_lab(weak, strong))[1] / statistics(weak)[1]
    np.testing.assert_allclose(raised, 2, atol=0.1)
    lowered = statistics(transfer_lab(strong, weak))[1] / statistics(strong)[1]
    assert lowered[0] == pytest.approx(0.5, abs=0.02)


def test_the_smallest_contrast_becomes_that_of_the_reference_too():
    # Grays in two neighboring levels of 8 bits, where CIELAB's lightness deviates by 0.19.
    checker = np.indices((48, 48)).sum(axis=0) % 2
    edited, reference = (np.repeat(np.uint8(128 + step * checker)[..., None], 3, axis=2) for step in (1, 2))
    np.testing.assert_array_equal(transfer_lab(edited, reference), reference)


def test_a_grey_original_makes_the_edit_grey(skin):
    grey = np.repeat(soft_noise((128, 128, 128), 20)[:, :, :1], 3, axis=2)
    assert np.ptp(transfer_lab(skin, grey).astype(int), axis=2).max() <= 1


def test_colors_out_of_gamut_are_clipped_not_wrapped(skin):
    red = np.zeros_like(skin)
    red[..., 0] = 255
    result = transfer_lab(soft_noise((250, 250, 250), 30), red)
    # Wrapped values would be dark; the reddest of sRGB are L 53.
    assert statistics(result)[0][0] == pytest.approx(53.24, abs=3)
    white = transfer_lab(soft_noise((128, 128, 128), 30), np.full_like(skin, 255))
    assert white.min() > 150


def test_statistics_are_those_of_the_mask(skin):
    half = np.zeros(skin.shape[:2])
    half[:, :24] = 1
    edited, reference = soft_noise((120, 120, 160), 15), skin.copy()
    reference[:, 24:] = (0, 60, 0)  # a background that must not count
    result = transfer_lab(edited, reference, half)
    np.testing.assert_allclose(statistics(result, np.s_[:, :24]), statistics(skin, np.s_[:, :24]), atol=0.2)
    np.testing.assert_array_equal(result, transfer_lab(edited, reference, (half * 255).astype(np.uint8)))
    edited[:, 24:] = (250, 250, 0)  # nor that of the edited face
    np.testing.assert_array_equal(transfer_lab(edited, reference, half)[:, :24], result[:, :24])
    assert np.abs(transfer_lab(edited, reference).astype(int) - result).mean() > 20


def test_bad_input_is_refused(skin):
    for edited, reference, mask in (
        (skin, skin[1:], None),
        (skin.astype(float), skin, None),
        (skin[..., :1], skin[..., :1], None),
        (skin, skin, np.zeros((48, 48))),
        (skin, skin, np.ones((48, 48, 3))),
    ):
        with pytest.raises(ValueError, match="expected"):
            transfer_lab(edited, reference, mask)


@pytest.fixture
def shard(tmp_path):
    frames = {name: portrait(name) for name in ("0", "1", "2")}
    found = {"0": Face(BOX, 0.99, LANDMARKS), "1": "no face found", "2": Face(BOX, 0.99, LANDMARKS)}
    write_faces(found, tmp_path / "faces.csv")
    cast = {name: (frames[name][30:150, 30:130][:64, :64] * [0.8, 0.9, 0.6]).astype(np.uint8) for name in ("0", "2")}
    return cast, {
        "edited": write_images(tmp_path / "edited.tar", cast),
        "frames": write_images(tmp_path / "frames.tar", frames),
        "faces": tmp_path / "faces.csv",
        "recolored": tmp_path / "recolored.tar",
    }


def recolored_with(paths, **settings):
    transfer_color(**paths, settings={"method": "lab-skin", "robust": False, **settings})
    return read_images(paths["recolored"])


def test_strength_goes_from_the_edited_colors_to_the_original_ones(shard):
    cast, paths = shard
    none, half, full = (recolored_with(paths, region="patch", strength=strength) for strength in (0.0, 0.5, 1.0))
    for name, patch in cast.items():
        assert np.abs(none[name].astype(int) - patch).max() <= 1
        mean = [lab_of(images[name]).mean(axis=(0, 1)) for images in (none, half, full)]
        np.testing.assert_allclose(mean[1], (mean[0] + mean[2]) / 2, atol=1.0)
        np.testing.assert_allclose(mean[2], lab_of(portrait(name)[30:150, 30:130]).mean(axis=(0, 1)), atol=1.0)


def test_region_chooses_the_statistics_and_clipping_is_told(shard, caplog):
    caplog.set_level(logging.INFO)
    _, paths = shard
    face, patch = (recolored_with(paths, region=region, strength=1.0) for region in ("face", "patch"))
    assert list(face) == ["0", "2"]
    assert np.abs(face["0"].astype(int) - patch["0"]).max() > 1
    assert "out of gamut and clipped" in caplog.text


def test_the_share_that_is_clipped_visibly_is_counted(shard, caplog):
    caplog.set_level(logging.INFO)
    _, paths = shard
    red = np.zeros((160, 160, 3), np.uint8)
    red[..., 0] = 255
    write_images(paths["frames"], {"0": red, "2": red})
    grays = np.repeat(np.linspace(100, 140, 64).astype(np.uint8)[:, None], 64, axis=1)
    patches = [np.repeat(gray[..., None], 3, axis=2) for gray in (grays, np.full_like(grays, 119))]
    write_images(paths["edited"], dict(zip(("0", "2"), patches, strict=True)))
    result = recolored_with(paths, region="patch", strength=1.0)
    shares = []
    for name, patch in zip(result, patches, strict=True):
        # Red is a corner of sRGB, so what is to be darker or lighter than it is out of reach; lightness keeps half of
        # its contrast, chroma none.
        lab = lab_of(patch)
        wanted = lab_of(red)[0, 0] + (lab - lab.mean(axis=(0, 1))) * (0.5, 0, 0)
        shares.append((np.linalg.norm(lab_of(result[name]) - wanted, axis=2) > 1).mean())
    assert 0.2 < shares[0] < 0.95
    assert shares[1] == 0
    told = float(caplog.text.split("out of gamut and clipped: ")[1].split(" %")[0])
    assert told == pytest.approx(100 * np.mean(shares), abs=2)


def test_null_takes_the_region_that_the_method_is_meant_for(shard):
    _, paths = shard
    for method, region, other in (("lab", "patch", "face"), ("lab-skin", "face", "patch"), ("mkl", "face", "patch")):
        meant, given, another = (
            recolored_with(paths, method=method, region=name, strength=1.0)["0"] for name in (None, region, other)
        )
        np.testing.assert_array_equal(meant, given)
        assert (meant != another).any()
