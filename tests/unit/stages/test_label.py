"""Pseudo-labels of unedited portraits."""

import numpy as np
import pandas as pd
import torch

from synface.core.emotions import LABELS
from synface.core.shards import write_shard
from synface.core.tables import read_table, write_table
from synface.poster.loading import save_poster
from synface.poster.model import Poster
from synface.poster.predict import probabilities
from synface.stages.crop import COLUMNS
from synface.stages.label import UNSURE_LABEL, label_portraits


def study(folder):
    """Two shards of two faces and one portrait without a face, and a small random network."""
    random = np.random.default_rng(1)
    images = {f"00{number}": random.integers(0, 256, (32, 32, 3), dtype=np.uint8) for number in range(4)}
    rows = [(source_id, 1, 2, 30, 31, 0.99, 0.8, "") for source_id in images]
    rows.append(("004", None, None, None, None, None, None, "no face found"))
    boxes = pd.DataFrame(rows, columns=COLUMNS)
    for shard in range(2):
        with write_shard(folder / f"{shard}.tar") as write:
            for source_id in list(images)[shard::2]:
                write(source_id, images[source_id])
        write_table(boxes.iloc[shard::2], folder / f"{shard}.csv")
    plan = pd.DataFrame({"source_id": boxes["source_id"], "split": "train", "label": "anger", "theta": 1.0, "rho": 0.9})
    plan = plan.assign(code_x=0.1, code_y=0.2, shard=[0, 1, 0, 1, 0])
    write_table(plan, folder / "plan.csv")
    torch.manual_seed(3)
    network = Poster("small", width=0.125, depth=1, input_size=32).eval()
    save_poster(network, folder / "model.safetensors")
    pixels = torch.from_numpy(np.stack(list(images.values()))).permute(0, 3, 1, 2)
    return dict(zip(images, probabilities(network, pixels).numpy(), strict=True))


def label(folder, min_confidence):
    label_portraits(
        plan=folder / "plan.csv",
        crops=[folder / "0.tar", folder / "1.tar"],
        boxes=[folder / "0.csv", folder / "1.csv"],
        model=folder / "model.safetensors",
        labelled_plan=folder / "labelled.csv",
        labelled_boxes=folder / "boxes.csv",
        min_confidence=min_confidence,
        device="cpu",
    )
    plan = read_table(folder / "labelled.csv", text=["source_id", "label"]).set_index("source_id")
    return plan, read_table(folder / "boxes.csv", text=["source_id", "reason"]).set_index("source_id")


def test_every_face_has_the_label_that_the_model_finds(tmp_path):
    found = study(tmp_path)
    plan, boxes = label(tmp_path, 0.0)
    for source_id, shares in found.items():
        assert plan.loc[source_id, "label"] == LABELS[shares.argmax()]
    assert plan.loc["004", "label"] == "anger"  # without a face
    assert plan[["theta", "rho", "code_x", "code_y"]].isna().all(axis=None)
    assert boxes["reason"].to_dict() == {**dict.fromkeys(found, ""), "004": "no face found"}


def test_an_unsure_label_is_a_reject(tmp_path):
    found = study(tmp_path)
    confidence = {source_id: shares.max() for source_id, shares in found.items()}
    least = np.median(list(confidence.values()))
    _, boxes = label(tmp_path, float(least))
    unsure = {source_id for source_id, value in confidence.items() if value < least}
    assert len(unsure) == 2
    assert {item for item in boxes.index if boxes.loc[item, "reason"] == UNSURE_LABEL} == unsure
