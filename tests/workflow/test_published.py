"""A model with a checkpoint, through the whole workflow: tested, looked into, and told on the page; never trained."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from workflow_study import planned_jobs, run, write_study

from synface.core.emotions import AFFECTNET, LABELS
from synface.core.images import encode_png
from synface.poster.loading import save_poster
from synface.poster.model import Poster
from synface.poster.preprocessing import normalize

# No color is another one with red and blue swapped.
COLORS = np.array(
    [[220, 40, 40], [220, 130, 40], [220, 220, 40], [40, 220, 40], [130, 40, 40], [130, 130, 130], [220, 130, 130]]
)
IMAGES = 24  # of each class
STUDY = {
    "datasets": {"Mine": {"natural": {"layout": "class-folders", "path": "resources/colors", "split": "test"}}},
    "models": {"published": {"checkpoint": "resources/published.safetensors", "trained_on": ["colors"]}},
    "experiments": {"sanity": {"models": ["published"], "test_on": ["Mine"]}},
}


def write_colors(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Write noisy pictures whose class is their color; return them, uint8 [B, 3, 32, 32], and their classes."""
    draws = np.random.default_rng(0)
    pictures, classes = [], []
    for index, label in enumerate(LABELS):
        (folder / label).mkdir(parents=True)
        for number in range(IMAGES):
            noisy = COLORS[index] + draws.normal(0, 15, (32, 32, 3)) + draws.normal(0, 6, 3)
            picture = noisy.clip(0, 255).astype(np.uint8)
            (folder / label / f"{number}.png").write_bytes(encode_png(picture))
            pictures.append(picture.transpose(2, 0, 1))
            classes.append(index)
    return torch.from_numpy(np.stack(pictures)), torch.tensor(classes)


def poster_that_knows(pictures: torch.Tensor, classes: torch.Tensor) -> Poster:
    """Return a tiny POSTER whose last layer was solved for, so that it is right about ``pictures`` in RGB."""
    torch.manual_seed(0)
    network = Poster("small", width=0.125, depth=1, input_size=32).eval()
    with torch.no_grad():
        features = network.logits_and_features(normalize(pictures))[1].double()
        padded = torch.cat((features, torch.ones(len(features), 1, dtype=torch.float64)), dim=1)
        solved = torch.linalg.lstsq(padded, 20 * torch.eye(7, dtype=torch.float64)[classes]).solution
        network.head.linear.weight.copy_(solved[:-1].T)
        network.head.linear.bias.copy_(solved[-1])
    return network


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published")
    write_study(folder, STUDY)
    network = poster_that_knows(*write_colors(folder / "resources/colors/test"))
    save_poster(network, folder / "resources/published.safetensors")
    run(folder)
    return folder, network


def accuracy(folder: Path) -> float:
    (row,) = pd.read_csv(folder / "results/tables/accuracy.csv").to_dict("records")
    assert (row["model"], row["train_set"], row["seed"], row["test_set"]) == ("published", "elsewhere", 0, "Mine")
    assert row["n"] == 7 * IMAGES
    assert row["ci_low"] <= row["accuracy"] <= row["ci_high"]
    return row["accuracy"]


def test_a_published_model_has_an_accuracy_and_no_verdict(study):
    folder, _ = study
    assert accuracy(folder) > 0.9
    assert pd.read_csv(folder / "results/tables/comparisons.csv").empty
    page = (folder / "results/report/index.html").read_text()
    assert "Nothing speaks for another order of the labels or color channels of published" in page
    assert "it is tested and never trained, so no verdict is about it" in page
    assert "Experiment sanity: published, trained elsewhere, and tested on Mine." in page
    assert not (folder / "results/figures/training").exists()
    assert not (folder / "results/audits").exists() or not list((folder / "results/audits").glob("*/copies.csv"))
    assert planned_jobs(run(folder, "--dry-run")) == {}


@pytest.mark.parametrize(
    ("classes", "colors", "told", "help_"),
    [
        (
            tuple(AFFECTNET[index].label for index in range(7)),
            "rgb",
            "models.published: its labels look permuted: on Mine its accuracy is ",
            f"classes: [{', '.join(LABELS)}]",
        ),
        (LABELS, "bgr", "models.published: its color channels look swapped: on 168 images of Mine", "color_order: rgb"),
    ],
)
def test_another_order_is_told_in_the_log_and_on_the_page(study, classes, colors, told, help_):
    folder, network = study
    network.class_names, network.color_order = classes, colors
    save_poster(network, folder / "resources/published.safetensors")
    jobs = planned_jobs(run(folder, "--dry-run"))
    assert {"import_model", "evaluate_model", "check_model", "write_report"} <= set(jobs)
    assert "import_dataset" not in jobs
    run(folder)
    assert accuracy(folder) < 0.6
    log = (folder / "logs/evaluate/published/elsewhere/check.log").read_text()
    page = (folder / "results/report/index.html").read_text()
    key, value = help_.split(": ")
    for sentence in (told, f"set models.published.{key} to {value}"):
        assert sentence in log
        assert sentence in page
    # What is told is what helps.
    run(folder, "--config", f"models={{published: {{{help_}}}}}")
    assert accuracy(folder) > 0.9
    assert "Nothing speaks for another order" in (folder / "results/report/index.html").read_text()
