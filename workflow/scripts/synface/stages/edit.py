"""Editing: every detected face gets the planned emotion.

As in GANmut's notebook (D'Apolito et al., 2021): the box of the face, without margin or alignment, is resized
bilinearly to the size that the generator was trained on. Boxes come clipped to the frame; values are rounded.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from synface.compute.device import choose_device
from synface.compute.precision import choose_precision
from synface.core.errors import InputError
from synface.core.progress import progress
from synface.core.shards import read_shard, write_shard
from synface.faces.cut import cut_patch
from synface.faces.table import BOX, read_face_table
from synface.ganmut.checkpoint import load_generator
from synface.ganmut.inference import InferenceGenerator
from synface.stages.planned import read_plan

Patch = tuple[str, np.ndarray, tuple[float, float]]  # source id, face, code


def edit_faces(
    *,
    frames: Path | str,
    faces: Path | str,
    plan: Path | str,
    generator: Path | str,
    edited: Path | str,
    shard: int,
    batch_size: int,
    precision: str,
    threads: int = 1,
    device: torch.device | None = None,
) -> None:
    """Edit the accepted faces of one shard and write the patches, at the generator's size, in the order of the plan.

    Args:
        frames: the shard's frames, in the order of the plan.
        faces: the shard's table of boxes; a face with a ``reason`` was rejected and is left out.
        plan: the table of codes.
        generator: a generator's file.
        edited: the shard to write.
        shard: number of the shard, as in the plan.
        batch_size: faces per pass. What a face becomes does not depend on its neighbors.
        precision: "float32", "bfloat16" for the convolutions, or "auto", the faster of the two on the device.
        threads: CPU threads.
        device: where to compute; chosen when not given.

    Raises:
        InputError: when the tables and the frames do not belong together.
    """
    device = choose_device(threads, device)
    network = load_generator(generator)
    size = network.patch_size
    network = InferenceGenerator(network, precision=choose_precision(precision, device)).to(device)
    rows = read_face_table(faces)
    codes = read_plan(plan, shard, columns=["code_x", "code_y"])
    accepted = planned_faces(codes, rows[rows["reason"] == ""], name=str(faces))
    found = crop_frames(read_shard(frames), accepted, size, name=str(frames))
    patches = edit_patches(found, network, batch_size, device)
    with write_shard(edited) as write:
        for source_id, patch in progress(patches, total=len(accepted), what="faces"):
            write(source_id, patch)


def planned_faces(plan: pd.DataFrame, faces: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return box and code of every accepted face, indexed by source id, in the order of the plan."""
    strangers = set(faces["source_id"]) - set(plan["source_id"])
    if strangers:
        raise InputError(
            f"{name}: face {min(strangers)} is not in this shard of the plan; "
            "the two come from different runs: delete the faces and run again"
        )
    joined = plan[["source_id", "code_x", "code_y"]].merge(faces, on="source_id", how="inner", validate="1:1")
    return joined.set_index("source_id")


def crop_frames(
    frames: Iterable[tuple[str, np.ndarray]], accepted: pd.DataFrame, size: int, *, name: str
) -> Iterator[Patch]:
    """Yield every accepted face as source id, patch [size, size, 3] uint8 RGB, and code.

    One frame is in memory at a time. Raises `InputError` when the frames lack a face or come in another order.
    """
    waiting = accepted[[*BOX, "code_x", "code_y"]].itertuples()
    face = next(waiting, None)
    for source_id, frame in frames:
        if face is not None and face.Index == source_id:
            patch = cut_patch(frame, (face.left, face.top, face.right, face.bottom), size, size)
            yield source_id, patch, (face.code_x, face.code_y)
            face = next(waiting, None)
    if face is not None:
        raise InputError(
            f"{name}: no frame {face.Index} at its place in the order of the plan; delete the shard and run again"
        )


def edit_patches(
    faces: Iterable[Patch],
    network: Callable[[Tensor, Tensor], Tensor],
    batch_size: int,
    device: torch.device,
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield source id and edited patch (uint8 RGB, same size) of every face, in order.

    The last batch is filled up, so that every pass runs the same kernels and no result depends on how many faces a
    shard has.
    """
    remaining = iter(faces)
    while batch := list(islice(remaining, batch_size)):
        filled = batch + [batch[-1]] * (batch_size - len(batch))
        images = np.stack([patch for _, patch, _ in filled])
        codes = torch.tensor([code for _, _, code in filled], dtype=torch.float32)
        patches = from_network(network(to_network(images).to(device), codes.to(device)))
        yield from zip([source_id for source_id, _, _ in batch], patches, strict=False)


def to_network(images: np.ndarray) -> Tensor:
    """Turn uint8 RGB [B, H, W, 3] into what GANmut was trained on: float32 BGR [B, 3, H, W] in [-1, 1]."""
    bgr = torch.from_numpy(images).flip(3).permute(0, 3, 1, 2)
    return (bgr.float() / 255 - 0.5) / 0.5


def from_network(images: Tensor) -> np.ndarray:
    """Turn float BGR [B, 3, H, W] in [-1, 1] into uint8 RGB [B, H, W, 3], rounded."""
    values = ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return values.permute(0, 2, 3, 1).flip(3).contiguous().cpu().numpy()
