"""What every stage does to a face: for each emotion, samples from weak to strong, one column per stage.

The samples are those at evenly spaced ranks of intensity among the accepted faces; nobody picked them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import decode_image
from synface.core.shards import read_shard_bytes
from synface.faces.cut import paste
from synface.faces.table import BOX, read_face_table
from synface.report.canvas import Sheet, crop_around, fit
from synface.report.style import CLASS_COLORS
from synface.stages.planned import read_plan

CELL, GAP, LEFT, TOP, BETWEEN, CAPTION = 100, 3, 96, 40, 22, 15


def draw_contact_sheet(
    *,
    plan: Path | str,
    faces: Sequence[Path | str],
    crop_boxes: Sequence[Path | str],
    stages: Mapping[str, Sequence[Path | str]],
    figure: Path | str,
    samples: int = 2,
) -> None:
    """Draw the contact sheet of a synthetic dataset as PNG; two samples of seven emotions are 1,151 px wide.

    Args:
        plan: plan.csv of its edit.
        faces: faces/{shard}.csv of the shards to draw from; one or a few are enough.
        crop_boxes: crops/{shard}.csv of the same shards; only faces accepted there are shown.
        stages: the shards per stage: frames, edited, recolored, blended, crops; recolored may be empty or absent.
        figure: the PNG.
        samples: how many faces per emotion, side by side, weakest first.
    """
    rows = choose_samples(plan=plan, faces=faces, crop_boxes=crop_boxes, samples=samples)
    wanted = set(rows["source_id"])
    images = {stage: _load(paths, wanted) for stage, paths in stages.items() if paths}
    sheet = lay_out(rows, images, samples=samples)
    sheet.save(figure)


def choose_samples(
    *, plan: Path | str, faces: Sequence[Path | str], crop_boxes: Sequence[Path | str], samples: int
) -> pd.DataFrame:
    """Return plan and face box of up to ``samples`` accepted faces per label, with their place 0, 1, ..."""
    boxes = pd.concat([read_face_table(path) for path in faces])
    crops = pd.concat([read_face_table(path) for path in crop_boxes])
    accepted = set(crops.loc[crops["reason"] == "", "source_id"])
    planned = read_plan(plan, columns=["label", "theta", "rho", "code_x", "code_y"])
    rows = planned[planned["source_id"].isin(accepted)].merge(boxes[["source_id", *BOX]], on="source_id")
    if rows.empty:
        raise InputError(f"{crop_boxes[0]}: no accepted face to show; see the reasons in its last column")
    # A Gaussian code has no rho; there the distance from the middle of the label's codes orders the samples.
    away = rows[["code_x", "code_y"]] - rows.groupby("label")[["code_x", "code_y"]].transform("mean")
    rows["strength"] = rows["rho"].astype(float).fillna(np.hypot(away["code_x"], away["code_y"]))
    rows = rows.sort_values(["strength", "source_id"])
    return pd.concat([_evenly(part, samples) for _, part in rows.groupby("label")], ignore_index=True)


def _evenly(part: pd.DataFrame, samples: int) -> pd.DataFrame:
    count = min(samples, len(part))
    # The middles of equal parts: the very weakest and strongest are often the odd ones.
    ranks = ((np.arange(count) + 0.5) * len(part) / count).astype(int)
    return part.iloc[ranks].assign(place=range(count))


def _load(paths: Sequence[Path | str], wanted: set[str]) -> dict[str, np.ndarray]:
    return {
        source_id: decode_image(data, f"{source_id} in {path}")
        for path in paths
        for source_id, data in read_shard_bytes(path)
        if source_id in wanted
    }


def lay_out(rows: pd.DataFrame, images: Mapping[str, Mapping[str, np.ndarray]], *, samples: int) -> Sheet:
    """Draw the sheet: one line per emotion, ``samples`` blocks beside each other, one column per stage."""
    titles = {"frames": "original", "edited": "edited", "recolored": "color", "blended": "blend", "crops": "crop"}
    titles = {stage: title for stage, title in titles.items() if stage in images}
    block = len(titles) * (CELL + GAP) - GAP
    labels = [label for label in LABELS if label in set(rows["label"])]
    line = CELL + CAPTION
    sheet = Sheet(LEFT + samples * block + (samples - 1) * BETWEEN + 8, TOP + len(labels) * line + 4)
    for place in range(samples):
        for column, title in enumerate(titles.values()):
            x = LEFT + place * (block + BETWEEN) + column * (CELL + GAP) + CELL / 2
            sheet.write(title, x, TOP - 14, anchor="mm")
    for number, label in enumerate(labels):
        y = TOP + number * line
        sheet.draw.rectangle((8, y, 11, y + CELL - 1), fill=CLASS_COLORS[label])
        sheet.write(label, 18, y + CELL / 2, weight="bold", size=12)
        for row in rows[rows["label"] == label].to_dict("records"):
            x = LEFT + row["place"] * (block + BETWEEN)
            for image in _stages(row, images, list(titles)):
                sheet.place(image, x, y)
                x += CELL + GAP
            sheet.write(_code(row), LEFT + row["place"] * (block + BETWEEN), y + CELL + 7, size=9)
    return sheet


def _stages(row: Mapping, images: Mapping[str, Mapping[str, np.ndarray]], stages: Sequence[str]) -> list[np.ndarray]:
    """Return the cells of one face; patches are shown pasted into their frame, as the published code leaves them."""
    key, box = row["source_id"], tuple(row[name] for name in BOX)
    frame = images["frames"][key]
    cells = []
    for stage in stages:
        if stage == "crops":
            cells.append(fit(images["crops"][key], CELL))
            continue
        image = frame if stage == "frames" else paste(frame, images[stage][key], box)
        cells.append(crop_around(image, box, context=1.35, size=CELL))
    return cells


def _code(row: Mapping) -> str:
    if np.isfinite(float(row["rho"])):
        return f"rho {row['rho']:.2f}   {row['source_id']}"
    if not np.isfinite(float(row["code_x"])):
        return row["source_id"]  # an unedited portrait
    return f"code ({row['code_x']:+.2f}, {row['code_y']:+.2f})   {row['source_id']}"
