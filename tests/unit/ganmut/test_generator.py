import fill
import numpy as np
import pytest
import torch

from synface.core.emotions import Emotion
from synface.ganmut.generator import GaussianGenerator, LinearGenerator, repaint
from synface.ganmut.inference import InferenceGenerator

STRIDE = 8  # of the expected images
both = pytest.mark.parametrize("kind", ["linear", "gaussian"])
# GANmut's class order: neutral, happy, sad, surprise, fear, disgust, anger.
IN_EMOTION_ORDER = [3, 4, 5, 1, 2, 6, 0]


def small(kind=LinearGenerator, **settings):
    torch.manual_seed(0)
    return kind(channels=8, blocks=2, image_size=32, **settings)


@both
class TestPublished:
    """Against the published implementation, full width."""

    def test_weights_are_those_of_the_expected_values(self, kind, filled_state, expected):
        assert fill.fingerprint(filled_state(kind, "generator")) == expected[f"{kind}/G_fingerprint"]

    @torch.no_grad()
    def test_images_for_every_code(self, kind, generator, images, expected):
        for code, wanted in zip(expected[f"{kind}/code"], expected[f"{kind}/G_out"], strict=True):
            edited = generator(images, torch.from_numpy(code).expand(2, 2))
            np.testing.assert_allclose(edited[:, :, ::STRIDE, ::STRIDE], wanted, rtol=0, atol=1e-4)

    @torch.no_grad()
    def test_images_of_different_codes_in_one_batch(self, kind, generator, images, expected):
        edited = generator(images, torch.from_numpy(expected[f"{kind}/code"][:2]))
        wanted = expected[f"{kind}/G_out_mixed_codes"]
        np.testing.assert_allclose(edited[:, :, ::STRIDE, ::STRIDE], wanted, rtol=0, atol=1e-4)

    @torch.no_grad()
    def test_inference_is_the_same_function(self, kind, generator, images, expected):
        codes = torch.from_numpy(expected[f"{kind}/code"][:2])
        wanted = generator(images, codes)
        exact = InferenceGenerator(generator, precision="float32")(images, codes)
        assert (exact - wanted).abs().max() < 5e-4
        rounded = InferenceGenerator(generator, precision="bfloat16")(images, codes)
        error = (rounded - wanted).square().mean()
        assert 10 * torch.log10(4 / error) > 44  # dB; the range of values is 2


@torch.no_grad()
def test_linear_class_codes(filled_state, expected):
    generator = LinearGenerator(channels=4, blocks=1)
    generator.axes.weight.copy_(torch.from_numpy(filled_state("linear", "generator")["axes.weight"]))
    wanted = expected["linear/class_codes_strength0.9"][IN_EMOTION_ORDER]
    np.testing.assert_allclose(generator.class_codes(0.9), wanted, rtol=0, atol=1e-6)
    assert generator.class_codes(0.9)[Emotion.NEUTRAL].tolist() == [0, 0]


class TestGaussian:
    @pytest.fixture
    def gaussian(self, filled_state):
        generator = GaussianGenerator(channels=4, blocks=1)
        for name in ("mu", "covariance_axes", "covariance_angles"):
            weight = filled_state("gaussian", "generator")[f"{name}.weight"]
            getattr(generator, name).weight.data = torch.from_numpy(weight)
        return generator.requires_grad_(False)

    def test_class_codes(self, gaussian, expected):
        wanted = expected["gaussian/class_codes_tanh_mu"][IN_EMOTION_ORDER]
        np.testing.assert_allclose(gaussian.class_codes(), wanted, rtol=0, atol=1e-6)

    def test_squared_mahalanobis(self, gaussian, expected):
        at_means = gaussian.squared_mahalanobis(torch.from_numpy(expected["gaussian/class_codes_tanh_mu"]))
        np.testing.assert_allclose(at_means, expected["gaussian/mahalanobis_at_means"], rtol=1e-5, atol=1e-5)
        elsewhere = gaussian.squared_mahalanobis(torch.from_numpy(expected["gaussian/maha_codes"]))
        np.testing.assert_allclose(elsewhere, expected["gaussian/mahalanobis"], rtol=1e-5, atol=1e-5)

    def test_covariances_are_those_of_the_distances(self, gaussian):
        code = torch.tensor([[0.3, -0.7]])
        offsets = (code - gaussian.means()).double().numpy()
        inverse = np.linalg.inv(gaussian.covariances().double().numpy())
        wanted = np.einsum("ci,cij,cj->c", offsets, inverse, offsets)
        np.testing.assert_allclose(gaussian.squared_mahalanobis(code)[0], wanted, rtol=1e-4)


@torch.no_grad()
def test_mode_changes_nothing_and_statistics_are_never_kept():
    generator = small()
    generator.main[1].running_mean.fill_(3.0)
    images, codes = torch.rand(2, 3, 32, 32) * 2 - 1, torch.rand(2, 2)
    training = generator.train()(images, codes)
    before = {key: value.clone() for key, value in generator.state_dict().items()}
    assert torch.equal(training, generator.eval()(images, codes))
    assert all(torch.equal(value, before[key]) for key, value in generator.state_dict().items())


@torch.no_grad()
def test_another_size_and_values_in_range():
    edited = small()(torch.rand(1, 3, 24, 40) * 2 - 1, torch.rand(1, 2))
    assert edited.shape == (1, 3, 24, 40)
    assert edited.abs().max() <= 1


@torch.no_grad()
def test_the_code_enters_at_the_border():
    # What is constant over the image is removed by the first norm, but for the zero padding.
    generator = small()
    first = generator.main[:2]
    codes = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    planes = codes[:, :, None, None].expand(2, 2, 32, 32)
    features = first(torch.cat([torch.rand(1, 3, 32, 32).expand(2, 3, 32, 32), planes], dim=1))
    change = (features[1] - features[0]).abs().mean(0)
    assert change[0].mean() > 3 * change[8:24, 8:24].mean()


@pytest.mark.parametrize("count", [5, 9])
def test_large_batches_are_taken_in_parts_and_put_together_again(count):
    network = InferenceGenerator(small(), precision="float32")
    images, codes = torch.rand(count, 3, 32, 32) * 2 - 1, torch.randn(count, 2)
    alone = torch.cat([network(*pair) for pair in zip(images.split(1), codes.split(1), strict=True)])
    torch.testing.assert_close(network(images, codes), alone, atol=1e-5, rtol=0)


class TestMasked:
    """A generator that says how much of each pixel it repaints."""

    @torch.no_grad()
    def test_mixes_by_its_share(self):
        generator = small(masked=True)
        generator.main[-1].weight.zero_()  # paints gray (0) with a share of sigmoid(0)
        images = torch.rand(2, 3, 32, 32) * 2 - 1
        torch.testing.assert_close(generator(images, torch.rand(2, 2)), images / 2)

    @pytest.mark.parametrize(("logit", "wanted"), [(-30.0, 0.25), (30.0, 0.761594)], ids=["kept", "repainted"])
    def test_the_fourth_channel_says_how_much_is_repainted(self, logit, wanted):
        painted = torch.ones(1, 4, 2, 2)  # of color tanh(1)
        painted[:, 3] = logit
        torch.testing.assert_close(repaint(torch.full((1, 3, 2, 2), 0.25), painted), torch.full((1, 3, 2, 2), wanted))

    @torch.no_grad()
    def test_inference_is_the_same_function(self):
        generator = small(masked=True)
        images, codes = torch.rand(2, 3, 32, 32) * 2 - 1, torch.rand(2, 2)
        torch.testing.assert_close(
            InferenceGenerator(generator, precision="float32")(images, codes),
            generator(images, codes),
            atol=1e-5,
            rtol=0,
        )

    @torch.no_grad()
    def test_larger_faces_keep_their_detail_where_nothing_is_repainted(self):
        generator = small(masked=True)
        assert generator.patch_size == 128
        assert small().patch_size == 32
        images = torch.rand(1, 3, 128, 128) * 2 - 1
        generator.main[-1].weight.zero_()
        edited = InferenceGenerator(generator, precision="float32")(images, torch.rand(1, 2))
        torch.testing.assert_close(edited, images / 2)

    @torch.no_grad()
    def test_what_is_painted_does_not_depend_on_the_size_of_the_face(self):
        # A smooth face, so that reducing it loses nothing. An untrained network paints noise, which enlarging softens.
        generator = small(masked=True)
        ramp = torch.linspace(-1, 1, 128)[None, None, :, None].expand(1, 3, 128, 128).contiguous()
        reduced = torch.nn.functional.interpolate(ramp, size=[32, 32], mode="bilinear", antialias=True)
        codes = torch.tensor([[1.0, 0.0]])
        large = InferenceGenerator(generator, precision="float32")(ramp, codes)
        reference = generator(reduced, codes)
        again = torch.nn.functional.interpolate(large, size=[32, 32], mode="bilinear", antialias=True)
        change, wanted = (again - reduced).flatten(), (reference - reduced).flatten()
        assert torch.nn.functional.cosine_similarity(change, wanted, dim=0) > 0.9
