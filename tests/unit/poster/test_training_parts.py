"""The parts of a training: losses, augmentation, sampling, the held-out part, the learning rate."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from sklearn.metrics import f1_score
from torchvision.transforms import RandomErasing

from synface.core.draws import keyed_generator
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.poster.augment import Plan, epoch_order, erase, erasing_boxes, flip_and_add_noise, plan_epoch
from synface.poster.data import hold_out, load_images
from synface.poster.loss import choose_loss, published_loss
from synface.poster.model import Poster
from synface.poster.preprocessing import MEAN, STANDARD_DEVIATION, halve, normalize, resize
from synface.poster.trainer import Trainer, macro_f1
from synface.settings.model import PosterTraining
from synface.settings.reading import complete


class TestLoss:
    def test_equals_the_published_values(self):
        with np.load(Path(__file__).parent / "expected.npz") as file:
            logits, targets = torch.from_numpy(file["loss/logits"]), torch.from_numpy(file["loss/targets"])
            assert published_loss(logits, targets, 0.2).item() == pytest.approx(file["loss/total"].item(), rel=1e-6)
            plain = choose_loss("cross-entropy", 0.2)(logits, targets).item()
            assert plain == pytest.approx(file["loss/ce"].item(), rel=1e-6)

    def test_label_smoothing_by_hand(self):
        logits = torch.tensor([[1.0, 0.0, -1.0]], dtype=torch.float64)
        log_p = logits.log_softmax(1)[0]
        expected = 2 * (-0.9 * log_p[2] - 0.1 * log_p.mean()) - log_p[2]
        assert published_loss(logits, torch.tensor([2]), 0.1).item() == pytest.approx(expected.item())

    def test_unknown_name(self):
        with pytest.raises(ValueError, match="'hinge' is unknown"):
            choose_loss("hinge", 0.2)


class TestErasing:
    def test_share_area_and_ratio_are_distributed_as_torchvisions(self):
        size, count = 64, 4000
        ours = erasing_boxes(
            keyed_generator(0, "test"), count, size=size, probability=0.5, scale=(0.02, 0.1), ratio=(0.3, 3.3)
        )
        torch.manual_seed(0)
        image, theirs = torch.empty(3, size, size), []
        for _ in range(count):
            top, left, height, width, _ = RandomErasing.get_params(image, (0.02, 0.1), (0.3, 3.3), [0.0])
            theirs.append((left, top, left + width, top + height))
        erased = ours[:, 2] > ours[:, 0]
        assert erased.mean() == pytest.approx(0.5, abs=0.03)
        ours, theirs = ours[erased], np.array(theirs)
        assert ours.min() >= 0
        assert ours.max() <= size
        for measure in (
            lambda box: (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) / size**2,
            lambda box: np.log((box[:, 3] - box[:, 1]) / (box[:, 2] - box[:, 0])),
            lambda box: box[:, 0] / size,
            lambda box: box[:, 1] / size,
        ):
            expected = np.quantile(measure(theirs), [0.05, 0.25, 0.5, 0.75, 0.95])
            np.testing.assert_allclose(np.quantile(measure(ours), [0.05, 0.25, 0.5, 0.75, 0.95]), expected, atol=0.07)

    def test_box_is_zeroed_and_nothing_else(self):
        images = torch.ones(2, 3, 8, 8)
        erased = erase(images, torch.tensor([[4, 2, 10, 8], [0, 0, 0, 0]]))  # of 16 x 16, of which these are half
        assert erased[0, :, 1:4, 2:5].abs().sum() == 0
        assert erased[0].sum() == 3 * (64 - 9)
        assert torch.equal(erased[1], images[1])


class TestFlipAndNoise:
    @pytest.fixture
    def images(self):
        return torch.from_numpy(np.random.default_rng(1).integers(50, 200, (4, 3, 100, 200)).astype(np.uint8))

    def plan(self, flip, noise):
        return Plan(torch.tensor(flip), torch.tensor(noise), torch.zeros(4, 4, dtype=torch.int64))

    def test_flip(self, images):
        plan = self.plan([True, False, True, False], [False] * 4)
        found = flip_and_add_noise(images, plan, variance=0.0, generator=torch.Generator())
        assert torch.equal(found[0], images[0].flip(-1)[..., ::2].float())
        assert torch.equal(found[1], images[1, ..., ::2].float())

    def test_noise_has_the_variance_asked_for_and_only_where_asked(self, images):
        plan, images = self.plan([False] * 4, [True, True, False, True]), images[..., :50, ::2]  # of 100 x 100
        found = flip_and_add_noise(images, plan, variance=30.0, generator=torch.Generator().manual_seed(0))
        images = images[..., ::2].float()
        difference = found - images
        assert difference[2].abs().sum() == 0
        assert difference[0].var().item() == pytest.approx(30, rel=0.05)
        assert difference[0].mean().item() == pytest.approx(0, abs=0.2)
        assert torch.equal(found, found.round())

    @pytest.mark.parametrize("size", [32, 100, 224])
    def test_equals_the_augmentation_of_whole_images_bit_for_bit(self, size):
        """What the published transforms do to all pixels, of which the network then takes every second."""
        whole = torch.from_numpy(np.random.default_rng(2).integers(0, 256, (6, 3, size, size)).astype(np.uint8))
        boxes = [[0, 0, 0, 0], [3, 5, 20, 18], [size - 9, size - 8, size, size]] * 2
        plan = Plan(torch.tensor([True, False] * 3), torch.tensor([True] * 4 + [False] * 2), torch.tensor(boxes))
        images = torch.where(plan.flip.view(-1, 1, 1, 1), whole.flip(-1), whole).float()
        noise = torch.randn(6, 3, 100, 100, generator=torch.Generator().manual_seed(5)) * 30**0.5
        noise = torch.nn.functional.interpolate(noise, size=(size, size), mode="bilinear", antialias=True)
        images = torch.where(plan.noise.view(-1, 1, 1, 1), (images + noise).round().clamp(0, 255), images)
        images = (images / 255 - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STANDARD_DEVIATION).view(3, 1, 1)
        for image, (left, top, right, bottom) in zip(images, boxes, strict=True):
            image[:, top:bottom, left:right] = 0
        generator = torch.Generator().manual_seed(5)
        seen = flip_and_add_noise(whole[..., ::2, :], plan, variance=30.0, generator=generator)
        assert torch.equal(erase(normalize(seen), plan.box), halve(images))

    def test_plan_depends_on_seed_and_epoch_alone(self):
        settings = complete(PosterTraining, {"additive_noise": {"probability": 0.25}}, "settings")
        first, again, other = (plan_epoch(2000, size=64, settings=settings, seed=1, epoch=epoch) for epoch in (3, 3, 4))
        assert torch.equal(first.box, again.box)
        assert torch.equal(first.flip, again.flip)
        assert not torch.equal(first.box, other.box)
        assert first.flip.float().mean().item() == pytest.approx(0.5, abs=0.04)
        assert first.noise.float().mean().item() == pytest.approx(0.25, abs=0.04)


class TestOrder:
    labels = np.repeat([0, 1, 2], [900, 90, 10])

    def test_shuffle_visits_each_image_once(self):
        order = epoch_order(self.labels, sampler="shuffle", seed=1, epoch=0)
        assert sorted(order) == list(range(1000))
        assert not np.array_equal(order, epoch_order(self.labels, sampler="shuffle", seed=1, epoch=1))
        assert np.array_equal(order, epoch_order(self.labels, sampler="shuffle", seed=1, epoch=0))

    def test_balanced_visits_each_class_equally_often(self):
        counts = sum(
            np.bincount(self.labels[epoch_order(self.labels, sampler="balanced", seed=1, epoch=e)]) for e in range(10)
        )
        np.testing.assert_allclose(counts / 10_000, [1 / 3] * 3, atol=0.02)


def rows(labels, source_ids, split="train"):
    return pd.DataFrame(
        {
            "file_name": [f"images/{index:04d}.png" for index in range(len(labels))],
            "label": labels,
            "split": split,
            "source": "portraits",
            "source_id": source_ids,
        }
    )


class TestHoldOut:
    def test_is_stratified_and_keeps_sources_together(self):
        labels = ["happiness"] * 100 + ["fear"] * 20 + ["anger"] * 2
        frame = rows(labels, [f"p{index // 2}" for index in range(122)])
        held = hold_out(frame, fraction=0.1, seed=0, where="models.m")
        assert frame[held]["label"].value_counts().to_dict() == {"happiness": 10, "fear": 2}
        assert not set(frame[held]["source_id"]) & set(frame[~held]["source_id"])

    def test_source_with_several_labels_stays_whole(self):
        frame = rows([LABELS[index % 7] for index in range(700)], [f"p{index // 7}" for index in range(700)])
        held = hold_out(frame, fraction=0.2, seed=0, where="models.m")
        assert set(frame[held]["label"].value_counts()) == {20}
        assert not set(frame[held]["source_id"]) & set(frame[~held]["source_id"])

    def test_does_not_depend_on_the_order_of_rows(self):
        frame = rows([LABELS[index % 3] for index in range(90)], [f"p{index}" for index in range(90)])
        shuffled = frame.sample(frac=1, random_state=0)
        first, second = (
            set(f[hold_out(f, fraction=0.3, seed=5, where="models.m")]["source_id"]) for f in (frame, shuffled)
        )
        assert first == second
        assert first != set(frame[hold_out(frame, fraction=0.3, seed=6, where="models.m")]["source_id"])

    def test_one_source_for_everything_cannot_be_split(self):
        with pytest.raises(InputError, match=r"models\.m\.validation_fraction: found 0\.5, and no whole source"):
            hold_out(rows(["anger"] * 4, ["p"] * 4), fraction=0.5, seed=0, where="models.m")


def test_defaults_are_the_reports_recipe():
    settings = PosterTraining()
    assert (settings.epochs, settings.batch_size, settings.lr, settings.betas) == (50, 64, 1.5e-5, (0.9, 0.999))
    assert (settings.input_size, settings.random_erasing.scale) == (224, (0.02, 0.1))


def test_learning_rate_equals_pytorchs_exponential_schedule():
    trainer = Trainer.build(
        Poster("small", width=0.125, depth=1, input_size=32), PosterTraining(lr=0.5), torch.device("cpu")
    )
    optimizer = torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.5)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.98)
    for epoch in range(4):
        assert trainer.set_epoch(epoch) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()


def test_macro_f1_equals_scikit_learns():
    truth, answers = torch.from_numpy(np.random.default_rng(0).integers(0, 6, (2, 50)))
    expected = f1_score(truth.numpy(), answers.numpy(), average="macro")
    assert macro_f1(truth, answers, 7) == pytest.approx(expected)


@pytest.mark.parametrize("second_pass", ["published", "foret"])
def test_sams_second_pass_draws_and_counts_as_its_key_says(second_pass):
    settings = PosterTraining(
        width=0.125, depth=4, input_size=32, drop_path=0.9, sam_rho=1e-12, lr=1e-12, sam_second_pass=second_pass
    )
    torch.manual_seed(1)
    model = Poster("small", width=0.125, depth=4, input_size=32, drop_path=0.9).train()
    trainer = Trainer.build(model, settings, torch.device("cpu"))
    norm = model.ir_back.input_layer[1]
    seen, run = [], trainer.run

    def watch(*inputs):
        answers = run(*inputs)
        seen.append((answers[0].detach().clone(), norm.running_mean.clone()))
        return answers

    trainer.run = watch
    images = torch.randint(0, 256, (8, 3, 16, 32), dtype=torch.uint8)
    plan = Plan(
        torch.zeros(8, dtype=torch.bool), torch.zeros(8, dtype=torch.bool), torch.zeros(8, 4, dtype=torch.int64)
    )
    trainer.step(images, torch.arange(8) % 7, plan, seed=1, item="0")
    (first, mean_before), (second, mean_after) = seen
    # With a radius of nothing both passes see the same network: only stochastic depth can make them differ.
    assert torch.allclose(first, second, atol=1e-4) == (second_pass == "foret")
    assert torch.equal(mean_before, mean_after) == (second_pass == "foret")
    assert norm.track_running_stats


def test_images_too_many_for_the_memory_are_read_from_a_file_that_nobody_can_leave_behind(tmp_path):
    generator = np.random.default_rng(3)
    names = [f"{index}.png" for index in range(5)]
    for name in names:
        Image.fromarray(generator.integers(0, 256, (40, 30, 3)).astype(np.uint8)).save(tmp_path / name)
    frame = pd.DataFrame({"file_name": names, "label": [LABELS[index] for index in range(5)]})
    reading = {"folder": tmp_path, "size": 32, "threads": 1, "device": torch.device("cpu")}
    packed_in = tmp_path / "state"
    held = load_images(frame, **reading, packed_in=packed_in)
    assert held.images.shape == (5, 3, 16, 32)
    assert not packed_in.exists()
    packed = load_images(frame, **reading, packed_in=packed_in, most_in_memory=5 * 3 * 16 * 32 - 1)
    assert packed_in.is_dir()
    assert not list(packed_in.iterdir()) or os.name == "nt"
    rows = torch.tensor([4, 0, 4])
    assert all(torch.equal(one, other) for one, other in zip(held.of(rows), packed.of(rows), strict=True))
    whole = resize(np.asarray(Image.open(tmp_path / "4.png")), 32)
    assert np.array_equal(packed.of(rows)[0][0].permute(1, 2, 0), whole[::2])
