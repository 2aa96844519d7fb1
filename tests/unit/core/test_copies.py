"""Copies that were planted are found, and nothing else is; the pictures are drawn here, so the truth is known."""

import hashlib
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image

from drawn.face import draw_face, sample_face
from synface.core.copies import Copy, Signatures, find_copies, signature, stack
from synface.core.draws import keyed_generator
from synface.core.emotions import Emotion
from synface.core.registration import SIDE, similarities

PEOPLE = 24


@cache
def face(item: int) -> np.ndarray:
    """Somebody, uint8 RGB [100, 100, 3]; do not change it in place."""
    drawing = sample_face(3, f"copies {item}", emotion=Emotion(item % 7), intensity=0.6, domain="raf")
    return draw_face(drawing, 100).image


@cache
def texture(item: int, height: int = 110, width: int = 90) -> np.ndarray:
    """Clouds, uint8 RGB [height, width, 3], as full of low frequencies as photographs; do not change it in place."""
    draw = keyed_generator(0, "test of copies", str(item))
    clouds = sum(
        cv2.GaussianBlur(draw.standard_normal((height, width, 3)), (0, 0), size) * size**1.5 for size in (1, 3, 9)
    )
    return np.rint(128 + 40 * clouds / clouds.std()).clip(0, 255).astype(np.uint8)


def jpeg(image, quality):
    data = cv2.imencode(".jpg", np.ascontiguousarray(image[:, :, ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1]


def scaled(image, factor):
    return cv2.resize(np.ascontiguousarray(image), None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)


def cropped(image, left, right, top, bottom):
    height, width = image.shape[:2]
    return image[
        round(top * height) : height - round(bottom * height), round(left * width) : width - round(right * width)
    ]


def grey(image):
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)


def lit(image, contrast, brightness):
    return np.rint((image - 128.0) * contrast + 128 + brightness).clip(0, 255).astype(np.uint8)


def gamma(image, exponent):
    return np.rint(255 * (image / 255) ** exponent).astype(np.uint8)


def signatures(images) -> Signatures:
    return stack(signature(np.ascontiguousarray(image)) for image in images)


def pairs(copies):
    return [(copy.first, copy.second, copy.kind) for copy in copies]


CHANGES = {
    "mirrored": lambda image: image[:, ::-1],
    "cropped on one side": lambda image: cropped(image, 0.12, 0, 0, 0),
    "cropped unevenly": lambda image: cropped(image, 0.02, 0.11, 0.08, 0.03),
    "cropped on all sides": lambda image: cropped(image, 0.12, 0.12, 0.12, 0.12),
    "cropped halfway between all windows": lambda image: cropped(image, 0.06, 0.06, 0.06, 0.06),
    "brighter": lambda image: lit(image, 0.8, 30),
    "more contrast": lambda image: lit(image, 1.3, 0),
    "clipped": lambda image: lit(image, 1.4, 40),
    "darker gamma": lambda image: gamma(image, 1.6),
    "lighter gamma": lambda image: gamma(image, 0.65),
    "jpeg": lambda image: jpeg(image, 30),
    "half the size": lambda image: scaled(image, 0.5),
    "twice the size": lambda image: scaled(image, 2),
    "grey": grey,
    "mirrored, resized, jpeg": lambda image: jpeg(scaled(image[:, ::-1], 0.7), 50),
    "mirrored, cropped, grey": lambda image: cropped(grey(image[:, ::-1].copy()), 0.1, 0.04, 0, 0.07),
}


@pytest.mark.parametrize("change", CHANGES)
def test_near_copies_are_found_and_no_others(change):
    originals = [face(item) for item in range(PEOPLE)] + [texture(item) for item in range(6)]
    changed = [CHANGES[change](image) for image in originals]
    expected = [(item, item, "near") for item in range(len(originals))]
    found = find_copies(signatures(originals), signatures(changed))
    assert pairs(found) == expected
    assert all(0.9 <= copy.similarity <= 1 and copy.similarity == round(copy.similarity, 3) for copy in found)
    assert pairs(find_copies(signatures(changed), signatures(originals))) == expected


@pytest.mark.parametrize("change", CHANGES)
def test_of_very_many_pictures_crops_are_not_looked_for(change, monkeypatch):
    monkeypatch.setattr("synface.core.copies._MOST_CROPPED", 0)
    originals = [face(item) for item in range(PEOPLE)] + [texture(item) for item in range(6)]
    changed = [CHANGES[change](image) for image in originals]
    found = pairs(find_copies(signatures(originals), signatures(changed)))
    expected = [(item, item, "near") for item in range(len(originals))]
    assert found == expected or ("cropped" in change and set(found) < set(expected))
    assert pairs(find_copies(signatures([*originals, *changed]))) == [
        (item, other + len(originals), kind) for item, other, kind in found
    ]


def test_different_people_are_no_copies():
    assert find_copies(signatures(face(item) for item in range(60))) == []


def test_another_expression_is_no_copy_and_yet_alike():
    """The same drawing but for the action units, as an edit is: a caller may ask for such pairs."""
    for item in range(8):
        faces = [
            draw_face(sample_face(3, f"copies {item}", emotion=emotion, intensity=strength, domain="faces"), 100).image
            for emotion, strength in ((Emotion.NEUTRAL, 0.0), (Emotion.SURPRISE, 1.0))
        ]
        assert find_copies(signatures(faces)) == []
        assert pairs(find_copies(signatures(faces), least=0.2)) == [(0, 1, "near")]


def test_exact_copies_have_the_same_pixels_in_the_same_shape():
    image = face(0)
    found = find_copies(signatures([image, face(1), image.copy(), face(1), image]))
    assert found == [Copy(*pair, "exact", 1.0) for pair in ((0, 2), (0, 4), (1, 3), (2, 4))]
    other = image.copy()
    other[0, 0, 0] ^= 1
    assert pairs(find_copies(signatures([image, other]))) == [(0, 1, "near")]
    assert signature(np.zeros((4, 6, 3), np.uint8)).key != signature(np.zeros((6, 4, 3), np.uint8)).key
    assert (
        signature(image).key
        == hashlib.sha256(b"".join(n.to_bytes(8, "little") for n in image.shape) + image.tobytes()).digest()
    )


def test_between_two_sets_no_pair_lies_within_one():
    first, second = [face(0), face(0), face(1)], [face(2), face(0)[:, ::-1], face(1)]
    assert pairs(find_copies(signatures(first), signatures(second))) == [
        (0, 1, "near"),
        (1, 1, "near"),
        (2, 2, "exact"),
    ]


def test_the_order_of_images_does_not_matter():
    images = [face(item) for item in range(PEOPLE)] + [CHANGES[change](face(3)) for change in CHANGES]
    order = keyed_generator(0, "order in test of copies").permutation(len(images))
    straight = {(frozenset((copy.first, copy.second)), copy.similarity) for copy in find_copies(signatures(images))}
    shuffled = find_copies(signatures(images[index] for index in order))
    assert {(frozenset((int(order[c.first]), int(order[c.second]))), c.similarity) for c in shuffled} == straight
    assert len(straight) > len(CHANGES)


def test_blocks_do_not_show(monkeypatch):
    images = [face(item) for item in range(PEOPLE)] + [
        CHANGES["cropped unevenly"](face(item)) for item in range(PEOPLE)
    ]
    whole = find_copies(signatures(images))
    for name, size in (("_ROWS", 7), ("_COLUMNS", 5), ("_PAIRS", 3)):
        monkeypatch.setattr(f"synface.core.copies.{name}", size)
    assert find_copies(signatures(images)) == whole
    assert len(whole) == PEOPLE


def test_pictures_of_one_color_and_nearly_flat_ones_are_no_copies():
    draw = keyed_generator(0, "noise in test of copies")
    flat = [np.full((80, 80, 3), level, np.uint8) for level in (0, 0, 9, 255)]
    ramps = [np.tile(np.linspace(level, level + 4, 80), (80, 1)).astype(np.uint8) for level in (50, 90, 130)]
    flat += [np.repeat(ramp[:, :, None], 3, axis=2) for ramp in ramps]
    noisy = [(100 + draw.integers(0, 3, (80, 80, 3))).astype(np.uint8) for _ in range(3)]
    assert pairs(find_copies(signatures(flat + noisy))) == []


def test_no_images_have_no_copies():
    assert find_copies(stack([])) == []
    assert find_copies(stack([]), signatures([face(0)])) == []
    assert find_copies(signatures([face(0)]), stack([])) == []


def test_pixels_of_another_kind_are_refused():
    for image in (np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float32), np.zeros((0, 5, 3), np.uint8)):
        with pytest.raises(ValueError, match="expected uint8"):
            signature(image)


def test_alignment_finds_what_opencv_cut_out():
    """From a start that is 0.04 off at each side, against a window that another library cut out."""
    truth = np.array([0.05, 0.09, 0.03, 0.07])
    whole = np.stack([cv2.GaussianBlur(texture(item, SIDE, SIDE)[:, :, 0], (0, 0), 1) for item in range(5)])
    left, right, top, bottom = truth
    edges = np.array([[SIDE * (1 - left - right) / SIDE, 0, 0], [0, 1 - top - bottom, 0]])
    edges[:, 2] = [SIDE * left + edges[0, 0] / 2 - 0.5, SIDE * top + edges[1, 1] / 2 - 0.5]
    way = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    window = np.stack([cv2.warpAffine(picture, edges, (SIDE, SIDE), flags=way) for picture in whole])
    for off in (0.04, -0.04):
        start = np.tile(np.float32(truth + off * np.array([1, -1, -1, 1])), (5, 1))
        assert (similarities(whole.astype(np.float32), window.astype(np.float32), start) > 0.95).all()
    stranger = np.roll(window, 1, axis=0).astype(np.float32)
    assert (similarities(whole.astype(np.float32), stranger, start) == 0).all()


def test_slow_changes_of_light_do_not_count():
    pictures = np.stack([texture(item, SIDE, SIDE)[:, :, 0] for item in range(5)]).astype(np.float32)
    shaded = pictures + np.linspace(-10, 10, SIDE, dtype=np.float32)
    assert (similarities(pictures, shaded, np.zeros((5, 4), np.float32)) > 0.98).all()


def test_what_was_clipped_does_not_count():
    """A fifth of the pixels, the darkest and the lightest, cut off as by a bad scan: the rest agrees."""
    pictures = np.stack([texture(item, SIDE, SIDE)[:, :, 0] for item in range(5)]).astype(np.float32)
    clipped = ((pictures - 128) * 2.2 + 128).clip(0, 255)
    assert (similarities(pictures, clipped, np.zeros((5, 4), np.float32)) > 0.98).all()


def test_noise_in_two_sizes_is_a_copy():
    draw = keyed_generator(0, "noise in two sizes")
    large = [draw.integers(0, 256, (256, 256, 3)).astype(np.uint8) for _ in range(6)]
    small = [np.asarray(Image.fromarray(image).resize((128, 128))) for image in large]
    assert pairs(find_copies(signatures(large), signatures(small))) == [(place, place, "near") for place in range(6)]
    assert find_copies(signatures(large)) == []
