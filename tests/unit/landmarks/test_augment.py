"""The landmarks go where the image goes: closed forms, and spots of light that are found again."""

import math

import numpy as np
import pytest
import torch

from drawn.displacements import MIRROR
from drawn.identity import sample_identity
from drawn.landmarks import neutral_landmarks
from synface.landmarks.augment import Plan, move_images, move_landmarks, plan_epoch
from synface.settings.landmarks import LandmarkTraining


def plan(matrix=((1.0, 0.0), (0.0, 1.0)), shift=(0.0, 0.0), mirrored=False, gain=1.0):
    return Plan(torch.tensor([matrix]), torch.tensor([shift]), torch.tensor([mirrored]), torch.tensor([gain]))


def drawn(**settings):
    """Return the augmentation of one face with these settings alone."""
    nothing = {"rotation": 0.0, "zoom": 0.0, "shift": 0.0, "brightness": 0.0, "horizontal_flip": 0.0}
    return plan_epoch(1, settings=LandmarkTraining(**{**nothing, **settings}), epoch=0)


def spots(points, size=64, spread=1.5):
    """Return one image [1, 3, size, size] per point with a spot of light there: x, y as fractions of the sides."""
    centers = (torch.arange(size) + 0.5) / size
    x = torch.exp(-(((centers - points[:, :1]) * size / spread) ** 2) / 2)
    y = torch.exp(-(((centers - points[:, 1:]) * size / spread) ** 2) / 2)
    return 200 * (y.unsqueeze(2) * x.unsqueeze(1)).unsqueeze(1).expand(-1, 3, -1, -1)


def found(images):
    """Return the centroid of the light, x and y as fractions of the sides."""
    size = images.shape[-1]
    centers = (torch.arange(size) + 0.5) / size
    light = images[:, 0] / images[:, 0].sum(dim=(1, 2), keepdim=True)
    return torch.stack(((light.sum(dim=1) * centers).sum(dim=1), (light.sum(dim=2) * centers).sum(dim=1)), dim=1)


class TestLandmarks:
    def test_a_quarter_turn_takes_the_right_side_down(self):
        quarter = plan(matrix=((0.0, -1.0), (1.0, 0.0)))
        points = torch.full((1, 68, 2), 0.5)
        points[0, 0] = torch.tensor([0.9, 0.5])
        moved = move_landmarks(points, quarter)
        torch.testing.assert_close(moved[0, 0], torch.tensor([0.5, 0.9]))
        torch.testing.assert_close(moved[0, 1], torch.tensor([0.5, 0.5]))

    def test_rotation_zoom_and_shift_in_closed_form(self):
        settings = LandmarkTraining(rotation=30.0, zoom=0.4, shift=0.2, horizontal_flip=0.0)
        many = plan_epoch(50, settings=settings, epoch=3)
        zoom = torch.linalg.det(many.matrix).sqrt()
        angle = torch.atan2(many.matrix[:, 1, 0], many.matrix[:, 0, 0])
        assert (zoom - 1).abs().max() <= 0.4
        assert angle.abs().max() <= math.radians(30) + 1e-6
        assert many.shift.abs().max() <= 0.2
        assert min(zoom.std(), angle.std(), many.shift.std()) > 0.05
        x, y = 0.8, 0.3
        expected_x = 0.5 + zoom * (torch.cos(angle) * (x - 0.5) - torch.sin(angle) * (y - 0.5)) + many.shift[:, 0]
        expected_y = 0.5 + zoom * (torch.sin(angle) * (x - 0.5) + torch.cos(angle) * (y - 0.5)) + many.shift[:, 1]
        moved = move_landmarks(torch.tensor([x, y]).expand(50, 68, 2), many)
        expected = torch.stack((expected_x, expected_y), dim=1).unsqueeze(1).expand_as(moved)
        torch.testing.assert_close(moved, expected)

    def test_a_mirrored_face_is_turned_and_zoomed_but_not_sheared(self):
        settings = LandmarkTraining(rotation=30.0, zoom=0.4, horizontal_flip=1.0)
        matrix = plan_epoch(20, settings=settings, epoch=0).matrix
        zoom = (-torch.linalg.det(matrix)).sqrt()
        similar = matrix @ matrix.transpose(1, 2) / (zoom * zoom).view(-1, 1, 1)
        torch.testing.assert_close(similar, torch.eye(2).expand(20, 2, 2))

    def test_mirroring_reflects_and_exchanges_left_and_right(self):
        generator = torch.Generator().manual_seed(0)
        points = torch.rand(1, 68, 2, generator=generator)
        moved = move_landmarks(points, drawn(horizontal_flip=1.0))
        # Counted from 1 as in iBUG 300-W: jaw ends 1 and 17, outer eye corners 37 and 46, mouth corners 49 and 55.
        for left, right in ((1, 17), (18, 27), (37, 46), (38, 45), (42, 47), (32, 36), (49, 55), (61, 65), (9, 9)):
            torch.testing.assert_close(
                moved[0, left - 1], torch.tensor([1 - points[0, right - 1, 0], points[0, right - 1, 1]])
            )

    def test_a_mirrored_face_keeps_the_order_of_its_points(self):
        face = neutral_landmarks(sample_identity(7, "somebody"))
        reflected = (face * (-1.0, 1.0))[MIRROR]
        # Under half a centimetre apart: what is left is the face's own asymmetry.
        assert np.abs(reflected - face).max() < 0.07
        assert np.array_equal(MIRROR[MIRROR], np.arange(68))


class TestImages:
    POINTS = torch.tensor([[0.4, 0.35], [0.55, 0.6], [0.3, 0.5]])

    @pytest.mark.parametrize(
        "settings",
        [
            {"rotation": 25.0},
            {"zoom": 0.2},
            {"shift": 0.1},
            {"horizontal_flip": 1.0},
            {"rotation": 25.0, "zoom": 0.2, "shift": 0.1, "horizontal_flip": 1.0},
        ],
        ids=["rotation", "zoom", "shift", "mirror", "all"],
    )
    def test_a_spot_is_found_where_its_landmark_went(self, settings):
        one = drawn(**settings)
        three = one.of(torch.zeros(3, dtype=torch.int64))
        moved = found(move_images(spots(self.POINTS), three))
        expected = (self.POINTS - 0.5) @ one.matrix[0].T + 0.5 + one.shift
        assert (expected - self.POINTS).abs().max() > 0.01
        assert (moved - expected).abs().max() < 0.05 / 64

    def test_mirroring_is_exact(self):
        images = torch.randint(0, 256, (1, 3, 16, 16), dtype=torch.uint8)
        mirrored = move_images(images, drawn(horizontal_flip=1.0))
        torch.testing.assert_close(mirrored, images.flip(-1).float(), atol=1e-3, rtol=0)

    def test_brightness_is_a_factor_and_stays_in_range(self):
        images = torch.tensor([100.0, 200.0]).view(1, 1, 1, 2).expand(1, 3, 2, 2)
        brighter = move_images(images, plan(gain=1.5))
        torch.testing.assert_close(brighter[0, 0, 0], torch.tensor([150.0, 255.0]))


def test_draws_depend_on_epoch_and_seed_alone():
    settings = LandmarkTraining()
    first, again = (plan_epoch(5, settings=settings, epoch=2) for _ in range(2))
    assert torch.equal(first.matrix, again.matrix)
    assert not torch.equal(first.matrix, plan_epoch(5, settings=settings, epoch=3).matrix)
    assert not torch.equal(first.matrix, plan_epoch(5, settings=LandmarkTraining(seed=2), epoch=2).matrix)
