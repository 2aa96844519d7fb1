import cv2
import numpy as np
import pytest
import torch
from facenet_pytorch import MTCNN
from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
from facenet_pytorch.models.utils.detect_face import nms_numpy
from imaging import portrait
from torch.nn.functional import interpolate
from torchvision.ops import batched_nms

from synface.faces.cascade import Cascade, area_patches, scales, suppress_contained, suppress_overlapping
from synface.faces.mtcnn import load_networks

RNG = np.random.default_rng(2)


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade()


@pytest.fixture(scope="module")
def published() -> MTCNN:
    return MTCNN(select_largest=False)


@pytest.mark.parametrize(("item", "size"), [("0", 160), ("3", 101), ("5", 256)])
@pytest.mark.parametrize("smallest", [20.0, 32.0])
def test_boxes_and_landmarks_are_those_of_facenet_pytorch(cascade, published, item, size, smallest):
    image = portrait(item, size)
    boxes, probabilities, landmarks = published.detect(image, landmarks=True)
    (found,) = cascade.detect(image[None], smallest)
    best = np.argmax(probabilities), np.argmax(found[1])
    for expected, value, tolerance in zip(
        (boxes, landmarks, probabilities), (found[0], found[2], found[1]), (0.01, 0.01, 1e-5), strict=True
    ):
        np.testing.assert_allclose(value[best[1]], np.asarray(expected[best[0]], dtype=float), atol=tolerance)
    if smallest == 20:
        assert len(found[0]) == len(boxes)


def test_patches_are_averages_over_areas():
    images = RNG.integers(0, 256, (2, 37, 53, 3), dtype=np.uint8)
    sums = np.stack([cv2.integral(image, sdepth=cv2.CV_32S) for image in images])
    windows = np.array([[0, 0, 53, 37], [5, 7, 6, 30], [11, 3, 40, 36], [50, 0, 53, 2]])
    index = np.array([1, 0, 0, 1])
    for shape in ((24, 24), (5, 48)):
        patches = area_patches(sums, index, windows, shape)
        assert patches.dtype == np.float32
        for patch, image, (left, top, right, bottom) in zip(patches, images[index], windows, strict=True):
            cut = torch.tensor(image[top:bottom, left:right]).permute(2, 0, 1)[None].float()
            expected = (interpolate(cut, size=shape, mode="area") - 127.5) / 128
            np.testing.assert_allclose(patch, expected[0].permute(1, 2, 0), atol=1e-6)


def test_sums_that_wrapped_around_make_no_difference():
    sums = cv2.integral(RNG.integers(0, 256, (30, 30, 3), dtype=np.uint8), sdepth=cv2.CV_32S)[None]
    wrapped = sums + np.int32(2**31 - 10_000)
    assert wrapped.min() < 0
    windows, index = np.array([[2, 3, 29, 30]]), np.zeros(1, dtype=int)
    np.testing.assert_array_equal(
        area_patches(wrapped, index, windows, (12, 12)), area_patches(sums, index, windows, (12, 12))
    )


def test_scales_are_the_coarse_part_of_the_published_ladder():
    published = 0.6 * 0.709 ** np.arange(9)  # faces of 20 pixels at 12, down to 12 / 0.6 / 0.709 ** 8 = 313
    np.testing.assert_allclose(list(scales(320, 400, 20.0)), published)
    # 0.709 ** -2 * 20 = 39.8 is the last that is not above 50.
    np.testing.assert_allclose(list(scales(320, 400, 50.0)), published[2:])
    assert list(scales(19, 400, 20.0)) == []


def test_suppression_of_contained_boxes_agrees_with_facenet_pytorch():
    corners = RNG.uniform(0, 60, (80, 2))
    boxes = np.concatenate([corners, corners + RNG.uniform(5, 40, (80, 2))], axis=1)
    scores = RNG.permutation(80) / 80
    expected = nms_numpy(boxes, scores, 0.7, "Min")
    found = suppress_contained(np.zeros(80, dtype=int), boxes, scores, 0.7)
    assert 1 < len(found) < 80
    np.testing.assert_array_equal(found, expected)
    apart = suppress_contained(np.arange(80), boxes, scores, 0.7)
    assert sorted(apart) == list(range(80))


def test_suppression_of_overlapping_boxes_agrees_with_torchvision():
    corners = RNG.uniform(0, 60, (200, 2))
    boxes = np.concatenate([corners, corners + RNG.uniform(5, 40, (200, 2))], axis=1).astype(np.float32)
    scores, image = RNG.integers(0, 50, 200).astype(np.float32), RNG.integers(0, 2, 200)
    found = suppress_overlapping(image, boxes, scores, 0.5)
    expected = batched_nms(torch.from_numpy(boxes), torch.from_numpy(scores), torch.from_numpy(image), 0.5)
    assert 2 < len(found) < 200
    np.testing.assert_array_equal(found, expected)
    assert len(suppress_overlapping(image[:0], boxes[:0], scores[:0], 0.5)) == 0


@pytest.mark.parametrize(("number", "published", "size"), [(0, PNet, 37), (1, RNet, 24), (2, ONet, 48)])
def test_networks_are_those_of_facenet_pytorch(number, published, size):
    images = torch.from_numpy(RNG.uniform(-1, 1, (3, 3, size, size)).astype(np.float32))
    with torch.no_grad():
        for found, expected in zip(load_networks()[number](images), published().eval()(images), strict=True):
            torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("shape", [(1, 1), (15, 15), (12, 300), (64, 64)])
@pytest.mark.parametrize("lowest", [0, 255, None], ids=["black", "white", "noise"])
def test_images_without_a_face_give_none(cascade, shape, lowest):
    image = np.random.default_rng(0).integers(lowest or 0, 256, (*shape, 3), dtype=np.uint8)
    if lowest == 0:
        image[:] = 0
    ((boxes, probabilities, landmarks),) = cascade.detect(image[None], 12.0)
    assert boxes.shape == (0, 4)
    assert probabilities.shape == (0,)
    assert landmarks.shape == (0, 5, 2)


def test_a_batch_with_an_empty_image_gives_each_image_its_own_faces(cascade):
    images = np.stack([portrait("0", 160), np.zeros((160, 160, 3), np.uint8), portrait("1", 160)])
    together = cascade.detect(images, 32.0)
    assert [len(boxes) for boxes, _, _ in together] == [1, 0, 1]
    for image, found in zip(images, together, strict=True):
        for alone, part in zip(cascade.detect(image[None], 32.0)[0], found, strict=True):
            np.testing.assert_allclose(part, alone, atol=1e-3)
