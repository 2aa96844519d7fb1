"""The gamut of emotions: one portrait edited with a whole grid of codes of a generator's conditional space.

The faces lie where their codes lie. In the linear space that is a disc: the direction is the emotion, the distance
from the middle its intensity. In the Gaussian space it is the square [-1, 1]^2 with a mean per class.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import decode_image
from synface.core.shards import read_shard_bytes
from synface.core.tables import read_table
from synface.faces.cut import cut_patch
from synface.faces.table import BOX, read_face_table
from synface.ganmut.checkpoint import load_generator
from synface.ganmut.inference import InferenceGenerator
from synface.judges.reading import load_judge, read_faces
from synface.report.canvas import Sheet, fit
from synface.report.style import CLASS_COLORS, INK
from synface.stages.edit import edit_patches

CELL, GAP = 80, 2
CANDIDATES = 7
# Around a disc there are labels, around a square only the note.
RIM = {"linear": 126, "gaussian": 34}


def draw_gamut(
    *,
    frames: Path | str,
    faces: Path | str,
    generator: Path | str,
    gamut: Path | str,
    figure: Path | str,
    plans: Mapping[str, Path | str],
    codes_figure: Path | str,
    judge: Mapping[str, Any] | None = None,
    steps: int = 11,
    reach: float = 1.2,
) -> None:
    """Edit one portrait with ``steps`` x ``steps`` codes and draw the results in place; over them the codes of plans.

    Args:
        frames: one shard of frames; of its most certain faces the typical one is shown, see `typical`.
        faces: the faces table of the same shard.
        generator: a GANmut generator.
        gamut: its gamut.json.
        figure: the PNG, at most 1,132 px square with 11 steps.
        plans: plan.csv of each edit by the generator.
        codes_figure: the PNG of their codes, over the same faces.
        judge: ``name``, and ``network``, ``file`` and ``sha256`` as `load_judge` takes them; its reading frames each
            face. None when nobody reads the faces.
        steps: faces per side, odd, so that one lies in the middle.
        reach: greatest intensity rho shown of a linear space; a Gaussian one is shown over [-1, 1].
    """
    space = json.loads(Path(gamut).read_text(encoding="utf-8"))
    linear = space["parametrization"] == "linear"
    reach = reach if linear else 1.0
    network = load_generator(generator)
    patches = portrait_patches(frames=frames, faces=faces, size=network.patch_size)
    inference = InferenceGenerator(network, precision="float32")

    def edit(patch: np.ndarray, codes: np.ndarray) -> np.ndarray:
        copies = [("", patch, (float(x), float(y))) for x, y in codes]
        return np.stack([face for _, face in edit_patches(copies, inference, 16, torch.device("cpu"))])

    patch = typical(patches, [edit(patch, grid_codes(2, 0.7, disc=False)) for patch in patches])
    codes = grid_codes(steps, reach, disc=linear)
    edited = edit(patch, codes)
    plain = lay_out(edited, codes, space, steps=steps, reach=reach)
    sheet = plain
    if judge is not None:
        asked = load_judge(judge["network"], judge["file"], judge["sha256"])
        read = read_faces(asked, edited).probabilities.argmax(axis=1)
        sheet = lay_out(edited, codes, space, steps=steps, reach=reach, read=read, reader=judge["name"])
    sheet.save(figure)
    facts = ["label", "code_x", "code_y"]
    planned = {name: read_table(plan, text=["label"], columns=facts)[facts] for name, plan in plans.items()}
    points = {name: list(table.itertuples(index=False)) for name, table in planned.items()}
    lay_out_codes(plain, points, scale=_scale(steps, reach)).save(codes_figure)


def portrait_patches(*, frames: Path | str, faces: Path | str, size: int, count: int = CANDIDATES) -> list[np.ndarray]:
    """Return the ``count`` most certain faces of a shard (or all, if fewer), each uint8 RGB [size, size, 3]."""
    table = read_face_table(faces, columns=["probability"])
    table = table[table["reason"] == ""].sort_values(["probability", "source_id"], ascending=[False, True]).head(count)
    if table.empty:
        raise InputError(f"{faces}: no accepted face to draw the atlas with")
    boxes = {row.source_id: [int(getattr(row, name)) for name in BOX] for row in table.itertuples()}
    found = {}
    for source_id, data in read_shard_bytes(frames):
        if source_id in boxes:
            found[source_id] = cut_patch(decode_image(data, source_id), boxes[source_id], size, size)
    for source_id in boxes:
        if source_id not in found:
            raise InputError(f"{frames}: {source_id} is listed in {faces} but not in the shard; delete both, run again")
    return [found[source_id] for source_id in boxes]


def typical(patches: list[np.ndarray], edits: list[np.ndarray]) -> np.ndarray:
    """Return the patch whose mean change is the median: a full beard hides a gamut, and the best face would flatter it.

    Args:
        patches: N times uint8 [H, W, 3].
        edits: for each patch the faces that were made of it, uint8 [codes, H, W, 3].
    """
    changes = [np.abs(faces.astype(float) - patch).mean() for patch, faces in zip(patches, edits, strict=True)]
    return patches[int(np.argsort(changes, kind="stable")[len(changes) // 2])]


def grid_codes(steps: int, reach: float, *, disc: bool) -> np.ndarray:
    """Return float32 [N, 2] codes on a regular grid over [-reach, reach]^2, for a disc only those within ``reach``."""
    line = np.linspace(-reach, reach, steps)
    codes = np.stack(np.meshgrid(line, line[::-1]), axis=-1).reshape(-1, 2)
    # Half a cell more, or only four lone faces would touch the rim.
    kept = np.hypot(*codes.T) <= reach * (1 + 0.5 / steps) if disc else np.ones(len(codes), bool)
    return codes[kept].astype(np.float32)


def lay_out(
    images: np.ndarray,
    codes: np.ndarray,
    space: Mapping,
    *,
    steps: int,
    reach: float,
    read: Sequence[int] | None = None,
    reader: str = "",
) -> Sheet:
    """Draw every face at its code (y upwards), with the distributions of the labels.

    ``read``, the place in `Emotion` that ``reader`` reads in each face, is the color of its frame.

    In the linear space these are the axes, at the rim, and the neutral face in its frame in the middle; in the Gaussian
    one the means, with ellipses at one and two standard deviations (figure 2.5 of the study).
    """
    linear = space["parametrization"] == "linear"
    side = steps * CELL + 2 * RIM[space["parametrization"]]
    middle, scale = side / 2, _scale(steps, reach)
    sheet = Sheet(side, side)
    for number, (image, (x, y)) in enumerate(zip(images, codes, strict=True)):
        left, top = round(middle + scale * x - CELL / 2), round(middle - scale * y - CELL / 2)
        sheet.place(fit(image, CELL - GAP), left, top)
        if read is not None:
            frame = (left, top, left + CELL - GAP - 1, top + CELL - GAP - 1)
            sheet.draw.rectangle(frame, outline=CLASS_COLORS[LABELS[read[number]]], width=4)
    for label in LABELS:
        place = space["classes"].get(label)
        if place is None:
            continue
        if "theta" in place:
            _mark_axis(sheet, label, place["theta"], middle, inner=scale * reach + 0.66 * CELL)
        else:
            for deviations in (1, 2):
                outline = ellipse(np.array(place["mean"]), np.array(place["covariance"]), deviations)
                points = [(middle + scale * x, middle - scale * y) for x, y in outline]
                sheet.draw.line(points, fill=CLASS_COLORS[label], width=2)
    for label, place in space["classes"].items():
        if "mean" in place:
            _mark_mean(sheet, label, middle + scale * place["mean"][0], middle - scale * place["mean"][1])
    if linear and read is None:
        # The origin of the axes is neutral, whatever the direction.
        corner = (middle - CELL / 2 - GAP, middle + CELL / 2)
        sheet.draw.rectangle((corner[0], corner[0], corner[1], corner[1]), outline=CLASS_COLORS["neutral"], width=3)
    square = "both coordinates from -1 to 1; ellipses at 1 and 2 standard deviations"
    framed = "" if read is not None else ", framed"
    note = f"neutral in the middle{framed}; rho = {reach:g} at the rim" if linear else square
    note += f"; frames: what {reader} reads" if read is not None else ""
    sheet.write(note, 12, side - 16)
    return sheet


def lay_out_codes(ground: Sheet, points: Mapping[str, Sequence[tuple[str, float, float]]], *, scale: float) -> Sheet:
    """Draw the codes of every edit over a pale half of ``ground``, two edits side by side.

    Args:
        ground: what `lay_out` drew.
        points: (label, x, y) of each face of an edit.
        scale: pixels of ``ground`` for 1 of a code.
    """
    side, head, foot = ground.image.width // 2, 28, 28
    pale = ground.image.resize((side, side), Image.Resampling.BOX)
    pale.putalpha(pale.getchannel("A").point(lambda alpha: alpha * 2 // 5))
    columns = min(2, max(1, len(points)))
    sheet = Sheet(columns * side, -(-len(points) // columns) * (side + head) + foot)
    for number, (name, codes) in enumerate(points.items()):
        left, top = number % columns * side, number // columns * (side + head) + head
        sheet.image.paste(pale, (left, top))
        sheet.write(f"{name}: {len(codes)} codes", left + side / 2, top - 12, size=15, weight="bold", anchor="mm")
        for label, x, y in codes:
            across = left + (ground.image.width / 2 + scale * x) / 2
            down = top + (ground.image.height / 2 - scale * y) / 2
            dot = (across - 4, down - 4, across + 4, down + 4)
            sheet.draw.ellipse(dot, fill=CLASS_COLORS[label], outline="white", width=1)
    for place, (label, color) in enumerate(CLASS_COLORS.items()):
        left, middle = 12 + place * 78, sheet.image.height - foot / 2
        sheet.draw.ellipse((left, middle - 4, left + 8, middle + 4), fill=color)
        sheet.write(label, left + 12, middle, size=11)
    return sheet


def _scale(steps: int, reach: float) -> float:
    """Return the pixels for 1 of a code."""
    return (steps - 1) / 2 * CELL / reach


def ellipse(mean: np.ndarray, covariance: np.ndarray, deviations: float, count: int = 72) -> np.ndarray:
    """Return the points [count + 1, 2] of an ellipse of a Gaussian, closed, at so many standard deviations."""
    angles = np.linspace(0, 2 * np.pi, count + 1)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    return mean + deviations * (np.linalg.cholesky(covariance) @ circle).T


def _mark_axis(sheet: Sheet, label: str, theta: float, middle: float, *, inner: float) -> None:
    x, y = np.cos(theta), -np.sin(theta)
    ends = [(middle + radius * x, middle + radius * y) for radius in (inner, inner + 14)]
    sheet.draw.line(ends, fill=CLASS_COLORS[label], width=5)
    anchor = ("l" if x > 0.35 else "r" if x < -0.35 else "m") + "m"
    reach = inner + 20 + 8 * abs(y)
    sheet.write(label, middle + reach * x, middle + reach * y, weight="bold", size=14, anchor=anchor)


def _mark_mean(sheet: Sheet, label: str, x: float, y: float) -> None:
    sheet.draw.ellipse((x - 7, y - 7, x + 7, y + 7), fill=CLASS_COLORS[label], outline="white", width=2)
    width = sheet.draw.textlength(label, font=None) + 26
    below = y + 19
    sheet.draw.rounded_rectangle((x - width / 2, below - 9, x + width / 2, below + 9), 4, fill="white")
    sheet.write(label, x, below, size=12, weight="bold", anchor="mm", color=INK)
