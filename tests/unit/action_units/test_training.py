"""Whole trainings of a tiny image network: what is written, that it learns, that POSTER takes it."""

import os
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from synface.action_units.data import CodedFaces, load_faces, read_listing
from synface.action_units.trainer import Trainer
from synface.action_units.training import train_action_units
from synface.compute.weights import read_weights
from synface.core.errors import InputError
from synface.poster.loading import IMAGES_KEY, load_pretrained
from synface.poster.model import Poster, halve
from synface.settings.action_units import ActionUnitTraining
from synface.settings.keys import plain

TINY = {"width": 0.125, "input_size": 32, "epochs": 3, "batch_size": 8, "validation_fraction": 0.2}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """30 pictures: AU01 is the brightness of the upper half, AU12 that of the lower, AU99 always the same."""
    folder = tmp_path_factory.mktemp("halves")
    generator = np.random.default_rng(0)
    strengths = generator.uniform(0, 1, (30, 2))
    for index, (upper, lower) in enumerate(strengths):
        image = generator.integers(0, 20, (40, 40, 3))
        image[:20] += round(200 * upper)
        image[20:] += round(200 * lower)
        Image.fromarray(image.astype(np.uint8)).save(folder / f"{index:02d}.png")
    files = [f"{index:02d}.png" for index in range(30)]
    table = pd.DataFrame({"file": files, "label": "fear", "AU12": strengths[:, 1], "AU01": strengths[:, 0], "AU99": 1})
    table.sample(frac=1, random_state=1).to_csv(folder / "action_units.csv", index=False)
    return folder


def faces_without_landmarks(count):
    images = torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    return CodedFaces(images, torch.zeros(count, 2), torch.zeros(count, 0, 2))


def train(folder, to, **settings):
    outputs = {"network": to / "ir50.safetensors", "history": to / "history.csv"}
    train_action_units(folder=folder, state=to / "state.pt", settings=TINY | settings, device="cpu", **outputs)
    return [path.read_bytes() for path in outputs.values()]


@pytest.fixture(scope="module")
def uninterrupted(folder, tmp_path_factory):
    to = tmp_path_factory.mktemp("whole")
    return to, train(folder, to)


def test_what_is_written(uninterrupted):
    history = pd.read_csv(uninterrupted[0] / "history.csv")
    assert list(history.columns) == ["epoch", "lr", "train_loss", "validation_error"]
    # Half a cosine from 0.002: its values at 0, 1/3 and 2/3 of the way.
    assert history["lr"].tolist() == pytest.approx([2e-3, 1.5e-3, 0.5e-3])
    tensors, facts = read_weights(uninterrupted[0] / "ir50.safetensors", IMAGES_KEY)
    assert facts["settings"] == plain(ActionUnitTraining(**TINY))
    assert facts["units"] == ["AU01", "AU12"]
    assert (facts["training_images"], facts["validation_images"]) == (24, 6)
    assert not any(name.startswith("output_layer") for name in tensors)
    assert not (uninterrupted[0] / "state.pt").exists()


@pytest.mark.parametrize("number", [2, 5])
def test_resumed_after_sigterm_is_bit_for_bit_the_same(uninterrupted, folder, tmp_path, monkeypatch, number):
    step, calls = Trainer.step, []

    def counted(self, *arguments):
        calls.append(1)
        if len(calls) == number:
            os.kill(os.getpid(), signal.SIGTERM)
        return step(self, *arguments)

    with monkeypatch.context() as context:
        context.setattr(Trainer, "step", counted)
        with pytest.raises(SystemExit) as stopped:
            train(folder, tmp_path)
    assert stopped.value.code == 143
    torch.manual_seed(99)
    assert train(folder, tmp_path) == uninterrupted[1]


def test_learns_which_half_is_bright(folder, tmp_path):
    train(folder, tmp_path, epochs=20, lr=3e-3, rotation=0.0, zoom=0.0, brightness=0.0)
    # Knowing nothing has an error of about 1.
    assert pd.read_csv(tmp_path / "history.csv")["validation_error"].iloc[-1] < 0.7


class TestInPoster:
    def test_gives_the_same_features_of_what_poster_is_given(self, uninterrupted):
        torch.manual_seed(3)
        poster = Poster("small", width=0.125, depth=1, input_size=32)
        before = poster.ir_back.output_layer[3].weight.clone()
        path = uninterrupted[0] / "ir50.safetensors"
        load_pretrained(poster, ir50=path)
        trainer = Trainer(ActionUnitTraining(**TINY), faces_without_landmarks(2), torch.device("cpu"))
        trainer.network["body"].load_state_dict(read_weights(path, IMAGES_KEY)[0])
        trainer.network.eval()
        images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
        seen, told = [], []

        def note(_module, inputs, output):
            seen.append(inputs[0])
            told.append(output)

        trainer.network["body"].register_forward_hook(note)
        trainer.tell(images)
        torch.testing.assert_close(poster.eval().ir_back(seen[0]), told[0])
        assert torch.equal(poster.ir_back.output_layer[3].weight, before)
        mean, deviation = (
            torch.tensor(values).view(3, 1, 1) for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        )
        inputs = (images / 255 - mean) / deviation
        torch.testing.assert_close(seen[0], halve(inputs))

    def test_another_width_is_one_sentence(self, uninterrupted):
        wider = Poster("small", width=0.25, depth=1, input_size=32)
        with pytest.raises(InputError, match=r"an image network of width 0\.125 in a POSTER of width 0\.25"):
            load_pretrained(wider, ir50=uninterrupted[0] / "ir50.safetensors")


def test_strengths_are_standardized_and_in_the_order_of_the_files(folder):
    listing = read_listing(folder / "action_units.csv")
    assert listing.files == sorted(listing.files)
    faces = load_faces(listing, folder=folder, size=32)
    upper = faces.images[:, :, :12].float().mean(dim=(1, 2, 3))
    found = torch.corrcoef(torch.stack([upper, faces.strengths[:, 0]]))[0, 1]
    assert found > 0.99
    assert faces.strengths.mean(dim=0).abs().max() < 1e-5
    torch.testing.assert_close(faces.strengths.std(dim=0, correction=0), torch.ones(2))


def test_held_out_faces_are_judged_each_by_itself(folder):
    faces = faces_without_landmarks(5)
    trainer = Trainer(ActionUnitTraining(**TINY), faces, torch.device("cpu"))
    assert trainer.evaluate(faces, batch_size=5) == pytest.approx(trainer.evaluate(faces, batch_size=2), rel=1e-5)
    assert trainer.network.training


def test_landmarks_are_learned_beside_where_there_are_some(folder, uninterrupted, tmp_path):
    marked = tmp_path / "marked"
    shutil.copytree(folder, marked)
    files = sorted(path.name for path in marked.glob("*.png"))
    landmarks = np.random.default_rng(1).uniform(5, 35, (30, 68, 2))
    np.savez(marked / "landmarks.npz", files=files, landmarks=landmarks)
    faces = load_faces(read_listing(marked / "action_units.csv"), folder=marked, size=32)
    np.testing.assert_allclose(faces.landmarks, (landmarks + 0.5) / 40, rtol=1e-5)
    trainer = Trainer(ActionUnitTraining(**TINY), faces, torch.device("cpu"))
    strengths, found = trainer.tell(faces.images)
    assert (strengths.shape, found.shape) == ((30, 2), (30, 68, 2))
    # It begins at their mean.
    torch.testing.assert_close(found.mean(dim=0), faces.landmarks.mean(dim=0))
    assert train(marked, tmp_path)[0] != uninterrupted[1][0]
    np.savez(marked / "landmarks.npz", files=[*files[1:], "other.png"], landmarks=landmarks)
    with pytest.raises(InputError, match=r"landmarks\.npz and the table of action units name other images"):
        train(marked, tmp_path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,label\na.png,fear\n", "has no column AU01, AU02"),
        ("file,AU01\na.png,1\nb.png,much\n", r"AU01 of b\.png is no number"),
        ("file,AU01\na.png,1\na.png,2\n", r"names a\.png twice"),
        ("file,AU01\na.png,1\nb.png,1\n", "every action unit is the same in all 2 images"),
        ("image,AU01\na.png,1\n", "no column file"),
    ],
)
def test_a_bad_table_is_named(tmp_path, table, message):
    (tmp_path / "action_units.csv").write_text(table)
    with pytest.raises(InputError, match=message):
        read_listing(tmp_path / "action_units.csv")
