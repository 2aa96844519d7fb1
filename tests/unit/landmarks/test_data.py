import numpy as np
import pytest
import torch
from PIL import Image

from synface.core.errors import InputError
from synface.landmarks.data import hold_out, load_faces, read_listing


def points(count):
    """Return landmarks that no check objects to."""
    return np.random.default_rng(0).uniform(10, 50, (count, 68, 2)).astype(np.float32)


def write(folder, **arrays):
    folder.mkdir(exist_ok=True)
    np.savez_compressed(folder / "landmarks.npz", **arrays)


class TestListing:
    def test_is_sorted_by_file_and_keeps_rows_together(self, tmp_path):
        landmarks = points(3)
        write(tmp_path, files=["c.png", "a.png", "b.png"], landmarks=landmarks, identities=["x", "y", "x"])
        listing = read_listing(tmp_path)
        assert listing.files == ["a.png", "b.png", "c.png"]
        assert listing.identities == ["y", "x", "x"]
        np.testing.assert_array_equal(listing.landmarks, landmarks[[1, 2, 0]])

    @pytest.mark.parametrize(
        ("arrays", "message"),
        [
            ({"files": ["a.png"]}, "has no 'landmarks'"),
            ({"landmarks": points(1)}, "has no 'files'"),
            (
                {"files": ["a.png"], "landmarks": points(2)},
                r"1 files, 1 identities and landmarks of shape \[2, 68, 2\]",
            ),
            ({"files": ["a.png"], "landmarks": points(1)[:, :5]}, r"shape \[1, 5, 2\]"),
            ({"files": ["a.png"], "landmarks": points(1), "identities": ["x", "y"]}, "2 identities"),
            ({"files": ["a.png"], "landmarks": points(1) * np.nan}, "no finite numbers"),
            ({"files": ["a.png"], "landmarks": points(1) * 0}, "a.png has both outer eye corners in one place"),
            ({"files": ["a.png", "a.png"], "landmarks": points(2)}, "names a file twice"),
            ({"files": ["../a.png"], "landmarks": points(1)}, "leads out of the folder"),
            ({"files": ["/a.png"], "landmarks": points(1)}, "leads out of the folder"),
            ({"files": np.array(["a.png"], object), "landmarks": points(1)}, "not a readable .npz of plain arrays"),
        ],
    )
    def test_what_does_not_fit_is_named(self, tmp_path, arrays, message):
        write(tmp_path, **arrays)
        with pytest.raises(InputError, match=message):
            read_listing(tmp_path)

    def test_absence_and_garbage_are_told(self, tmp_path):
        with pytest.raises(InputError, match=r"landmarks\.npz: missing"):
            read_listing(tmp_path)
        (tmp_path / "landmarks.npz").write_bytes(b"nothing")
        with pytest.raises(InputError, match="not a readable"):
            read_listing(tmp_path)


class TestFaces:
    def test_positions_are_fractions_of_each_pictures_sides(self, tmp_path):
        landmarks = points(2)
        landmarks[0, 0] = (-0.5, 39.5)  # the lower left corner of a picture of 80 x 40 pixels
        landmarks[1, 0] = (9.5, 29.5)
        write(tmp_path, files=["wide.png", "z.png"], landmarks=landmarks)
        Image.new("RGB", (80, 40), (255, 0, 0)).save(tmp_path / "wide.png")
        Image.new("RGB", (20, 30), (0, 0, 255)).save(tmp_path / "z.png")
        faces = load_faces(read_listing(tmp_path), folder=tmp_path, size=32)
        torch.testing.assert_close(faces.landmarks[:, 0], torch.tensor([[0.0, 1.0], [0.5, 1.0]]))
        assert faces.images.shape == (2, 3, 32, 32)
        assert faces.images[:, :, 0, 0].tolist() == [[255, 0, 0], [0, 0, 255]]

    def test_a_missing_image_is_named(self, tmp_path):
        write(tmp_path, files=["gone.png"], landmarks=points(1))
        with pytest.raises(InputError, match=r"gone\.png: named in landmarks\.npz but no image there"):
            load_faces(read_listing(tmp_path), folder=tmp_path, size=32)


class TestHoldOut:
    def test_people_are_on_one_side_and_the_share_is_met(self):
        identities = [str(number % 40) for number in range(120)]
        held = hold_out(identities, fraction=0.25, seed=1)
        assert held.sum() == 30
        sides = {
            person: {bool(h) for h, name in zip(held, identities, strict=True) if name == person} for person in "12"
        }
        assert all(len(side) == 1 for side in sides.values())

    def test_the_choice_follows_the_person_and_the_seed(self):
        names = [str(number) for number in range(50)]
        held = hold_out(names, fraction=0.2, seed=1)
        np.testing.assert_array_equal(hold_out(names[::-1], fraction=0.2, seed=1), held[::-1])
        assert not np.array_equal(hold_out(names, fraction=0.2, seed=2), held)

    def test_too_few_faces(self):
        with pytest.raises(InputError, match="fewer than 2 images to learn from"):
            hold_out(["a", "b"], fraction=0.1, seed=1)
