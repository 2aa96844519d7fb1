"""Whole trainings of a tiny landmark network: what is written, that it learns, that POSTER takes it unchanged."""

import os
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from synface.compute.weights import read_weights
from synface.core.errors import InputError
from synface.landmarks.data import MarkedFaces
from synface.landmarks.trainer import Trainer
from synface.landmarks.training import train_landmarks
from synface.poster.loading import LANDMARKS_KEY, load_pretrained
from synface.poster.model import Poster
from synface.settings.keys import plain
from synface.settings.landmarks import LandmarkTraining

TINY = {"width": 0.125, "input_size": 32, "epochs": 3, "batch_size": 8, "validation_fraction": 0.2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """30 pictures of 40 x 40 pixels: a bright square, and 68 points on a ring around its center."""
    folder = tmp_path_factory.mktemp("squares")
    generator = np.random.default_rng(0)
    ring = np.arange(68) / 68 * 2 * np.pi
    landmarks = np.empty((30, 68, 2), np.float32)
    for index in range(30):
        x, y = generator.integers(12, 28, 2)
        image = generator.integers(0, 60, (40, 40, 3)).astype(np.uint8)
        image[y - 4 : y + 5, x - 4 : x + 5] += 150
        Image.fromarray(image).save(folder / f"{index:02d}.png")
        landmarks[index] = np.stack((x + 8 * np.cos(ring), y + 8 * np.sin(ring)), axis=1)
    np.savez(folder / "landmarks.npz", files=[f"{index:02d}.png" for index in range(30)], landmarks=landmarks)
    return folder


def train(folder, to, **settings):
    outputs = {"network": to / "mobilefacenet.safetensors", "history": to / "history.csv"}
    train_landmarks(folder=folder, state=to / "state.pt", settings=TINY | settings, device="cpu", **outputs)
    return [path.read_bytes() for path in outputs.values()]


@pytest.fixture(scope="module")
def uninterrupted(folder, tmp_path_factory):
    to = tmp_path_factory.mktemp("whole")
    return to, train(folder, to)


def call_in_step(monkeypatch, number, action):
    step, calls = Trainer.step, []

    def counted(self, *arguments):
        calls.append(1)
        if len(calls) == number:
            action()
        return step(self, *arguments)

    monkeypatch.setattr(Trainer, "step", counted)
    return calls


class TestOutputs:
    def test_history(self, uninterrupted):
        history = pd.read_csv(uninterrupted[0] / "history.csv")
        assert list(history.columns) == ["epoch", "lr", "train_loss", "validation_nme"]
        # Half a cosine from 0.002: its values at 0, 1/3 and 2/3 of the way.
        assert history["lr"].tolist() == pytest.approx([2e-3, 1.5e-3, 0.5e-3])
        assert (history["validation_nme"] > 0).all()

    def test_the_file_says_what_it_was_made_of(self, uninterrupted):
        _, facts = read_weights(uninterrupted[0] / "mobilefacenet.safetensors", LANDMARKS_KEY)
        assert facts["settings"] == plain(LandmarkTraining(**TINY))
        assert (facts["training_images"], facts["validation_images"]) == (24, 6)
        assert facts["validation_nme"] == pd.read_csv(uninterrupted[0] / "history.csv")["validation_nme"].iloc[-1]
        assert not (uninterrupted[0] / "state.pt").exists()


class TestDeterminism:
    def test_same_settings_same_bytes(self, uninterrupted, folder, tmp_path):
        torch.manual_seed(99)
        assert train(folder, tmp_path) == uninterrupted[1]

    @pytest.mark.parametrize("number", [2, 3, 5])
    def test_resumed_after_sigterm_is_bit_for_bit_the_same(self, uninterrupted, folder, tmp_path, monkeypatch, number):
        with monkeypatch.context() as context:
            call_in_step(context, number, lambda: os.kill(os.getpid(), signal.SIGTERM))
            with pytest.raises(SystemExit) as stopped:
                train(folder, tmp_path)
        assert stopped.value.code == 143
        assert not (tmp_path / "mobilefacenet.safetensors").exists()
        calls = call_in_step(monkeypatch, 0, lambda: None)
        assert train(folder, tmp_path) == uninterrupted[1]
        assert len(calls) == 9 - number  # three epochs of three batches

    def test_state_of_other_settings_is_not_used(self, uninterrupted, folder, tmp_path, monkeypatch):
        with monkeypatch.context() as context:
            call_in_step(context, 2, lambda: os.kill(os.getpid(), signal.SIGTERM))
            with pytest.raises(SystemExit):
                train(folder, tmp_path, seed=2)
        assert train(folder, tmp_path) == uninterrupted[1]

    def test_other_pictures_of_the_same_names_begin_it_afresh(self, folder, tmp_path, monkeypatch):
        copied = tmp_path / "dataset"
        shutil.copytree(folder, copied)
        with monkeypatch.context() as context:
            call_in_step(context, 2, lambda: os.kill(os.getpid(), signal.SIGTERM))
            with pytest.raises(SystemExit):
                train(copied, tmp_path / "stopped")
        first, second, *_ = sorted(copied.rglob("*.png"))
        first.write_bytes(second.read_bytes())
        calls = call_in_step(monkeypatch, 0, lambda: None)
        resumed = train(copied, tmp_path / "stopped")
        assert len(calls) == 9
        assert resumed == train(copied, tmp_path / "fresh")


def test_a_training_that_diverges_says_so(folder, tmp_path):
    # The last layer's shift is 1e38 after one step, whose sum over 136 coordinates no float32 holds.
    message = r"training of the landmark network has failed: train_loss is (nan|inf) in epoch 1, after 3 of 9 batches"
    with pytest.raises(InputError, match=message):
        train(folder, tmp_path, lr=1e38)
    assert not (tmp_path / "mobilefacenet.safetensors").exists()


def test_learns_where_the_square_is(folder, tmp_path):
    settings = {"epochs": 40, "lr": 5e-3, "rotation": 0.0, "zoom": 0.0, "horizontal_flip": 0.0}
    train(folder, tmp_path, **settings)
    history = pd.read_csv(tmp_path / "history.csv")
    _, facts = read_weights(tmp_path / "mobilefacenet.safetensors", LANDMARKS_KEY)
    assert history["train_loss"].iloc[-1] < 0.6 * history["train_loss"].iloc[0]
    assert history["validation_nme"].iloc[-1] < 0.6 * facts["mean_face_nme"]


class TestTrainer:
    @pytest.fixture
    def images(self):
        return torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))

    @torch.no_grad()
    def test_a_bgr_network_sees_the_channels_reversed(self, images):
        rgb, bgr = (
            Trainer(LandmarkTraining(**TINY, color_order=order), torch.device("cpu")) for order in ("rgb", "bgr")
        )
        rgb.network.eval()
        bgr.network.eval()
        torch.testing.assert_close(bgr.find(images), rgb.find(images.flip(1)))
        assert not torch.allclose(bgr.find(images), rgb.find(images))

    def test_held_out_faces_are_judged_each_by_itself(self, images):
        trainer = Trainer(LandmarkTraining(**TINY), torch.device("cpu"))
        landmarks = torch.rand(5, 68, 2, generator=torch.Generator().manual_seed(2))
        faces = MarkedFaces(images, landmarks)
        # By the statistics of the batch, as in training, its size would matter.
        assert trainer.evaluate(faces, batch_size=5) == pytest.approx(trainer.evaluate(faces, batch_size=2), rel=1e-5)
        assert trainer.network.training


class TestInPoster:
    @pytest.fixture
    def poster(self):
        torch.manual_seed(3)
        return Poster("small", width=0.125, depth=1, input_size=32)

    def test_finds_the_same_landmarks_in_what_poster_is_given(self, uninterrupted, poster, folder):
        path = uninterrupted[0] / "mobilefacenet.safetensors"
        load_pretrained(poster, mobilefacenet=path)
        trainer = Trainer(LandmarkTraining(**TINY), torch.device("cpu"))
        trainer.network.load_state_dict(read_weights(path, LANDMARKS_KEY)[0])
        trainer.network.eval()
        images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
        seen = []
        poster.face_landback.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0]))
        poster.eval()(trainer_inputs(images))
        expected = trainer.find(images).flatten(1)
        torch.testing.assert_close(poster.face_landback.landmarks(seen[0]), expected)

    def test_stays_as_it_was_in_a_frozen_training(self, uninterrupted, poster):
        path = uninterrupted[0] / "mobilefacenet.safetensors"
        load_pretrained(poster, mobilefacenet=path)
        optimizer = torch.optim.Adam([p for p in poster.parameters() if p.requires_grad], lr=0.1)
        poster.train()
        for _ in range(2):
            poster(torch.randn(4, 3, 32, 32)).square().mean().backward()
            optimizer.step()
        state = poster.face_landback.state_dict()
        for name, tensor in read_weights(path, LANDMARKS_KEY)[0].items():
            assert torch.equal(state[name], tensor), name  # running means and variances too

    def test_another_width_is_one_sentence(self, uninterrupted):
        wider = Poster("small", width=0.25, depth=1, input_size=32)
        message = "a landmark network of width 0.125 in a POSTER of width 0.25; give both the same width"
        with pytest.raises(InputError, match=message):
            load_pretrained(wider, mobilefacenet=uninterrupted[0] / "mobilefacenet.safetensors")

    def test_another_input_size_or_color_order_is_told(self, uninterrupted, caplog):
        larger = Poster("small", width=0.125, depth=1, input_size=64)
        larger.color_order = "bgr"
        load_pretrained(larger, mobilefacenet=uninterrupted[0] / "mobilefacenet.safetensors")
        assert "trained with input_size 32 and is used with 64" in caplog.text
        assert "trained with color_order rgb and is used with bgr" in caplog.text


def trainer_inputs(images):
    """Normalize as torchvision does: what POSTER gets in training and testing."""
    from torchvision.transforms.v2.functional import normalize

    return normalize(images.float() / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def test_a_bad_setting_is_named(folder, tmp_path):
    with pytest.raises(InputError, match=r"settings\.batch_size: found 1; expected"):
        train(folder, tmp_path, batch_size=1)
