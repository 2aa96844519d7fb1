"""The frames: planned portraits upright, in RGB, at the resolution at which they are edited."""

import logging
from pathlib import Path

import pandas as pd

from synface.core.errors import InputError
from synface.core.images import decode_image
from synface.core.progress import progress
from synface.core.resize import shrink
from synface.core.shards import write_shard
from synface.core.tables import write_table
from synface.stages.planned import read_plan
from synface.stages.sources import open_source

logger = logging.getLogger(__name__)


def prepare_frames(
    *,
    images: Path | str,
    plan: Path | str,
    shard: int | str,
    frames: Path | str,
    rejects: Path | str,
    resolution: int,
) -> None:
    """Write the planned portraits of one shard as frames, and list those that cannot be read.

    Args:
        images: the folder or zip file of portraits.
        plan: plan.csv of the edit.
        shard: which of its shards.
        frames: written: the frames, lossless, in the order of the plan.
        rejects: written: source_id, reason.
        resolution: shorter side in pixels; larger portraits are scaled down, smaller ones stay as they are.
    """
    items = read_plan(plan, shard, columns=["path"])
    rejected = []
    with open_source(images) as read, write_shard(frames) as write:
        pairs = zip(items["source_id"], items["path"], strict=True)
        for source_id, path in progress(pairs, total=len(items), what="portraits"):
            try:
                portrait = decode_image(read(path), path)
            except InputError as error:
                logger.warning("%s is rejected: %s", source_id, error)
                rejected.append((source_id, str(error)))
                continue
            write(source_id, shrink(portrait, resolution))
    write_table(pd.DataFrame(rejected, columns=["source_id", "reason"]), rejects)
