"""How much true edits of drawn people smear and speckle: the limits of `synface.report.blemishes` for generators.

    python benchmarks/blemishes.py [--people 200] [--generator FILE]

Half of the people smile in the original, as in portraits of the web; they get every emotion at full intensity. With a
linear generator, its edits of the first 40 people are held against the limits. A minute and a half on one core.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.truth.sitters import Sitter, draw_sitters
from drawn.truth.stages import five_points
from synface.core.emotions import LABELS
from synface.core.progress import progress
from synface.faces.table import Face
from synface.ganmut.checkpoint import load_generator
from synface.ganmut.inference import InferenceGenerator
from synface.report.blemishes import SMEAR_LIMITS, SPECKLE_LIMIT
from synface.stages.blemishes import SIZE, blemishes_of, change_of, spread_in
from synface.stages.edit import edit_patches

EXCEEDED = 0.01  # by this part of the true edits
EDITED = 40  # people
RHOS = (0.0, 0.5, 1.0)


def measured(sitter: Sitter, edits: Sequence[np.ndarray]) -> list[tuple[float, float]]:
    """Return smear and speckle of each of a sitter's edits."""
    face = Face((0, 0, SIZE, SIZE), 1.0, five_points(sitter.original))
    return [blemishes_of(sitter.original.image, edit, spread_in(face)) for edit in edits]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--generator", type=Path, help="a linear generator")
    options = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    sitters, found = [], []
    people = draw_sitters(options.people, SIZE, smiling=0.5)
    for sitter in progress(people, total=options.people, what="people"):
        sitters += [sitter] if len(sitters) < EDITED else []
        found.append(measured(sitter, [truth.image for truth in sitter.truths]))
    smears, speckles = np.moveaxis(np.array(found), 2, 0)
    print(f"True edits of {options.people} people, L*: what {100 * EXCEEDED:g} % of them exceed, and the median")
    for label, values in zip(LABELS, smears.T, strict=True):
        print(f"  smear of {label}: {np.quantile(values, 1 - EXCEEDED):.1f} ({np.median(values):.1f})")
    print(f"  speckle: {np.nanquantile(speckles, 1 - EXCEEDED):.2f} ({np.nanmedian(speckles):.2f})")
    if not options.generator:
        return
    generator = load_generator(options.generator)
    network = InferenceGenerator(generator, precision="float32")
    for rho in RHOS:
        codes = generator.class_codes(rho).detach().tolist()
        faces = [("", sitter.original.image, tuple(code)) for sitter in sitters for code in codes]
        patches = [patch for _, patch in edit_patches(faces, network, 8, torch.device("cpu"))]
        own = [patches[k : k + len(LABELS)] for k in range(0, len(patches), len(LABELS))]
        smears, speckles = np.moveaxis(np.array([measured(*each) for each in zip(sitters, own, strict=True)]), 2, 0)
        beyond = smears > [SMEAR_LIMITS[label] for label in LABELS]
        change = np.mean([change_of(s.original.image, edits[0]) for s, edits in zip(sitters, own, strict=True)])
        print(
            f"{options.generator.name} at rho {rho:g}: {100 * beyond.mean():.1f} % smear and "
            f"{100 * (speckles > SPECKLE_LIMIT).mean():.1f} % speckle beyond; CIEDE2000 of surprise {change:.2f}"
        )


if __name__ == "__main__":
    main()
