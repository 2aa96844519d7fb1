"""POSTER against values computed with the published implementation, and what has to hold beyond them."""

import hashlib

import numpy as np
import pytest
import torch
from fill import fingerprint

from synface.poster.fusion import DropPath
from synface.poster.ir50 import image_tokens
from synface.poster.loss import published_loss
from synface.poster.model import Poster
from synface.poster.preprocessing import halve
from synface.training.sam import SAM

VARIANTS = {
    "large_raf7": ("large", 7, True),
    "base_raf7": ("base", 7, True),
    "small_raf7": ("small", 7, True),
    "large_affect7": ("large", 7, False),
}


def key_digest(model):
    lines = (
        f"{key}:{list(value.shape)}:{str(value.dtype).removeprefix('torch.')}"
        for key, value in model.state_dict().items()
    )
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


class TestKeys:
    @pytest.mark.parametrize("variant", VARIANTS)
    def test_names_shapes_and_types_are_the_published_ones(self, variant, expected):
        with torch.device("meta"):
            model = Poster(*VARIANTS[variant])
        assert len(model.state_dict()) == expected[f"{variant}/key_count"]
        assert key_digest(model) == expected[f"{variant}/keys_sha256"]

    @pytest.mark.parametrize(
        ("arguments", "total", "trained"),
        [
            (("large", 7, True), 71_850_399, 70_843_151),
            (("base", 7, True), 62_039_767, 61_032_519),
            (("small", 7, True), 52_229_135, 51_221_887),
            (("large", 7, False), 71_607_999, 70_600_751),
            (("large", 8, False), 71_608_512, 70_601_264),
        ],
    )
    def test_number_of_parameters(self, arguments, total, trained):
        with torch.device("meta"):
            model = Poster(*arguments)
        assert sum(p.numel() for p in model.parameters()) == total
        assert sum(p.numel() for p in model.parameters() if p.requires_grad) == trained

    def test_fill_is_the_one_the_expected_values_were_made_with(self, large_state, expected):
        assert (
            fingerprint({key: value.numpy() for key, value in large_state.items()})
            == expected["large_raf7/fingerprint"]
        )


class TestOutputs:
    @pytest.mark.parametrize("variant", ["large_raf7", "small_raf7"])
    def test_logits_and_features(self, variant, build, images, expected):
        model = build(*VARIANTS[variant]).eval()
        with torch.no_grad():
            logits, features = model.logits_and_features(images)
        np.testing.assert_allclose(logits, expected[f"{variant}/logits"], atol=1e-3)
        np.testing.assert_allclose(features, expected[f"{variant}/features"], atol=1e-3)

    def test_intermediate_tensors(self, build, images, expected):
        model = build().eval()
        values = {key.removeprefix("large_raf7/"): value for key, value in expected.items()}
        with torch.no_grad():
            tokens = image_tokens(model.ir_back(halve(images)), 49)
            image = model.ir_layer(tokens)
            landmark_map = model.face_landback(halve(images))
            landmarks = model.face_landback.landmarks(halve(images))
            fused = model.pyramid_fuse(image, model.landmark_tokens(halve(images)))
        for found, name in [
            (tokens[0].flatten()[:64], "ir_tokens_item0_first64"),
            (image[0, 0], "ir_layer_item0_token0"),
            (image[0, 48], "ir_layer_item0_token48"),
            (landmark_map[0, 0], "conv6sep_item0_channel0"),
            (landmarks, "landmarks136"),
            (fused[0], "fuse_out_item0"),
        ]:
            np.testing.assert_allclose(found, values[name], atol=1e-3, err_msg=name)

    def test_without_mixing_equals_mixing_by_the_identity(self, build, images):
        """The AffectNet version differs by nothing but the missing convolution over tokens."""
        mixing, plain = build("small", 7, True).eval(), build("small", 7, False).eval()
        for name, parameter in mixing.named_parameters():
            if ".conv." in name and "pyramid_fuse" in name:
                value = torch.eye(100).unsqueeze(2) if name.endswith("weight") else torch.zeros(100)
                parameter.data.copy_(value)
        with torch.no_grad():
            torch.testing.assert_close(plain(images), mixing(images), atol=1e-4, rtol=0)

    def test_eighth_class_leaves_the_other_logits_alone(self, build, images):
        """The fill of a larger head starts with the smaller one."""
        with torch.no_grad():
            seven, eight = (build("small", classes).eval()(images[:1]) for classes in (7, 8))
        assert eight.shape == (1, 8)
        torch.testing.assert_close(eight[:, :7], seven, atol=1e-5, rtol=0)


class TestTraining:
    def test_one_sam_step_on_the_published_loss(self, build, images, expected):
        model = build(drop_path=0.0, landmark_batch_statistics=True).train()
        values = {key.removeprefix("large_raf7/"): value for key, value in expected.items()}
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        sam = SAM(torch.optim.Adam(parameters, lr=4e-5), rho=0.05)
        targets = torch.from_numpy(values["train_targets"])
        running_mean = model.face_landback.conv1.bn.running_mean.clone()

        logits = model(images)
        loss = published_loss(logits, targets, 0.2)
        loss.backward()
        np.testing.assert_allclose(logits.detach(), values["train_logits"], atol=1e-3)
        np.testing.assert_allclose(loss.item(), values["train_loss"], rtol=1e-4)
        for name in (name for name in values if name.startswith("grad_norm/")):
            gradient = model.get_parameter(name.removeprefix("grad_norm/")).grad
            np.testing.assert_allclose(gradient.norm().item(), values[name], rtol=1e-4, err_msg=name)
        unused = {name for name, p in model.named_parameters() if p.requires_grad and p.grad is None}
        assert unused == set(values["params_without_grad"].tolist())

        np.testing.assert_allclose(sam.ascend().item(), values["train_grad_norm_total"], rtol=1e-4)
        logits = model(images)
        loss = published_loss(logits, targets, 0.2)
        loss.backward()
        np.testing.assert_allclose(logits.detach(), values["sam_second_logits"], atol=1e-3)
        np.testing.assert_allclose(loss.item(), values["sam_second_loss"], rtol=1e-4)
        sam.descend()

        moved = model.face_landback.conv1.bn.running_mean
        np.testing.assert_allclose(moved, values["after_step_mobilefacenet_conv1_bn_running_mean"], atol=1e-5)
        assert (moved - running_mean).abs().max().item() == pytest.approx(values["frozen_bn_running_mean_moved"].item())
        with torch.no_grad():
            after = model.eval()(images)
        np.testing.assert_allclose(after, values["after_one_sam_adam_step_eval_logits"], atol=3e-2)

    @pytest.mark.parametrize("batch_statistics", [False, True])
    def test_frozen_landmark_network_moves_only_when_asked_to(self, batch_statistics):
        model = Poster("small", width=0.125, depth=1, input_size=64, landmark_batch_statistics=batch_statistics).train()
        before = {key: value.clone() for key, value in model.face_landback.state_dict().items()}
        model(torch.randn(2, 3, 64, 64)).sum().backward()
        same = {key: torch.equal(value, before[key]) for key, value in model.face_landback.state_dict().items()}
        assert all(same.values()) is not batch_statistics
        assert all(p.grad is None for p in model.face_landback.parameters())
        assert model.ir_back.input_layer[0].weight.grad is not None

    def test_unfrozen_landmark_network_learns(self):
        model = Poster("small", width=0.125, depth=1, input_size=64, freeze_landmarks=False).train()
        model(torch.randn(2, 3, 64, 64)).sum().backward()
        assert model.face_landback.conv1.conv.weight.grad.abs().sum() > 0
        assert model.face_landback.conv1.bn.training

    def test_drop_path_drops_whole_samples_at_its_rate(self):
        torch.manual_seed(0)
        x = torch.ones(4000, 2, 3)
        dropped = DropPath(0.25).train()(x)
        assert dropped.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
        assert torch.equal(dropped.amin(dim=(1, 2)), dropped.amax(dim=(1, 2)))
        assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)
        assert torch.equal(DropPath(0.25).eval()(x), x)


class TestNarrow:
    @pytest.mark.parametrize("input_size", [32, 64, 96, 112, 160, 224])
    @pytest.mark.parametrize("width", [0.125, 0.25, 0.5])
    def test_runs_at(self, width, input_size):
        model = Poster(width=width, depth=1, input_size=input_size).eval()
        logits, features = model.logits_and_features(torch.zeros(1, 3, input_size, input_size))
        assert logits.shape == (1, 7)
        assert features.shape == (1, 512 * width)

    def test_is_much_smaller(self):
        assert sum(p.numel() for p in Poster(width=0.25, depth=2, input_size=64).parameters()) < 3_000_000

    def test_input_that_does_not_fit_is_refused(self):
        with pytest.raises(ValueError, match=r"input size 80 .* multiple of 32"):
            Poster(width=0.125, input_size=80)

    def test_unknown_size_is_refused(self):
        with pytest.raises(ValueError, match="'huge' is unknown"):
            Poster("huge")
