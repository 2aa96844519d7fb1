# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""A drawn face and its truth belong together, whatever else is drawn."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from drawn.action_units import express
from drawn.camera import Camera
from drawn.colors import lab_to_linear
from drawn.face import FaceParameters, draw_face, sample_face
from drawn.scene import DOMAINS, SIZES, neutral_light
from drawn.view import Pose
from synface.core.emotions import Emotion
from synface.core.lab import to_lab


def plain(item: str, *, emotion: Emotion = Emotion.NEUTRAL, intensity: float = 1.0) -> FaceParameters:
    """Return a bare face before a perfect camera, in white light from the front."""
    face = sample_face(5, item, emotion=emotion, intensity=intensity, domain="portraits")
    hair = replace(face.identity.hair, style="buzz")
    beard = replace(face.identity.beard, shadow=0.0, moustache=0.0, chin=0.0, cheeks=0.0)
    identity = replace(face.identity, hair=hair, beard=beard, glasses=None, lipstick=0.0, eyeshadow=0.0, freckles=0.0)
    scene = replace(
        face.scene,
        pose=Pose(),
        light=neutral_light(),
        camera=Camera(),
        occlusion="none",
        gaze=(0.0, 0.0),
        center=(0.5, 0.47),
    )
    return FaceParameters(identity, express(emotion, intensity), scene)


class TestDeterminism:
    def test_a_face_depends_on_nothing_drawn_before(self) -> None:
        def draw(item: str) -> np.ndarray:
            return draw_face(sample_face(2, item, emotion=Emotion.FEAR, intensity=0.8, domain="raf")).image

        forth = {item: draw(item) for item in ("a", "b", "c")}
        back = {item: draw(item) for item in ("c", "b", "a")}
        for item, image in forth.items():
            np.testing.assert_array_equal(image, back[item])
        assert (forth["a"] != forth["b"]).any()

    def test_person_and_scene_do_not_depend_on_the_expression(self) -> None:
        first = sample_face(2, "a", emotion=Emotion.FEAR, intensity=0.8, domain="raf")
        second = sample_face(2, "a", emotion=Emotion.ANGER, intensity=0.3, domain="raf")
        assert (first.identity, first.scene) == (second.identity, second.scene)
        other = sample_face(2, "a", emotion=Emotion.FEAR, intensity=0.8, domain="affectnet")
        assert (first.identity, first.expression) == (other.identity, other.expression)
        assert first.scene != other.scene

    def test_another_expression_changes_the_face_and_leaves_the_backdrop(self) -> None:
        calm, happy = (plain("b", emotion=e) for e in (Emotion.NEUTRAL, Emotion.HAPPINESS))
        before, after = draw_face(calm), draw_face(happy)
        mouth = before.landmarks[48:60].astype(int)
        box = np.s_[mouth[:, 1].min() : mouth[:, 1].max(), mouth[:, 0].min() : mouth[:, 0].max()]
        assert np.abs(before.image[box].astype(int) - after.image[box]).mean() > 8
        # The face is exposed as a whole, so its light may change a little; the wall behind it may not.
        np.testing.assert_array_equal(before.image[:60, :30], after.image[:60, :30])


class TestTruth:
    @pytest.mark.parametrize("domain", DOMAINS)
    def test_shapes(self, domain: str) -> None:
        drawn = draw_face(sample_face(2, "a", emotion=Emotion.SADNESS, intensity=0.8, domain=domain))
        size = SIZES[domain]
        assert drawn.image.shape == (size, size, 3)
        assert drawn.image.dtype == drawn.face_mask.dtype == np.uint8
        assert drawn.face_mask.shape == (size, size)
        assert drawn.landmarks.shape == (68, 2)
        assert drawn.landmarks.dtype == np.float32

    def test_landmarks_scale_with_the_picture(self) -> None:
        face = plain("c")
        small, large = draw_face(face, 128).landmarks, draw_face(face, 256).landmarks
        np.testing.assert_allclose((small + 0.5) * 2, large + 0.5, atol=1e-3)

    @pytest.mark.parametrize("item", ["d", "e", "f"])
    def test_inner_landmarks_lie_in_the_mask(self, item: str) -> None:
        drawn = draw_face(sample_face(6, item, emotion=Emotion.SURPRISE, intensity=1.0, domain="portraits"))
        bare = draw_face(plain(item, emotion=Emotion.SURPRISE))
        for face in (bare, drawn) if drawn.parameters.scene.occlusion == "none" else (bare,):
            columns, rows = np.round(face.landmarks[27:]).astype(int).T
            assert (face.face_mask[rows, columns] > 200).mean() > 0.95

    def test_mask_ends_at_the_jaw(self) -> None:
        drawn = draw_face(plain("g"))
        chin = drawn.landmarks[8]
        assert drawn.face_mask[int(chin[1]) - 4, round(float(chin[0]))] > 200
        assert drawn.face_mask[int(chin[1]) + 4, round(float(chin[0]))] < 50

    @pytest.mark.parametrize("item", ["h", "i", "j", "k"])
    def test_iris_is_dark_and_sclera_light(self, item: str) -> None:
        drawn = draw_face(plain(item), 512)
        grey = cv2.blur(drawn.image, (7, 7)).astype(float).mean(-1)
        for eye in (slice(36, 42), slice(42, 48)):
            points = drawn.landmarks[eye]
            opening = cv2.fillPoly(np.zeros((512, 512), np.uint8), [np.round(points).astype(np.int32)], 1)
            opening = cv2.erode(opening, np.ones((7, 7), np.uint8)).astype(bool)
            row, column = np.unravel_index(np.where(opening, grey, 255).argmin(), grey.shape)
            width = np.linalg.norm(points[3] - points[0])
            assert abs(column - points[[0, 3], 0].mean()) < 0.15 * width
            assert grey[row, column] < 60
            assert np.percentile(grey[opening], 90) > grey[row, column] + 50

    def test_open_mouth_is_dark_below_the_teeth(self) -> None:
        drawn = draw_face(plain("l", emotion=Emotion.SURPRISE), 512)
        inside = 0.35 * drawn.landmarks[62] + 0.65 * drawn.landmarks[66]
        lips = drawn.landmarks[[51, 57]].mean(0)
        assert drawn.image[int(inside[1]), int(inside[0])].mean() < 80
        assert abs(lips[0] - inside[0]) < 20

    @pytest.mark.parametrize("emotion", [Emotion.SADNESS, Emotion.ANGER])
    def test_hardly_parted_lips_show_no_teeth(self, emotion: Emotion) -> None:
        drawn = draw_face(sample_face(33, "m0", emotion=emotion, intensity=0.75, domain="portraits"), 512)
        upper, lower = drawn.landmarks[62], drawn.landmarks[66]
        assert lower[1] - upper[1] > 1.5  # there is something to see between them
        column = round(float(upper[0]))
        between = drawn.image[int(upper[1]) : int(lower[1]) + 2, column - 8 : column + 9].mean()
        lips = drawn.image[[int(upper[1]) - 5, int(lower[1]) + 7], column - 8 : column + 9].mean()
        assert between < 0.8 * lips

    @pytest.mark.parametrize("item", [str(number) for number in range(8)])
    def test_skin_of_the_cheek_is_as_declared(self, item: str) -> None:
        drawn = draw_face(plain(item))
        left, right = (drawn.landmarks[[eye, nose]].mean(0) + (0, 6) for eye, nose in ((41, 31), (46, 35)))
        patches = [
            drawn.image[int(y) - 4 : int(y) + 5, int(x) - 4 : int(x) + 5].reshape(-1, 3) for x, y in (left, right)
        ]
        measured = to_lab(np.concatenate(patches).astype(float).mean(0))
        # Blood in the cheek and the roundness of the face are part of the picture: 12 is a shade, not another skin.
        assert np.linalg.norm(measured - drawn.skin_lab) < 12

    def test_skin_tones_span_the_human_range(self) -> None:
        lightness = [
            sample_face(1, str(k), emotion=Emotion.NEUTRAL, intensity=1, domain="raf").identity.skin_lab[0]
            for k in range(200)
        ]
        assert min(lightness) < 36
        assert max(lightness) > 72
        assert np.histogram(lightness, bins=[25, 40, 50, 60, 70, 85])[0].min() > 15


class TestColors:
    def test_known_values(self) -> None:
        # Published values of sRGB's white and red (D65).
        np.testing.assert_allclose(to_lab(np.array([255.0, 255, 255])), [100, 0, 0], atol=0.02)
        np.testing.assert_allclose(to_lab(np.array([255.0, 0, 0])), [53.24, 80.09, 67.20], atol=0.03)

    def test_back_and_forth(self) -> None:
        linear = lab_to_linear((62.0, 12.0, 18.0))
        srgb = 255 * (1.055 * linear.astype(float) ** (1 / 2.4) - 0.055)
        np.testing.assert_allclose(to_lab(srgb), [62, 12, 18], atol=0.01)


class TestPose:
    @pytest.mark.parametrize(("pose", "axis", "sign"), [(Pose(yaw=10), 0, 1), (Pose(pitch=8), 1, 1)])
    def test_nose_leads(self, pose: Pose, axis: int, sign: int) -> None:
        face = plain("m")
        turned = replace(face, scene=replace(face.scene, pose=pose))
        shift = draw_face(turned).landmarks - draw_face(face).landmarks
        # The tip of the nose lies in front of the eyes, and these in front of the jaw's ends.
        assert sign * shift[30, axis] > sign * shift[36:48, axis].mean() > sign * shift[[0, 16], axis].mean()
