import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from synface.core.errors import InputError
from synface.poster.preprocessing import normalize, read_images, resize

PUBLISHED = v2.Compose(
    [
        v2.Resize((224, 224)),
        v2.PILToTensor(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]
)


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (100, 90, 3)).astype(np.uint8)


def test_equals_the_published_torchvision_transform(image):
    found = normalize(torch.from_numpy(resize(image, 224).copy()).permute(2, 0, 1).unsqueeze(0))
    torch.testing.assert_close(found[0], PUBLISHED(Image.fromarray(image)), atol=1e-6, rtol=0)


def test_bgr_reverses_the_image_but_not_the_statistics(image):
    batch = torch.from_numpy(resize(image, 224).copy()).permute(2, 0, 1).unsqueeze(0)
    reversed_image = Image.fromarray(np.ascontiguousarray(image[:, :, ::-1]))
    torch.testing.assert_close(normalize(batch, "bgr")[0], PUBLISHED(reversed_image), atol=1e-6, rtol=0)


def test_unknown_color_order():
    with pytest.raises(ValueError, match="'grb' is unknown"):
        normalize(torch.zeros(1, 3, 2, 2), "grb")


def test_read_images_keeps_order_and_names_what_is_missing(image, tmp_path):
    for name, value in (("a", image), ("b", 255 - image)):
        Image.fromarray(value).save(tmp_path / f"{name}.png")
    found = read_images([tmp_path / "b.png", tmp_path / "a.png"], size=64, threads=2)
    assert found.dtype == torch.uint8
    np.testing.assert_array_equal(found[1].permute(1, 2, 0), resize(image, 64))
    with pytest.raises(InputError, match=r"c\.png.*missing"):
        read_images([tmp_path / "c.png"], size=64)
