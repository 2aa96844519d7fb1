"""Whole trainings of a tiny POSTER: what is written, that it learns, and that an interruption changes nothing."""

import json
import os
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from synface.compute.precision import bfloat16_pays
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.poster.loading import load_poster
from synface.poster.trainer import Trainer
from synface.poster.training import train_poster
from synface.training import steps

TINY = {
    "size": "small",
    "width": 0.125,
    "depth": 1,
    "input_size": 32,
    "epochs": 2,
    "batch_size": 8,
    "lr": 1e-3,
    "additive_noise": {"probability": 0.25},
    "validation_fraction": 0.0,
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Noise with a bright square whose place is the class: 28 training images, 7 test images."""
    folder = tmp_path_factory.mktemp("dataset")
    generator = np.random.default_rng(0)
    rows = []
    for index in range(35):
        label = index % 7
        image = generator.integers(0, 60, (40, 40, 3)).astype(np.uint8)
        image[5 * label : 5 * label + 10, 10:30] += 150
        name = f"images/{label}_{LABELS[label]}/{index:02d}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / name)
        rows.append((name, LABELS[label], "train" if index < 28 else "test", "toy", f"{index:02d}"))
    frame = pd.DataFrame(rows, columns=["file_name", "label", "split", "source", "source_id"])
    frame.to_csv(folder / "metadata.csv", index=False)
    return folder


def train(dataset, folder, seed=1, pretrained=None, code="", threads=1, pinned=None, **settings):
    outputs = {
        "model": folder / "model.safetensors",
        "history": folder / "history.csv",
        "provenance": folder / "provenance.json",
        "state": folder / "state.pt",
    }
    metadata = dataset / "metadata.csv"
    train_poster(
        metadata=metadata,
        folder=dataset,
        pretrained=pretrained or {},
        settings=TINY | settings | {"threads": pinned},
        seed=seed,
        **outputs,
        code=code,
        threads=threads,
        device="cpu",
    )
    return outputs


@pytest.fixture(scope="module")
def uninterrupted(dataset, tmp_path_factory):
    return train(dataset, tmp_path_factory.mktemp("whole"))


@pytest.fixture
def after_steps(monkeypatch):
    """Call something once, after a number of training steps."""

    def install(number, action):
        count = 0
        step = Trainer.step

        def counted(self, *arguments, **options):
            nonlocal count
            result = step(self, *arguments, **options)
            count += 1
            if count == number:
                action()
            return result

        monkeypatch.setattr(Trainer, "step", counted)

    return install


def assert_same_files(first, second):
    for name in ("model", "history", "provenance"):
        assert first[name].read_bytes() == second[name].read_bytes(), name


def test_a_training_that_diverges_says_so(dataset, tmp_path):
    # Weights of 1e30 overflow in the second batch of the first epoch.
    with pytest.raises(
        InputError, match=r"training of POSTER has failed: train_loss is nan in epoch 1, after 4 of 8 b"
    ):
        train(dataset, tmp_path, lr=1e30)
    assert not (tmp_path / "model.safetensors").exists()


class TestOutputs:
    def test_history(self, uninterrupted):
        history = pd.read_csv(uninterrupted["history"])
        assert list(history.columns) == ["epoch", "lr", "train_loss", "train_accuracy"]
        assert history["epoch"].tolist() == [1, 2]
        assert history["lr"].tolist() == pytest.approx([1e-3, 0.98e-3])

    def test_model_loads_and_knows_its_size(self, uninterrupted):
        model = load_poster(uninterrupted["model"])
        assert model.config["input_size"] == 32
        assert model(torch.zeros(1, 3, 32, 32)).shape == (1, 7)

    def test_provenance(self, uninterrupted, dataset):
        facts = json.loads(uninterrupted["provenance"].read_text())
        assert facts["training_images"] == 28
        assert facts["selected_epoch"] == 2
        assert facts["settings"]["sam_rho"] == 0.05
        assert facts["packages"]["torch"] == torch.__version__
        assert facts["dataset"] == dataset.name

    def test_state_is_removed(self, uninterrupted):
        assert not uninterrupted["state"].exists()


class TestDeterminism:
    def test_same_seed_same_bytes(self, uninterrupted, dataset, tmp_path):
        torch.manual_seed(99)
        assert_same_files(train(dataset, tmp_path), uninterrupted)

    def test_other_seed_other_weights(self, uninterrupted, dataset, tmp_path):
        other = load_file(train(dataset, tmp_path, seed=2)["model"])
        assert not torch.equal(other["head.linear.weight"], load_file(uninterrupted["model"])["head.linear.weight"])

    def test_resumed_after_sigterm_is_bit_for_bit_the_same(self, uninterrupted, dataset, tmp_path, after_steps):
        after_steps(6, lambda: os.kill(os.getpid(), signal.SIGTERM))  # in the second of two epochs of four batches
        with pytest.raises(SystemExit) as stopped:
            train(dataset, tmp_path)
        assert stopped.value.code == 143
        assert not (tmp_path / "model.safetensors").exists()
        assert torch.load(tmp_path / "state.pt", weights_only=True)["done"] == 6
        assert_same_files(train(dataset, tmp_path), uninterrupted)

    def test_resumed_after_a_crash_is_bit_for_bit_the_same(
        self, uninterrupted, dataset, tmp_path, after_steps, monkeypatch
    ):
        def crash():
            raise RuntimeError("power cut")

        monkeypatch.setattr(steps, "SECONDS_BETWEEN_STATES", 0.0)
        after_steps(5, crash)
        with pytest.raises(RuntimeError, match="power cut"):
            train(dataset, tmp_path)
        assert torch.load(tmp_path / "state.pt", weights_only=True)["done"] == 4
        assert_same_files(train(dataset, tmp_path), uninterrupted)

    def test_state_of_other_settings_or_damaged_is_not_used(self, uninterrupted, dataset, tmp_path, after_steps):
        after_steps(3, lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(SystemExit):
            train(dataset, tmp_path, lr=0.5)
        assert_same_files(train(dataset, tmp_path), uninterrupted)
        (tmp_path / "state.pt").write_bytes(b"torn")
        assert_same_files(train(dataset, tmp_path), uninterrupted)


class TestMixing:
    """What a stopped training was made of changes: it begins afresh, and says so."""

    @pytest.fixture
    def stopped(self, dataset, tmp_path, monkeypatch):
        """A copy of the dataset, and a folder with the state of a training on it."""
        copied = tmp_path / "dataset"
        shutil.copytree(dataset, copied)
        step = Trainer.step
        with monkeypatch.context() as context:
            made = []

            def stopping(self, *arguments, **options):
                made.append(1)
                if len(made) == 3:
                    os.kill(os.getpid(), signal.SIGTERM)
                return step(self, *arguments, **options)

            context.setattr(Trainer, "step", stopping)
            with pytest.raises(SystemExit):
                train(copied, tmp_path / "stopped")
        return copied, tmp_path / "stopped"

    def test_other_pictures_of_the_same_names(self, stopped, tmp_path, caplog):
        copied, folder = stopped
        for path in copied.rglob("*.png"):
            Image.new("RGB", (40, 40)).save(path)
        resumed, fresh = train(copied, folder), train(copied, tmp_path / "fresh")
        assert_same_files(resumed, fresh)
        assert "made with other images sha256; training starts again" in caplog.text
        unlike = json.loads(train(copied, tmp_path / "again", seed=2)["provenance"].read_text())
        assert unlike["images_sha256"] == json.loads(fresh["provenance"].read_text())["images_sha256"]

    @pytest.mark.parametrize("change", [{"code": "another"}, {"threads": 2}])
    def test_other_code_or_threads(self, stopped, tmp_path, caplog, change):
        copied, folder = stopped
        assert_same_files(train(copied, folder, **change), train(copied, tmp_path / "fresh", **change))
        assert f"made with other {next(iter(change))}; training starts again" in caplog.text

    def test_with_threads_in_the_settings_those_of_the_run_are_nothing(self, uninterrupted, dataset, tmp_path):
        one = train(dataset, tmp_path / "one", threads=2, pinned=1)
        assert one["model"].read_bytes() == uninterrupted["model"].read_bytes()
        assert json.loads(one["provenance"].read_text())["threads"] == 1

    def test_provenance_tells_them_apart(self, uninterrupted, dataset, tmp_path):
        facts = json.loads(uninterrupted["provenance"].read_text())
        other = json.loads(train(dataset, tmp_path, code="another", threads=2)["provenance"].read_text())
        assert {name for name in facts if facts[name] != other[name]} == {"code", "threads"}
        assert {"images_sha256", "instruction_set", "precision", "packages"} <= set(facts)


class TestRecipes:
    def test_learns(self, dataset, tmp_path):
        settings = {"epochs": 12, "optimizer": "adam", "lr": 3e-3, "horizontal_flip": 0.0, "lr_gamma": 0.9}
        history = pd.read_csv(train(dataset, tmp_path, **settings)["history"])
        assert history["train_loss"].iloc[-1] < 0.7 * history["train_loss"].iloc[0]
        assert history["train_accuracy"].iloc[-1] > 0.6

    def test_best_on_validation(self, dataset, tmp_path):
        settings = {"selection": "best-on-validation", "validation_fraction": 0.25, "epochs": 3, "optimizer": "adam"}
        outputs = train(dataset, tmp_path, **settings, loss="cross-entropy", sampler="balanced")
        history = pd.read_csv(outputs["history"])
        facts = json.loads(outputs["provenance"].read_text())
        assert (facts["training_images"], facts["validation_images"]) == (21, 7)
        marks = list(zip(history["validation_accuracy"], history["validation_macro_f1"], strict=True))
        assert facts["selected_epoch"] == 1 + marks.index(max(marks))

    def test_of_equally_good_epochs_the_first_is_taken(self, dataset, tmp_path, monkeypatch):
        marks = {"validation_loss": 1.0, "validation_accuracy": 0.5, "validation_macro_f1": 0.4}
        monkeypatch.setattr(Trainer, "evaluate", lambda *_: marks)
        settings = {"selection": "best-on-validation", "validation_fraction": 0.25, "optimizer": "adam"}
        outputs = train(dataset, tmp_path, **settings)
        assert json.loads(outputs["provenance"].read_text())["selected_epoch"] == 1

    def test_the_validation_curve_is_there_when_the_last_epoch_is_taken(self, dataset, tmp_path):
        outputs = train(dataset, tmp_path, validation_fraction=0.25, optimizer="adam")
        facts = json.loads(outputs["provenance"].read_text())
        assert (facts["training_images"], facts["validation_images"], facts["selected_epoch"]) == (21, 7, 2)
        assert pd.read_csv(outputs["history"])["validation_accuracy"].between(0, 1).all()

    def test_steps_in_place_of_epochs_end_in_a_part_of_one(self, dataset, tmp_path, after_steps):
        made = []
        for number in range(1, 7):
            after_steps(number, lambda number=number: made.append(number))
        history = pd.read_csv(train(dataset, tmp_path, steps=6, optimizer="adam")["history"])
        # 28 images in batches of 8 are four steps.
        assert made[-1] == 6
        assert history["epoch"].tolist() == [1, 2]
        assert history["train_accuracy"].between(0, 1).all()

    def test_bfloat16_stays_close_to_float32(self, dataset, tmp_path, uninterrupted):
        history = pd.read_csv(train(dataset, tmp_path, precision="bfloat16")["history"])
        exact = pd.read_csv(uninterrupted["history"])
        np.testing.assert_allclose(history["train_loss"], exact["train_loss"], rtol=0.1)

    def test_pretrained_parts_are_loaded(self, dataset, tmp_path):
        torch.save({"weight": torch.zeros(1)}, tmp_path / "ir50.pth")
        with pytest.raises(InputError, match=r"ir50\.pth.*IR50"):
            train(dataset, tmp_path, pretrained={"ir50": str(tmp_path / "ir50.pth")})


def test_provenance_tells_the_precision_that_auto_has_chosen(dataset, tmp_path):
    outputs = train(dataset, tmp_path, precision="auto", epochs=1)
    chosen, _ = bfloat16_pays(torch.device("cpu"))
    settings = json.loads(outputs["provenance"].read_text())["settings"]
    assert settings["precision"] == ("bfloat16" if chosen else "float32")
