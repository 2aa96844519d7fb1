"""Which color transfer, which blending? Every one with every other, on drawn faces and on your own portraits.

    python benchmarks/adaptation.py [--faces 24] [--portraits FOLDER] [--generator FILE] [--to FOLDER]

Drawn faces: true edits in another light, with and without a smear, of which the right result is known to the pixel; and
edits of a generator, by default the demo's. Portraits of yours: the untouched face in another light (harmonization's
own test, as FFHQH), the same with a smear, and the generator's edits. Writes cases.csv, table.csv, ranking.csv and
contact sheets; prints the tables. Minutes on one core.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.truth.stages import draw_pair, drawn_box, patch_of
from synface.adaptation.ablation import SHIPPED, measure_cases, rank, summarize
from synface.adaptation.cases import INTENSITIES, Case, cast, planted_cases, smear
from synface.adaptation.sheet import draw_ways
from synface.core.errors import InputError
from synface.core.images import SUFFIXES, read_image
from synface.core.progress import progress
from synface.core.resize import shrink
from synface.core.tables import write_table
from synface.faces.cut import cut_patch
from synface.faces.detector import Detector, load_detector
from synface.faces.table import Face
from synface.ganmut.checkpoint import load_generator
from synface.ganmut.generator import LinearGenerator
from synface.settings.edit import Detect
from synface.settings.keys import plain
from synface.stages.detect import edited_face
from synface.stages.edit import edit_patches

RHOS = (0.6, 1.2)
FRAMING = "mtcnn-square"  # of portraits
RESOLUTION = 256  # of a frame, as the workflow has it
SHOWN = [
    "color",
    "blend",
    "rank",
    "score",
    "behind",
    "ranks",
    "best",
    "skin",
    "around",
    "seam",
    "truth_skin",
    "psnr",
    "fmse",
]
SHOWN += ["clipped", "landmarks", "auc", "network_auc", "images_per_second"]


def drawn_portraits(count: int) -> Iterator[tuple[str, np.ndarray, Face]]:
    """Yield drawn portraits with their faces."""
    for number in range(count):
        original, _ = draw_pair(number)
        yield f"drawn-{number}", original.image, drawn_box(original)


def found_portraits(folder: Path, count: int, detector: Detector) -> Iterator[tuple[str, np.ndarray, Face]]:
    """Yield the first portraits of a folder in which a face is found, as the workflow finds it."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise InputError(f"--portraits {folder}: no picture there; expected a folder of {', '.join(sorted(SUFFIXES))}")
    for path in paths:
        if not count:
            return
        frame = shrink(read_image(path), RESOLUTION)
        face = edited_face(detector.detect([frame])[0], *frame.shape[:2], **plain(Detect()), framing=FRAMING)
        if not isinstance(face, str):
            count -= 1
            # As a table of faces keeps it.
            yield path.stem, frame, Face(tuple(int(edge) for edge in face.box), face.probability, face.landmarks)


def true_cases(count: int) -> Iterator[Case]:
    """Yield true edits of drawn faces in another light, with and without a smear."""
    for number in range(count):
        item = f"drawn-{number}"
        original, true = draw_pair(number)
        face = drawn_box(original)
        patch = patch_of(true.image, face)
        for intensity in INTENSITIES:
            yield Case(item, "true edit", intensity, original.image, face, cast(patch, intensity, item), true.image)
        smeared, wrong = smear(cast(patch, 0.5, item), item, original.image, face)
        yield Case(item, "true edit and smear", 0.5, original.image, face, smeared, true.image, wrong)


def generated_cases(portraits: list[tuple[str, np.ndarray, Face]], generator: LinearGenerator) -> Iterator[Case]:
    """Yield the generator's edits, to the emotions in turn."""
    for number, (source_id, frame, face) in enumerate(portraits):
        patch = cut_patch(frame, face.box, generator.patch_size, generator.patch_size)
        codes = [generator.class_codes(rho)[number % 6].tolist() for rho in RHOS]
        edited = edit_patches([("", patch, tuple(code)) for code in codes], generator, 1, torch.device("cpu"))
        for rho, (_, image) in zip(RHOS, edited, strict=True):
            yield Case(source_id, "generator", rho, frame, face, image)


def report(name: str, cases: list[Case], detector: Detector, folder: Path) -> None:
    """Measure, write and print."""
    stream = progress(cases, total=len(cases), what=f"edits of {name}")
    rows, seams = measure_cases(stream, detector=detector)
    table, ranking = summarize(rows, seams), rank(rows)
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    for kind, frame in (("cases", rows), ("table", table), ("ranking", ranking)):
        write_table(frame.round(4), folder / f"{kind}.csv")
    for edit in ranking["edit"].unique():
        of_edit = [case for case in cases if case.edit == edit]
        draw_ways(of_edit[len(of_edit) // 2]).save(folder / f"{edit.replace(' ', '-')}.png")
    means = table.drop(columns=["intensity", "faces"]).groupby(["edit", "color", "blend"], sort=False).mean()
    shown = ranking.merge(means.reset_index(), on=["edit", "color", "blend"])
    shown["behind"] = [f"{low:+.2f} to {high:+.2f}" for low, high in shown[["behind_low", "behind_high"]].to_numpy()]
    shown["ranks"] = [f"{low} to {high}" for low, high in shown[["rank_low", "rank_high"]].to_numpy()]
    for area in ("auc", "network_auc"):
        ends = shown[[area, f"{area}_low", f"{area}_high"]].to_numpy()
        shown[area] = [f"{a:.2f} ({b:.2f}-{c:.2f})" for a, b, c in ends]
    for edit, part in shown.groupby("edit", sort=False):
        faces = len({case.source_id for case in cases if case.edit == edit})
        print(f"\n{name}, {edit}, {faces} faces, ranked by {part['by'].iloc[0]}; shipped: {' and '.join(SHIPPED)}")
        columns = [column for column in SHOWN if column in part and part[column].notna().any()]
        with pd.option_context("display.width", 250, "display.max_columns", None, "display.max_rows", None):
            print(part[columns].round(3).to_string(index=False))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[1]
    parser.add_argument("--faces", type=int, default=24, help="drawn faces, and as many portraits; at least 5")
    parser.add_argument("--portraits", type=Path, help="a folder of portraits")
    parser.add_argument(
        "--generator", type=Path, default=root / "resources/demo/ganmut.safetensors", help="a linear generator"
    )
    parser.add_argument("--to", type=Path, default=root / "results/ablation", help="where tables and sheets go")
    options = parser.parse_args()
    if options.faces < 5:
        parser.error(f"--faces is {options.faces}; expected at least 5: the seam detector is tested on other faces")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        generator = load_generator(options.generator)
        if not isinstance(generator, LinearGenerator):
            raise InputError(
                f"{options.generator}: a Gaussian generator; expected a linear one, whose rho is intensity"
            )
        detector = load_detector(min_face=Detect.min_face)
        drawn = list(drawn_portraits(options.faces))
        cases = [*true_cases(options.faces), *generated_cases(drawn, generator)]
        report("drawn", cases, detector, options.to)
        if options.portraits:
            portraits = list(found_portraits(options.portraits, options.faces, detector))
            if len(portraits) < 5:
                raise InputError(f"--portraits {options.portraits}: {len(portraits)} faces found; expected at least 5")
            planted = [case for portrait in portraits for case in planted_cases(*portrait)]
            report("portraits", [*planted, *generated_cases(portraits, generator)], detector, options.to)
    except InputError as error:
        sys.exit(str(error))
    print(f"\nTables and contact sheets: {options.to}")


if __name__ == "__main__":
    main()
