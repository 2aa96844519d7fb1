import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from drawn.face import draw_face, sample_face
from synface.core.emotions import LABELS, Emotion
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.faces.boxes import widen
from synface.faces.detector import load_detector
from synface.ganmut.data import TrainingFaces, augment, balanced_choice, epoch_choice
from synface.ganmut.generator import LinearGenerator
from synface.ganmut.sampling import (
    DirectionDraws,
    gaussian_draws,
    linear_codes,
    linear_draws,
    target_strength,
)


class Given:
    """Draws as given: rotation, zoom, shift, mirror."""

    def __init__(self, angle, zoom, shift, mirror):
        self.values, self.mirror = [angle, zoom, np.array(shift, dtype=float)], mirror

    def uniform(self, low, high, size=None):
        value = self.values.pop(0)
        assert np.all(low <= value + 1e-9)
        assert np.all(value <= high + 1e-9)
        return value

    def random(self):
        return 0.0 if self.mirror else 0.9


class TestAugment:
    def test_zoom_about_the_center(self):
        image = np.zeros((41, 41, 3), np.uint8)
        image[20, 20] = 200  # the center stays where it is
        image[20, 30] = 100  # 10 pixels to the right become 11
        changed = augment(image, Given(0, 1.1, (0, 0), False), "published")
        assert changed[20, 20, 0] == 200
        assert changed[20, 31, 0] == 100

    def test_published_shifts_are_zoomed_and_mirroring_is_size_minus_x(self):
        image = np.zeros((41, 41, 3), np.uint8)
        image[20, 30] = 100
        # 10 to the right of the center become 11, shifted by 2 x 1.1: 33.2. Mirrored, 41 - 33.2 = 7.8.
        assert augment(image, Given(0, 1.1, (2, 1), False), "published")[21, 33, 0] == 100
        assert augment(image, Given(0, 1.1, (2, 1), True), "published")[21, 8, 0] == 100

    def test_published_is_the_published_matrix(self):
        image = np.random.default_rng(2).integers(0, 256, (128, 128, 3), np.uint8)
        for angle, zoom, shift, mirror in ((5.0, 1.1, (4.0, -6.0), False), (-7.0, 1.08, (-3.0, 2.0), True)):
            turn, middle = np.radians(angle), 128 / 2 - 0.5
            matrix = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0]])
            matrix[:, 2] = np.array([middle, middle]) - matrix[:, :2] @ [middle, middle]
            matrix[:, 2] += shift
            matrix = zoom * matrix
            matrix[:, 2] += (1 - zoom) * middle
            if mirror:
                matrix[0] = -matrix[0]
                matrix[0, 2] = 128 + matrix[0, 2]
            wanted = cv2.warpAffine(image, matrix, (128, 128), flags=cv2.INTER_NEAREST)
            assert np.mean(augment(image, Given(angle, zoom, shift, mirror), "published") != wanted) < 1e-3

    def test_smooth_mirrors_in_place_and_then_shifts(self):
        image = np.zeros((41, 41, 3), np.uint8)
        image[20, 30] = 100
        assert augment(image, Given(0, 1.0, (2, 1), True), "smooth")[21, 20 - 10 + 2, 0] == 100

    def test_rotation_turns_as_opencv_does(self):
        cv2 = pytest.importorskip("cv2")
        image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        matrix = cv2.getRotationMatrix2D((31.5, 31.5), 7.0, 1.12)
        wanted = cv2.warpAffine(image, matrix, (64, 64), flags=cv2.INTER_NEAREST)
        assert np.mean(augment(image, Given(7.0, 1.12, (0, 0), False), "published") != wanted) < 0.01

    def test_no_new_values_but_black(self):
        image = np.full((32, 32, 3), 90, np.uint8)
        for seed in range(20):
            assert set(np.unique(augment(image, np.random.default_rng(seed), "published"))) <= {0, 90}


class TestSmoothAugmentation:
    """No black border, no jagged edges, and faces at the size at which they are edited."""

    def test_no_black_border(self):
        image = np.full((64, 64, 3), 90, np.uint8)
        for seed in range(20):
            assert set(np.unique(augment(image, np.random.default_rng(seed), "smooth"))) == {90}

    def test_size_is_kept_on_average(self):
        image = np.zeros((64, 64, 3), np.uint8)
        image[22:42, 22:42] = 200
        areas = [(augment(image, np.random.default_rng(seed), "smooth") / 200)[..., 0].sum() for seed in range(60)]
        assert np.mean(areas) == pytest.approx(400, rel=0.03)
        published = [
            (augment(image, np.random.default_rng(seed), "published") / 200)[..., 0].sum() for seed in range(60)
        ]
        assert np.mean(published) > 1.15 * 400

    def test_edges_are_interpolated(self):
        image = np.zeros((64, 64, 3), np.uint8)
        image[:, 32:] = 200
        assert len(np.unique(augment(image, np.random.default_rng(1), "smooth"))) > 3
        assert len(np.unique(augment(image, np.random.default_rng(1), "published"))) == 2


def test_every_image_once_per_epoch():
    chosen = np.concatenate([epoch_choice(11, 4, seed=1, iteration=i) for i in range(11)])
    epochs = chosen.reshape(4, 11)
    assert (np.sort(epochs, axis=1) == np.arange(11)).all()
    assert not (epochs[0] == epochs[1]).all()


def test_balanced_classes():
    labels = np.array([0] * 50 + [3] * 2 + [5])
    chosen = balanced_choice(labels, 9, np.random.default_rng(0))
    assert sorted(labels[chosen]) == [0, 0, 0, 3, 3, 3, 5, 5, 5]


class TestTrainingFaces:
    @pytest.fixture
    def dataset(self, tmp_path):
        rows = []
        for index, label in enumerate(LABELS):
            image = np.zeros((20, 20, 3), np.uint8)
            image[..., 0] = 10 * index  # red
            for split in ("train", "test"):
                name = f"{split}{index}.png"
                (tmp_path / name).write_bytes(encode_png(image))
                rows.append((name, label, split))
        pd.DataFrame(rows, columns=["file_name", "label", "split"]).to_csv(tmp_path / "metadata.csv", index=False)
        return tmp_path

    def test_training_split_in_bgr_with_ganmut_codes(self, dataset):
        faces = TrainingFaces(dataset / "metadata.csv", dataset, 16, "published")
        assert faces.images.shape == (7, 16, 16, 3)
        # Surprise, fear, disgust, happiness, sadness, anger, neutral in GANmut's codes.
        assert faces.labels.tolist() == [3, 4, 5, 1, 2, 6, 0]
        assert faces.images[:, 8, 8, 2].tolist() == [0, 10, 20, 30, 40, 50, 60]
        assert (faces.images[..., :2] == 0).all()

    def test_faces_are_brought_into_the_frame_that_is_asked_for(self, tmp_path):
        drawn = draw_face(sample_face(1, "a", emotion=Emotion.NEUTRAL, intensity=0.0, domain="portraits"), 160)
        (tmp_path / "face.png").write_bytes(encode_png(drawn.image))
        (tmp_path / "none.png").write_bytes(encode_png(np.full((60, 60, 3), 128, np.uint8)))
        rows = [("face.png", "fear", "train"), ("none.png", "anger", "train")]
        pd.DataFrame(rows, columns=["file_name", "label", "split"]).to_csv(tmp_path / "metadata.csv", index=False)
        faces = TrainingFaces(tmp_path / "metadata.csv", tmp_path, 64, "smooth", "mtcnn-square")
        assert faces.labels.tolist() == [4]
        box = load_detector(min_face=0.3).detect([drawn.image])[0][0].box
        left, top, right, _ = widen(box, 0.0, square=True)
        side = right - left
        # The eyes stand in the frame where they stand in MTCNN's square.
        eye = drawn.landmarks[36:42].mean(0)
        place = (eye - [left, top]) / side * 64
        around = faces.images[0][round(place[1]) - 2 : round(place[1]) + 3, round(place[0]) - 2 : round(place[0]) + 3]
        patch = drawn.image[round(eye[1]) - 4 : round(eye[1]) + 5, round(eye[0]) - 4 : round(eye[0]) + 5, ::-1]
        assert np.abs(around.mean((0, 1)) - patch.mean((0, 1))).max() < 25
        (tmp_path / "face.png").write_bytes((tmp_path / "none.png").read_bytes())
        with pytest.raises(InputError, match="finds no face in any training image"):
            TrainingFaces(tmp_path / "metadata.csv", tmp_path, 64, "smooth", "mtcnn-square")

    def test_batch(self, dataset):
        faces = TrainingFaces(dataset / "metadata.csv", dataset, 16, "published")
        images, labels = faces.batch(seed=1, iteration=5, size=8, balanced=False)
        assert images.shape == (8, 3, 16, 16)
        assert (images.min(), images.max() <= 1) == (-1, True)
        red = (images[:, 2].amax((1, 2)) + 1) * 127.5
        of_code = dict(zip(faces.labels.tolist(), range(0, 70, 10), strict=True))
        assert red.round().int().tolist() == [of_code[code] for code in labels.tolist()]
        again, _ = faces.batch(seed=1, iteration=5, size=8, balanced=False)
        other, _ = faces.batch(seed=1, iteration=6, size=8, balanced=False)
        assert torch.equal(images, again)
        assert not torch.equal(images, other)

    def test_no_training_split(self, dataset):
        (dataset / "none.csv").write_text("file_name,label,split\na.png,fear,test\n")
        with pytest.raises(InputError, match="no image in the train split"):
            TrainingFaces(dataset / "none.csv", dataset, 16, "published")


class TestDraws:
    def test_keyed_by_iteration(self):
        one, again, other = linear_draws(1, 4, 16), linear_draws(1, 4, 16), linear_draws(1, 5, 16)
        assert torch.equal(one.strength, again.strength)
        assert not torch.equal(one.strength, other.strength)
        assert sorted(one.permutation.tolist()) == list(range(16))
        assert gaussian_draws(1, 4, 16).generator.shape == (9, 2)

    def test_strength(self):
        strength = target_strength(torch.tensor([0.0, 0.5, 0.5]), torch.tensor([3, 3, 0]))
        assert strength.tolist() == pytest.approx([0.2, 0.6, 0.1])

    def test_codes_of_a_batch(self):
        generator = LinearGenerator(channels=4, blocks=1)
        generator.axes.weight.data[2] = torch.tensor([0.0, 5.0])  # surprise, code 3
        draws = DirectionDraws(noise=torch.full((7, 2), 2.0), angle=torch.tensor([0, 0.25, 0.5, 0.75, 0]))
        strength = torch.tensor([0.5, 0.5, 0.5, 0.5, 0.5, 0.4, 0.4])
        codes = linear_codes(generator, torch.tensor([3] * 6 + [0]), strength, draws).detach()
        wanted = [[0.5, 0], [0, 0.5], [-0.5, 0], [0, -0.5], [0.5, 0], [0.15, 0.55], [0.15, 0.15]]
        np.testing.assert_allclose(codes, wanted, atol=1e-6)
