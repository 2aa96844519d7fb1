import hashlib
import json
import os
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors import safe_open

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.ganmut.checkpoint import load_generator, save_generator
from synface.ganmut.generator import GaussianGenerator, LinearGenerator
from synface.ganmut.losses import linear_discriminator_terms, linear_generator_terms
from synface.ganmut.sampling import linear_draws
from synface.ganmut.trainer import Trainer
from synface.ganmut.training import train_ganmut
from synface.ganmut.weights import discriminator_weights, generator_weights
from synface.settings.generator import GanmutTraining

TINY = {
    "iterations": 12,
    "batch_size": 8,
    "critic_steps": 3,
    "image_size": 32,
    "channels": 4,
    "blocks": 1,
    "discriminator_channels": 4,
    "discriminator_depth": 4,
    "history_every": 5,
    "average": 0.5,
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    random = np.random.default_rng(0)
    rows = []
    for index in range(21):
        (folder / f"{index}.png").write_bytes(encode_png(random.integers(0, 256, (32, 32, 3), dtype=np.uint8)))
        rows.append((f"{index}.png", LABELS[index % 7], "train"))
    pd.DataFrame(rows, columns=["file_name", "label", "split"]).to_csv(folder / "metadata.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def pairs(dataset, tmp_path_factory):
    """Return a folder of pairs: of the data set's pictures, every one after the first."""
    folder = tmp_path_factory.mktemp("pairs")
    shutil.copytree(dataset, folder, dirs_exist_ok=True)
    rows = [("0.png", f"{index}.png", LABELS[index % 7], 0.05 * index) for index in range(1, 21)]
    pd.DataFrame(rows, columns=["before", "after", "label", "rho"]).to_csv(folder / "pairs.csv", index=False)
    return folder


def train(dataset, folder, start=None, pairs=None, **settings):
    train_ganmut(
        metadata=dataset / "metadata.csv",
        folder=dataset,
        generator=folder / "generator.safetensors",
        gamut=folder / "gamut.json",
        history=folder / "history.csv",
        state=folder / "state.pt",
        settings={**TINY, **settings},
        start=start,
        pairs=pairs,
        device=torch.device("cpu"),
    )
    return [(folder / name).read_bytes() for name in ("generator.safetensors", "gamut.json", "history.csv")]


def terminate_after(monkeypatch, count, name="discriminator_step"):
    """Let SIGTERM arrive in the step number ``count`` of the discriminator, or of another ``name``."""
    step, calls = getattr(Trainer, name), []

    def counted(self, *arguments, **options):
        calls.append(1)
        if len(calls) == count:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self, *arguments, **options)

    monkeypatch.setattr(Trainer, name, counted)
    return calls


def test_other_pictures_of_the_same_names_begin_it_afresh(tmp_path, dataset, monkeypatch):
    shutil.copytree(dataset, tmp_path / "dataset")
    with monkeypatch.context() as context:
        terminate_after(context, 7)
        with pytest.raises(SystemExit):
            train(tmp_path / "dataset", tmp_path / "stopped")
    (tmp_path / "dataset/0.png").write_bytes((dataset / "1.png").read_bytes())
    calls = terminate_after(monkeypatch, 0)
    resumed = train(tmp_path / "dataset", tmp_path / "stopped")
    assert len(calls) == 12
    assert resumed == train(tmp_path / "dataset", tmp_path / "fresh")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"parametrization": "gaussian", "balanced": True},
        {"precision": "bfloat16", "regularization": "r1", "cycle": "original"},
        {"masked": True, "augmentation": "smooth", "regularization": "r1", "regularization_every": 4},
        {"adversarial": "logistic", "instance_noise": 0.2, "classes_first": 3},
    ],
    ids=["linear", "gaussian", "bfloat16", "masked", "noise"],
)
def test_interrupted_and_resumed_is_uninterrupted(tmp_path, dataset, monkeypatch, settings):
    whole = train(dataset, tmp_path / "whole", **settings)
    with monkeypatch.context() as context:
        terminate_after(context, 7)
        with pytest.raises(SystemExit) as stop:
            train(dataset, tmp_path / "parts", **settings)
    assert stop.value.code == 143
    assert (tmp_path / "parts" / "state.pt").exists()
    assert not (tmp_path / "parts" / "generator.safetensors").exists()
    calls = terminate_after(monkeypatch, 0)
    assert train(dataset, tmp_path / "parts", **settings) == whole
    assert len(calls) == 12 - settings.get("classes_first", 0) - 7
    assert not (tmp_path / "parts" / "state.pt").exists()


@pytest.mark.parametrize(("step", "count"), [("pair_step", 2), ("discriminator_step", 3)])
def test_with_pairs_too_interrupted_and_resumed_is_uninterrupted(tmp_path, dataset, pairs, monkeypatch, step, count):
    settings = {"pairs": pairs, "pairs_first": 4, "classes_first": 2, "critic_steps": 1}
    whole = train(dataset, tmp_path / "whole", **settings)
    with monkeypatch.context() as context:
        terminate_after(context, count, step)
        with pytest.raises(SystemExit):
            train(dataset, tmp_path / "parts", **settings)
    alone, after = (terminate_after(monkeypatch, 0, name) for name in ("pair_step", "discriminator_step"))
    assert train(dataset, tmp_path / "parts", **settings) == whole
    assert (len(alone), len(after)) == {"pair_step": (2, 6), "discriminator_step": (0, 3)}[step]
    # The pairs alone, then the classes, then everything: 4 + 2 + 6 = 12.
    history = pd.read_csv(tmp_path / "whole/history.csv", index_col="iteration")
    assert history.loc[5, ["generator_pairs", "discriminator_class"]].notna().all()
    assert np.isnan(history.loc[5, "generator_fake"])
    assert history.loc[12].notna().all()
    assert train(dataset, tmp_path / "without", **settings | {"pairs": None, "pairs_first": 0})[0] != whole[0]


def start_file(path, kind=LinearGenerator, seed=5, **built):
    """Write a generator that fits TINY, but for what is given; a state dict of PyTorch where the name says so."""
    torch.manual_seed(seed)
    generator = kind(**{"channels": 4, "blocks": 1, "image_size": 32, **built})
    if path.suffix == ".ckpt":
        torch.save({f"module.{name}": value for name, value in generator.state_dict().items()}, path)
    else:
        save_generator(generator, path)
    return path


@pytest.mark.parametrize("average", [0.0, 0.5])
@pytest.mark.parametrize("name", ["start.safetensors", "start.ckpt"])
def test_after_no_step_of_its_own_it_is_what_it_started_from(tmp_path, dataset, average, name):
    # All iterations teach the discriminator alone. A published file does not say its size, which is then 128.
    size = 128 if name.endswith("ckpt") else 32
    start = start_file(tmp_path / name, image_size=size)
    train(dataset, tmp_path, start=start, iterations=2, classes_first=2, image_size=size, average=average)
    made, given = (load_generator(path).state_dict() for path in (tmp_path / "generator.safetensors", start))
    assert made.keys() == given.keys()
    assert all(torch.equal(made[name], given[name]) for name in given)
    with safe_open(tmp_path / "generator.safetensors", "pt") as file:
        facts = json.loads(file.metadata()["ganmut"])
    assert facts["start_sha256"] == hashlib.sha256(start.read_bytes()).hexdigest()


def test_what_a_training_starts_from_decides_what_comes_out(tmp_path, dataset, monkeypatch):
    starts = [start_file(tmp_path / f"{seed}.safetensors", seed=seed) for seed in (5, 6)]
    fresh = train(dataset, tmp_path / "fresh")
    first, second = (train(dataset, tmp_path / start.stem, start=start) for start in starts)
    assert len({fresh[0], first[0], second[0]}) == 3
    # A state that began elsewhere is not gone on from.
    with monkeypatch.context() as context:
        terminate_after(context, 7)
        with pytest.raises(SystemExit):
            train(dataset, tmp_path / "stopped", start=starts[0])
    assert train(dataset, tmp_path / "stopped", start=starts[1]) == second


@pytest.mark.parametrize(
    ("kind", "built", "found", "expected"),
    [
        (GaussianGenerator, {}, "parametrization: gaussian", "parametrization: linear"),
        (LinearGenerator, {"masked": True}, "masked: true", "masked: false"),
        (LinearGenerator, {"channels": 8, "blocks": 2}, "channels: 8, blocks: 2", "channels: 4, blocks: 1"),
        (LinearGenerator, {"image_size": 64}, "image_size: 64", "image_size: 32"),
    ],
)
def test_a_start_that_is_built_otherwise_is_told(tmp_path, dataset, kind, built, found, expected):
    start = start_file(tmp_path / "start.safetensors", kind, **built)
    with pytest.raises(InputError) as told:
        train(dataset, tmp_path, start=start)
    assert str(told.value).startswith(
        f"settings.start_from.checkpoint: found {found} in {start}; expected {expected}, "
    )


def test_state_of_other_settings_is_not_used(tmp_path, dataset, monkeypatch, caplog):
    with monkeypatch.context() as context:
        terminate_after(context, 2)
        with pytest.raises(SystemExit):
            train(dataset, tmp_path, seed=2)
    calls = terminate_after(monkeypatch, 0)
    with caplog.at_level("INFO"):
        train(dataset, tmp_path)
    assert len(calls) == 12
    assert "starts again" in caplog.text


def test_outputs(tmp_path, dataset):
    train(dataset, tmp_path)
    history = pd.read_csv(tmp_path / "history.csv")
    assert history["iteration"].tolist() == [5, 10, 12]
    assert np.isfinite(history.to_numpy()).all()
    assert {"discriminator_regularization", "generator_reconstruction"} <= set(history.columns)
    generator = load_generator(tmp_path / "generator.safetensors")
    assert (generator.parametrization, generator.channels, generator.image_size) == ("linear", 4, 32)
    gamut = json.loads((tmp_path / "gamut.json").read_text())
    x, y = generator.class_codes(1.0)[LABELS.index("anger")].tolist()
    assert gamut["classes"]["anger"]["theta"] == pytest.approx(np.arctan2(y, x))


def test_a_training_that_diverges_says_so(tmp_path, dataset):
    with pytest.raises(
        InputError, match=r"training of GANmut has failed: \w+ is (nan|-?inf) in iteration 5, after 5 of 12"
    ):
        train(dataset, tmp_path, lr=1e30)
    assert not (tmp_path / "generator.safetensors").exists()


def test_classes_first(tmp_path, dataset):
    train(dataset, tmp_path, classes_first=6, history_every=6, masked=True)
    history = pd.read_csv(tmp_path / "history.csv").set_index("iteration")
    assert history.loc[6].dropna().index.tolist() == ["discriminator_class"]
    assert history.loc[12].notna().all()
    assert load_generator(tmp_path / "generator.safetensors").masked


def test_lazy_regularization():
    # Every fourth update carries the penalty, four times as strong, so that it weighs the same in the long run.
    every, seldom = GanmutTraining(**TINY), GanmutTraining(**TINY, regularization_every=4)
    assert discriminator_weights(seldom)["regularization"] == 4 * discriminator_weights(every)["regularization"]
    trainer = Trainer(seldom, torch.device("cpu"))
    batch = torch.rand(8, 3, 32, 32) * 2 - 1, torch.arange(8) % 7, linear_draws(1, 0, 8)
    assert "regularization" in trainer.discriminator_step(*batch, regularize=True)
    assert "regularization" not in trainer.discriminator_step(*batch, regularize=False)


def test_instance_noise_is_what_the_discriminator_sees():
    trainer = Trainer(GanmutTraining(**TINY, instance_noise=0.3), torch.device("cpu"))
    seen = []
    trainer.discriminator.main[0].register_forward_pre_hook(lambda _layer, inputs: seen.append(inputs[0]))
    images = torch.full((8, 3, 32, 32), 0.25)
    trainer.discriminator(images), trainer.discriminator.source(images)
    for noisy in seen:
        assert noisy.mean() == pytest.approx(0.25, abs=0.02)
        assert noisy.std() == pytest.approx(0.3, abs=0.02)
    assert not torch.equal(*seen)


def test_he_initialization_begins_by_enlarging_bilinearly():
    generator = Trainer(GanmutTraining(**TINY, initialization="he"), torch.device("cpu")).generator
    layer = next(layer for layer in generator.modules() if isinstance(layer, torch.nn.ConvTranspose2d))
    features = torch.randn(1, layer.in_channels, 8, 8, generator=torch.Generator().manual_seed(1))
    mixed = torch.einsum("bihw,io->bohw", features, layer.weight[:, :, 1, 1] / (9 / 16))
    wanted = torch.nn.functional.interpolate(mixed, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(layer(features)[..., 1:-1, 1:-1], wanted[..., 1:-1, 1:-1])


def test_he_initialization_of_the_discriminator_keeps_the_scale():
    # He et al., 2015, equation 14, for LeakyReLU of slope 0.01.
    discriminator = Trainer(GanmutTraining(**TINY, initialization="he"), torch.device("cpu")).discriminator
    layer = max(
        (layer for layer in discriminator.modules() if isinstance(layer, torch.nn.Conv2d)),
        key=lambda layer: layer.weight.numel(),
    )
    variance = 2 / ((1 + 0.01**2) * layer.weight[0].numel())
    assert layer.weight.var().item() == pytest.approx(variance, rel=0.1)


def test_the_penalty_comes_every_so_many_iterations_and_the_classes_first(tmp_path, dataset, monkeypatch):
    step, regularized = Trainer.discriminator_step, []

    def noted(self, *arguments, regularize):
        regularized.append(regularize)
        return step(self, *arguments, regularize=regularize)

    monkeypatch.setattr(Trainer, "discriminator_step", noted)
    train(dataset, tmp_path, iterations=8, classes_first=2, regularization_every=3)
    # Iterations 2 to 7: before them only the classes are learned.
    assert regularized == [False, True, False, False, True, False]


def test_average_follows_the_generator():
    settings = GanmutTraining(**{**TINY, "average": 0.75})
    trainer = Trainer(settings, torch.device("cpu"))
    weight, mean = trainer.generator.main[0].weight, trainer.average.main[0].weight
    before = mean.clone()
    with torch.no_grad():
        weight += 1.0
    trainer._follow()
    torch.testing.assert_close(mean, before + 0.25)
    assert trainer.result() is trainer.average


def test_both_players_take_adams_step_of_their_weighted_terms():
    settings = GanmutTraining(**{**TINY, "average": 0.0, "lambda_rec": 3.0, "lambda_regularization": 5.0})
    random = torch.Generator().manual_seed(0)
    images, labels = torch.rand(8, 3, 32, 32, generator=random) * 2 - 1, torch.arange(8) % 7
    draws = linear_draws(1, 0, 8)
    trainer, other = (Trainer(settings, torch.device("cpu")) for _ in range(2))
    for player, weights, step in (
        ("discriminator", discriminator_weights(settings), trainer.discriminator_step),
        ("generator", generator_weights(settings), trainer.generator_step),
    ):
        network, optimizer = getattr(trainer, player), getattr(trainer, f"{player}_optimizer")
        assert optimizer.defaults["betas"] == (0.5, 0.999)
        parameters = list(getattr(other, player).parameters())
        if player == "discriminator":
            terms = linear_discriminator_terms(
                other.generator,
                other.discriminator,
                images,
                labels,
                draws,
                regularization="gp",
                adversarial="wasserstein",
            )
        else:
            other.discriminator.load_state_dict(trainer.discriminator.state_dict())
            terms = linear_generator_terms(
                other.generator,
                other.discriminator,
                images,
                labels,
                draws,
                cycle="approximate",
                adversarial="wasserstein",
            )
        total = sum(weights[name] * term for name, term in terms.items())
        gradients = torch.autograd.grad(total, parameters, allow_unused=True)
        step(images, labels, draws)
        moved = 0
        for before, gradient, after in zip(parameters, gradients, network.parameters(), strict=True):
            if gradient is None:  # the published bias that nothing uses
                assert torch.equal(before, after)
                continue
            sure = gradient.abs() > 1e-3 * gradient.abs().max()  # of the sign, whatever the rounding
            change = -1e-4 * gradient / (gradient.abs() + 1e-8)
            torch.testing.assert_close((after - before)[sure], change[sure], rtol=1e-2, atol=1e-6)
            moved += sure.sum()
        assert moved > 1000


def test_one_batch_is_learned():
    # The terms are wired to their networks and weights: each player gets better at what it is asked.
    trainer = Trainer(GanmutTraining(**{**TINY, "lr": 3e-3, "average": 0.0}), torch.device("cpu"))
    random = torch.Generator().manual_seed(0)
    images, labels = torch.rand(8, 3, 32, 32, generator=random) * 2 - 1, torch.arange(8) % 7
    batch = images, labels, linear_draws(1, 0, 8)
    first = trainer.discriminator_step(*batch), trainer.generator_step(*batch)
    for _ in range(60):
        last = trainer.discriminator_step(*batch), trainer.generator_step(*batch)
    assert last[0]["class"] < 0.3 * first[0]["class"]
    assert last[0]["regularization"] < 0.3 * first[0]["regularization"]
    assert last[1]["class"] < 0.3 * first[1]["class"]
    assert last[1]["reconstruction"] < 0.95 * first[1]["reconstruction"]


def test_a_bad_setting_is_named(dataset, tmp_path):
    with pytest.raises(InputError, match=r"settings\.batch_size: found 5; expected"):
        train(dataset, tmp_path, batch_size=5)


def test_published_weights_of_the_class_loss():
    for parametrization, weight in (("linear", 1), ("gaussian", 2)):
        published = GanmutTraining(parametrization=parametrization)
        assert discriminator_weights(published)["class"] == generator_weights(published)["class"] == weight
    assert generator_weights(GanmutTraining(lambda_cls=0.0))["class"] == 0
