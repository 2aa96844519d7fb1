import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.evaluate.predictions import read_predictions
from synface.poster import predict as module
from synface.poster.loading import save_poster
from synface.poster.model import Poster
from synface.poster.predict import predict, probabilities
from synface.poster.preprocessing import normalize, read_images


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Poster("small", width=0.125, depth=1, input_size=32).eval()


@pytest.fixture
def files(network, tmp_path):
    save_poster(network, tmp_path / "model.safetensors")
    rows = []
    for index in range(5):
        pixels = np.random.default_rng(index).integers(0, 256, (32, 32, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{index}.png")
        rows.append((f"{index}.png", LABELS[index], "train" if index == 0 else "test", "toy", f"00{index}"))
    frame = pd.DataFrame(rows, columns=["file_name", "label", "split", "source", "source_id"])
    frame.to_csv(tmp_path / "metadata.csv", index=False)
    return {"model": tmp_path / "model.safetensors", "tests": {"toy": tmp_path / "metadata.csv"}}


def test_one_row_per_test_image(files, network, tmp_path):
    predict(**files, predictions=tmp_path / "predictions.csv", batch_size=3, device="cpu")
    table = pd.read_csv(tmp_path / "predictions.csv", dtype={"source_id": str})
    assert list(table.columns) == ["test_set", "file_name", "source", "source_id", "label", "predicted", *LABELS]
    assert table["source_id"].tolist() == ["001", "002", "003", "004"]
    assert table["label"].tolist() == list(LABELS[1:5])
    np.testing.assert_allclose(table[list(LABELS)].sum(axis=1), 1, atol=1e-12)
    pixels = np.stack([np.asarray(Image.open(tmp_path / f"{index}.png")) for index in range(1, 5)])
    with torch.no_grad():
        expected = network(normalize(torch.from_numpy(pixels).permute(0, 3, 1, 2))).softmax(dim=1)
    np.testing.assert_allclose(table[list(LABELS)], expected, atol=1e-4)
    assert table["predicted"].tolist() == [LABELS[index] for index in expected.argmax(dim=1)]


def test_the_smallest_probabilities_are_kept(files, network, tmp_path):
    # A sure network gives 1e-15 to what it excludes; six digits would make that 0 and its log loss as large as can be.
    with torch.no_grad():
        network.head.linear.bias[0] -= 30
    save_poster(network, files["model"], {"seed": 1, "selected_epoch": 1})
    predict(**files, predictions=tmp_path / "predictions.csv", batch_size=3, device="cpu")
    found = pd.read_csv(tmp_path / "predictions.csv")["surprise"]
    assert (found > 0).all()
    assert (found < 1e-9).all()


def test_batch_size_does_not_matter(files, tmp_path):
    for size in (1, 4):
        predict(**files, predictions=tmp_path / f"{size}.csv", batch_size=size, device="cpu")
    first, second = (pd.read_csv(tmp_path / f"{size}.csv")[list(LABELS)] for size in (1, 4))
    np.testing.assert_allclose(first, second, atol=1e-4)


def test_one_set_beside_another_is_predicted_as_alone(files, tmp_path):
    both = {"toy": files["tests"]["toy"], "2024": files["tests"]["toy"]}
    predict(model=files["model"], tests=both, predictions=tmp_path / "both.csv", batch_size=3, device="cpu")
    predict(**files, predictions=tmp_path / "alone.csv", batch_size=3, device="cpu")
    tables = read_predictions(tmp_path / "both.csv")
    assert list(tables) == ["toy", "2024"]
    for table in tables.values():
        pd.testing.assert_frame_equal(table, read_predictions(tmp_path / "alone.csv")["toy"])


def test_swapped_channels_are_those_of_the_other_order(files, network, tmp_path):
    predict(**files, predictions=tmp_path / "swapped.csv", batch_size=3, swapped=True, device="cpu")
    network.color_order = "bgr"
    save_poster(network, files["model"])
    predict(**files, predictions=tmp_path / "bgr.csv", batch_size=3, device="cpu")
    assert (tmp_path / "swapped.csv").read_text() == (tmp_path / "bgr.csv").read_text()


def test_a_sample_is_a_part_of_all_and_does_not_depend_on_the_order(files, tmp_path):
    predict(**files, predictions=tmp_path / "all.csv", batch_size=1, device="cpu")
    rows = pd.read_csv(files["tests"]["toy"], dtype=str)
    samples = []
    for number, table in enumerate((rows, rows[::-1])):
        table.to_csv(files["tests"]["toy"], index=False)
        predict(**files, predictions=tmp_path / f"{number}.csv", batch_size=1, most=2, device="cpu")
        samples.append(set((tmp_path / f"{number}.csv").read_text().splitlines()[1:]))
    assert samples[0] == samples[1]
    assert len(samples[0]) == 2
    assert samples[0] < set((tmp_path / "all.csv").read_text().splitlines()[1:])


def test_a_file_in_two_sets_is_classified_once(files, tmp_path, monkeypatch):
    read = []

    def noted(paths, **how):
        read.extend(paths)
        return read_images(paths, **how)

    monkeypatch.setattr(module, "read_images", noted)
    both = {"toy": files["tests"]["toy"], "merge": files["tests"]["toy"]}
    predict(model=files["model"], tests=both, predictions=tmp_path / "both.csv", batch_size=3, device="cpu")
    assert len(read) == 4
    tables = read_predictions(tmp_path / "both.csv")
    pd.testing.assert_frame_equal(tables["toy"], tables["merge"])


def test_foreign_class_order_is_mapped_and_contempt_left_out(network):
    images = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    torch.manual_seed(1)
    eight = Poster("small", classes=8, width=0.125, depth=1, input_size=32).eval()
    eight.class_names = ("contempt", *reversed(LABELS))
    with torch.no_grad():
        logits = eight(normalize(images))
    expected = logits[:, 1:].flip(1).double().softmax(dim=1)
    torch.testing.assert_close(probabilities(eight, images), expected, atol=1e-5, rtol=0)


def test_unreadable_image_is_an_error(files, tmp_path):
    (tmp_path / "3.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"3\.png"):
        predict(**files, predictions=tmp_path / "predictions.csv", batch_size=4, device="cpu")
    assert not (tmp_path / "predictions.csv").exists()


def test_empty_test_split_is_an_error(files, tmp_path):
    frame = pd.read_csv(files["tests"]["toy"])
    frame[frame["split"] == "train"].to_csv(files["tests"]["toy"], index=False)
    with pytest.raises(InputError, match="no image in the test split"):
        predict(**files, predictions=tmp_path / "predictions.csv", batch_size=4, device="cpu")
