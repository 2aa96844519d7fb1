import fill
import numpy as np
import pytest
import torch

from synface.ganmut.discriminator import GaussianDiscriminator, LinearDiscriminator
from synface.ganmut.penalties import gradient_penalty, r1_penalty


def check(verdict, expected, prefix):
    classes = expected[f"{prefix}_cls"]
    codes = expected[f"{prefix}_expr"] if f"{prefix}_expr" in expected else classes[:, 7:]
    np.testing.assert_allclose(verdict.source, expected[f"{prefix}_src"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(verdict.classes, classes[:, :7], rtol=0, atol=1e-4)
    np.testing.assert_allclose(verdict.codes, codes, rtol=0, atol=1e-4)


@pytest.mark.parametrize("kind", ["linear", "gaussian"])
class TestPublished:
    """Against the published implementation, full width."""

    def test_weights_are_those_of_the_expected_values(self, kind, filled_state, expected):
        assert fill.fingerprint(filled_state(kind, "discriminator")) == expected[f"{kind}/D_fingerprint"]

    @torch.no_grad()
    def test_heads(self, kind, generator, discriminator, images, expected):
        check(discriminator(images), expected, f"{kind}/D")
        fake = generator(images, torch.from_numpy(expected[f"{kind}/code"][1]).expand(2, 2))
        check(discriminator(fake), expected, f"{kind}/D_fake_code1")

    def test_penalties(self, kind, discriminator, images, expected):
        wanted = expected[f"{kind}/D_gradient_penalty_at_input"]
        np.testing.assert_allclose(gradient_penalty(discriminator.source, images).item(), wanted, rtol=1e-4)
        wanted = expected[f"{kind}/D_r1_at_input"]
        np.testing.assert_allclose(r1_penalty(discriminator.source, images).item(), wanted, rtol=1e-4)


def test_penalties_of_a_known_gradient():
    images = torch.rand(4, 3, 8, 8)
    slope = torch.full((3, 8, 8), 0.5)  # norm 0.5 * sqrt(192)
    norm = 0.5 * 192**0.5
    assert gradient_penalty(lambda x: (x * slope).sum((1, 2, 3)), images).item() == pytest.approx((norm - 1) ** 2)
    assert r1_penalty(lambda x: (x * slope).sum((1, 2, 3)), images).item() == pytest.approx(norm**2 / 2)


@pytest.mark.parametrize("kind", [LinearDiscriminator, GaussianDiscriminator])
def test_small_images(kind):
    verdict = kind(channels=4, depth=5, image_size=64)(torch.rand(3, 3, 64, 64))
    assert (verdict.source.shape, verdict.classes.shape, verdict.codes.shape) == ((3, 1, 2, 2), (3, 7), (3, 2))


def test_depth_that_does_not_fit():
    with pytest.raises(ValueError, match="image_size 96 is no multiple of 64, though depth is 6"):
        LinearDiscriminator(image_size=96)
