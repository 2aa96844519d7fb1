"""What a trained POSTER says about every test image of its test sets: one row of probabilities each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from synface.compute.device import choose_device
from synface.core.draws import keyed_order
from synface.core.emotions import LABELS
from synface.core.files import digest
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.dataset.split import read_split
from synface.poster.inference import rearrange
from synface.poster.loading import load_poster
from synface.poster.model import Poster
from synface.poster.preprocessing import halve, normalize, read_images


def predict(
    *,
    model: Path | str,
    tests: Mapping[str, Path | str],
    predictions: Path | str,
    batch_size: int,
    most: int | None = None,
    swapped: bool = False,
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Classify the test split of every dataset; every image gets a row, an unreadable one is an error.

    A file that several sets hold, as a merge and its parts do, is classified once.

    Args:
        model: our safetensors or a published POSTER checkpoint.
        tests: the metadata.csv of each test set, by its name; file names are relative to its folder.
        predictions: output, CSV: test_set, file_name, source, source_id, label, predicted, and one column of
            probability per emotion; the test sets in the order given.
        batch_size: images per forward pass; does not change the result beyond rounding.
        most: how many images of a test set to classify, drawn at random where it has more; None for all.
        swapped: feed the network red in blue's place and blue in red's.
        threads: CPU threads.
        device: where to compute; by default the GPU if there is one.

    Raises:
        InputError: no test image, an image that cannot be read, or a model that cannot be loaded.
    """
    device = choose_device(threads, device)
    frames = {name: read_split(metadata, "test", columns=["source", "source_id"]) for name, metadata in tests.items()}
    if most is not None:
        frames = {name: _sample(frame, most) for name, frame in frames.items()}
    network = rearrange(load_poster(model)).to(device=device, memory_format=torch.channels_last)
    if swapped:
        network.color_order = "rgb" if network.color_order == "bgr" else "bgr"
    parts, known = [], {}
    for name, frame in frames.items():
        paths = [Path(tests[name]).parent / file for file in frame["file_name"]]
        contents = [_content_of(path) for path in paths]
        new = {content: path for content, path in zip(contents, paths, strict=True) if content not in known}
        if new:
            answers = _probabilities_of(
                network, list(new.values()), batch_size, threads, device, what=f"batches of {name}"
            )
            known |= zip(new, answers, strict=True)
        table = np.stack([known[content] for content in contents])
        rows = frame[["file_name", "source", "source_id", "label"]].copy()
        rows.insert(0, "test_set", name)
        rows["predicted"] = [LABELS[index] for index in table.argmax(axis=1)]
        parts.append(pd.concat([rows, pd.DataFrame(table, columns=list(LABELS))], axis=1))
    write_table(pd.concat(parts, ignore_index=True), predictions)


def _sample(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return ``most`` rows, or all of fewer, drawn by the names of their files."""
    drawn = set(keyed_order(0, "sample", frame["file_name"])[:most])
    return frame[frame["file_name"].isin(drawn)].reset_index(drop=True)


def _content_of(path: Path) -> str:
    """Return what equal files have in common; a missing one is told when it is to be read."""
    return digest(path) if path.exists() else str(path)


def _probabilities_of(
    network: Poster, paths: Sequence[Path], batch_size: int, threads: int, device: torch.device, *, what: str
) -> np.ndarray:
    size = network.config["input_size"]
    batches = []
    for start in progress(range(0, len(paths), batch_size), what=what):
        images = read_images(paths[start : start + batch_size], size=size, threads=threads)
        batches.append(probabilities(network, images.to(device)).cpu().numpy())
    return np.concatenate(batches)


@torch.no_grad()
def probabilities(network: Poster, images: Tensor, *, precision: str = "float32") -> Tensor:
    """Return the probabilities of the seven emotions, float64 [B, 7], for uint8 RGB [B, 3, S, S].

    Columns are in `Emotion` order, whatever the order of the network's logits. A class beyond the seven (contempt) is
    left out before the softmax: no test image has it.
    """
    columns = [network.class_names.index(label) for label in LABELS]
    inputs = normalize(halve(images), network.color_order).contiguous(memory_format=torch.channels_last)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
        logits, _ = network.classify(inputs)
    return logits.double()[:, columns].softmax(dim=1)
