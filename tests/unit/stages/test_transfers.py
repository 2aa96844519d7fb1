"""Each transfer against what it is defined by; `test_color.py` has what goes on around them."""

import cv2
import numpy as np
import pytest

from drawn.truth.stages import PATCH, draw_pair, drawn_box, patch_of, with_cast
from synface.core.lab import ciede2000, to_lab
from synface.faces.skin import face_mask
from synface.stages.color import recolor
from synface.stages.transfers import (
    TRANSFERS,
    match_covariance,
    match_histograms,
    match_moments,
    steady_weights,
    transport,
)

RNG = np.random.default_rng(17)
MIX = np.array([[9.0, 0, 0], [3, 4, 0], [-2, 3, 3]])


def cloud(mean, mix=MIX, count=900) -> np.ndarray:
    """Colors [n, 3] with exactly this mean and covariance ``mix @ mix.T``."""
    noise = RNG.normal(size=(count, 3))
    noise -= noise.mean(axis=0)
    noise = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise.T, bias=True))).T
    return noise @ np.asarray(mix).T + mean


SKIN, OTHER = cloud((60, 15, 20)), cloud((55, 2, 30), np.diag([7.0, 4, 3]) @ MIX / 5)
EVEN = np.ones(len(SKIN))


def test_moments_without_bounds_are_the_references_whatever_the_gain():
    strong = match_moments(OTHER / 10, SKIN, EVEN, bounded=False)
    np.testing.assert_allclose(strong.mean(axis=0), SKIN.mean(axis=0))
    np.testing.assert_allclose(strong.std(axis=0), SKIN.std(axis=0))
    assert (match_moments(OTHER / 10, SKIN, EVEN).std(axis=0) < 0.9 * SKIN.std(axis=0)).all()


def test_histograms_become_the_references():
    moved = match_histograms(OTHER, SKIN, EVEN)
    np.testing.assert_allclose(np.sort(moved, axis=0), np.sort(SKIN, axis=0))
    np.testing.assert_array_equal(np.argsort(moved, axis=0), np.argsort(OTHER, axis=0))


def test_a_histogram_has_the_weights_and_goes_on_beyond_them():
    # Every other pixel counts nothing, and is far away: it moves as the end of those that count does.
    colors, reference, weights = OTHER.copy(), SKIN.copy(), EVEN.copy()
    weights[::2], colors[::2], reference[::2] = 0, (200, 200, 200), (-50, 0, 0)
    moved = match_histograms(colors, reference, weights)
    np.testing.assert_allclose(np.sort(moved[1::2], axis=0), np.sort(SKIN[1::2], axis=0))
    np.testing.assert_allclose(moved[0], 200 - colors[1::2].max(axis=0) + SKIN[1::2].max(axis=0))


def test_covariance_becomes_the_references_by_a_map_that_turns_nothing():
    moved = match_covariance(OTHER, SKIN, EVEN)
    np.testing.assert_allclose(moved.mean(axis=0), SKIN.mean(axis=0))
    np.testing.assert_allclose(np.cov(moved.T, bias=True), MIX @ MIX.T, rtol=1e-6)
    # Of all maps that do so, the Monge-Kantorovich map alone is symmetric without negative eigenvalues.
    centered = [cloud - cloud.mean(axis=0) for cloud in (OTHER, moved)]
    found = np.linalg.lstsq(*centered, rcond=None)[0]
    np.testing.assert_allclose(found, found.T, atol=1e-8)
    assert np.linalg.eigvalsh(found).min() > 0


def test_covariance_grows_no_direction_by_more_than_two():
    flat = np.linalg.qr(MIX)[0] @ np.diag([5.0, 5, 0.01])
    moved = match_covariance(cloud((50, 0, 0), flat), cloud((60, 0, 0), 5 * np.eye(3)), EVEN)
    np.testing.assert_allclose(np.linalg.eigvalsh(np.cov(moved.T, bias=True)), [0.02**2, 25, 25], rtol=1e-6)


def test_transport_is_the_gradient_of_a_convex_function():
    # Colors further apart than those that speak for each other, the reference's in another order. Brenier: of all that
    # move the first onto the second, the cheapest is the one that turns nothing: here a stretch and a shift.
    colors = np.stack([np.full(256, 50.0), *(10.0 * np.indices((16, 16)).reshape(2, -1) - 75)], axis=1)
    wanted = colors * (1, 1.5, 0.8) + (7, -3, 2)
    np.testing.assert_allclose(transport(colors, RNG.permutation(wanted), np.ones(256)), wanted, atol=0.01)


def test_transport_undoes_a_shift_of_all_colors():
    np.testing.assert_allclose(transport(np.add(SKIN, (9, -4, 6)), SKIN, EVEN), SKIN, atol=1e-9)


@pytest.mark.parametrize("method", TRANSFERS)
@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (37, 23)])
def test_equal_pictures_stay_equal(method, robust, size):
    image = RNG.integers(0, 256, (*size, 3), dtype=np.uint8)
    for same in (image, np.full_like(image, 77)):
        result, clipped = recolor(same, same, method=method, robust=robust)
        assert np.abs(result.astype(int) - same).max() <= 1
        assert clipped == 0


@pytest.mark.parametrize("method", TRANSFERS)
def test_strength_is_the_way_to_the_new_colors(method):
    image, reference = (RNG.integers(60, 190, (24, 20, 3), dtype=np.uint8) for _ in range(2))
    none, half, full = (recolor(image, reference, method=method, strength=part)[0] for part in (0.0, 0.5, 1.0))
    assert np.abs(none.astype(int) - image).max() <= 1
    middle = (to_lab(image) + to_lab(full)) / 2
    assert np.median(np.linalg.norm(to_lab(half) - middle, axis=2)) < 1


@pytest.mark.parametrize("method", TRANSFERS)
def test_a_reference_without_color_makes_none(method):
    image = RNG.integers(60, 190, (24, 20, 3), dtype=np.uint8)
    gray = np.repeat(RNG.integers(60, 190, (24, 20, 1), dtype=np.uint8), 3, axis=2)
    result, _ = recolor(image, gray, method=method)
    # Transport moves what lies near together alike, so that a little of the color is left.
    assert np.ptp(result.astype(int), axis=2).mean() <= (8 if method == "transport" else 1)


def test_steady_weights_leave_out_what_was_changed_otherwise():
    changed = np.arange(len(SKIN)) % 5 == 0
    edited = SKIN * (0.9, 1.1, 0.8) + (4, -6, 9)
    edited[changed] = (8, 0, 0)
    weights = steady_weights(edited, SKIN, EVEN)
    assert weights[changed].max() == 0
    assert weights[~changed].mean() > 0.9
    np.testing.assert_allclose(match_moments(edited, SKIN, weights)[~changed], SKIN[~changed], atol=1e-6)
    np.testing.assert_array_equal(steady_weights(SKIN, SKIN, EVEN), EVEN)


@pytest.mark.parametrize("method", TRANSFERS)
def test_a_smear_recolors_no_face_where_the_transfer_is_robust(method):
    # CIEDE2000 of the clean skin to the truth: 1.1 to 4 with a smear over the mouth, .5 to 1.1 robust, smear or not.
    errors = []
    for number in range(4):
        original, true = draw_pair(number)
        face = drawn_box(original)
        truth, reference = patch_of(true.image, face), patch_of(original.image, face)
        edited = with_cast(truth, number)
        smeared = cv2.circle(edited.copy(), (64, 85), 24, (20, 15, 15), -1)
        clean = (patch_of(true.face_mask, face) > 250) & (smeared == edited).all(axis=2)
        mask = face_mask(face, PATCH, PATCH)
        results = [
            recolor(image, reference, mask, method=method, robust=robust)[0]
            for image, robust in ((smeared, False), (smeared, True), (edited, True))
        ]
        errors.append([ciede2000(to_lab(result[clean]), to_lab(truth[clean])).mean() for result in results])
    smear, robust, unsmeared = np.mean(errors, axis=0)
    assert smear > 2
    assert robust < 1.6
    assert robust < unsmeared + 0.1
