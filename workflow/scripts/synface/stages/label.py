"""Pseudo-labels: what a trained model says of portraits that nobody edited, in the place of a plan's labels."""

import logging
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from synface.compute.device import choose_device
from synface.core.emotions import LABELS
from synface.core.progress import progress
from synface.core.shards import read_shard
from synface.core.tables import write_table
from synface.faces.table import read_face_table
from synface.poster.loading import load_poster
from synface.poster.predict import probabilities
from synface.poster.preprocessing import resize
from synface.stages.crop import COLUMNS
from synface.stages.planned import read_plan

logger = logging.getLogger(__name__)

UNSURE_LABEL = "label not sure enough"
_CODES = ["theta", "rho", "code_x", "code_y"]


def label_portraits(
    *,
    plan: Path | str,
    crops: Iterable[Path | str],
    boxes: Iterable[Path | str],
    model: Path | str,
    labelled_plan: Path | str,
    labelled_boxes: Path | str,
    min_confidence: float,
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Give every face the label that ``model`` finds the most probable.

    Args:
        plan: the edit's plan.csv, whose portraits these are; its own labels and codes are not used.
        crops: the shards of unedited faces.
        boxes: their tables.
        model: a trained POSTER.
        labelled_plan: written: the plan with the new labels and without codes. What has no face keeps its old label,
            and its reason.
        labelled_boxes: written: the tables of all shards as one; a label below ``min_confidence`` is a reject.
        min_confidence: least probability of a label.
        threads: CPU threads.
        device: where to compute; by default the GPU if there is one.
    """
    device = choose_device(threads, device)
    network = load_poster(model).to(device=device, memory_format=torch.channels_last)
    labels: dict[str, str] = {}
    unsure = set()
    for shard in progress(list(crops), what="shards"):
        for source_id, image in read_shard(shard):
            face = resize(image, network.config["input_size"]).transpose(2, 0, 1)[None]
            (found,) = probabilities(network, torch.from_numpy(np.ascontiguousarray(face)).to(device)).cpu().numpy()
            labels[source_id] = LABELS[int(found.argmax())]
            if found.max() < min_confidence:
                unsure.add(source_id)
    planned = read_plan(plan, columns=["split", "label", *_CODES])
    planned["label"] = [labels.get(*pair) for pair in zip(planned["source_id"], planned["label"], strict=True)]
    planned[_CODES] = np.nan
    table = pd.concat([read_face_table(path, COLUMNS) for path in boxes], ignore_index=True)
    rejected = table["source_id"].isin(unsure) & (table["reason"] == "")
    table["reason"] = table["reason"].mask(rejected, UNSURE_LABEL)
    logger.info("labels: %s; %d of them not sure enough", dict(Counter(labels.values())), len(unsure))
    write_table(planned, labelled_plan)
    write_table(table, labelled_boxes)
