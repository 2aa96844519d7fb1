"""How good a linear generator edits drawn faces, of which everything is known: expression, person, skin, background.

    python benchmarks/demo_generator.py [--generator FILE] [--people 40] [--csv FILE] [--figure FILE]

People that no network has seen, framed as the editor sees them, are edited to all seven emotions at rising rho. A small
network reads the edits (see `truth.reader`): trained on drawn faces alone, its accuracy on others is printed first, for
the rest means no more than that. Beside every number stands a control: the true drawing of the same person with the
intended emotion, the unedited original, or another person in place of the right one. Minutes on one core.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.truth.labelled import draw_labelled
from drawn.truth.reader import Reading, read, train_reader
from drawn.truth.sitters import Picture, Sitter, draw_sitters
from drawn.truth.tables import (
    RHOS,
    STRONG,
    Finder,
    print_axes,
    print_displacements,
    print_kept,
    print_nearness,
    print_recognition,
)
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.ganmut.checkpoint import load_generator
from synface.ganmut.generator import LinearGenerator
from synface.ganmut.inference import PRECISIONS, InferenceGenerator
from synface.poster.loading import LANDMARKS_KEY, read_weights
from synface.poster.mobilefacenet import MobileFaceNet
from synface.poster.preprocessing import halve, normalize
from synface.stages.edit import edit_patches

DEMO = Path(__file__).resolve().parents[1] / "resources" / "demo"
TRAINING_SEED, HELD_OUT_SEED = 7042, 7043
HELD_OUT_FACES = 700
NEEDED = 0.95  # of the held-out faces read right, or the reader's word counts little
LOWEST_INTENSITY = 0.45  # of the faces that the demo's generator was trained on


def edit(sitters: Sequence[Sitter], generator: LinearGenerator, precision: str) -> np.ndarray:
    """Edit every sitter through the editing stage's own functions: uint8 RGB [people, rho, emotion, S, S, 3]."""
    codes = torch.stack([generator.class_codes(rho) for rho in RHOS]).detach().flatten(0, 1).tolist()
    network = InferenceGenerator(generator, precision=precision)
    faces = [("", sitter.original.image, tuple(code)) for sitter in sitters for code in codes]
    patches = [patch for _, patch in edit_patches(faces, network, 8, torch.device("cpu"))]
    return np.stack(patches).reshape(len(sitters), len(RHOS), len(LABELS), *patches[0].shape)


def shipped_finder() -> Finder:
    """Return the demo's landmark network, which has seen neither these people nor any edit."""
    state, facts = read_weights(DEMO / "mobilefacenet.safetensors", LANDMARKS_KEY, marks=())
    network = MobileFaceNet(facts["settings"]["width"]).eval()
    network.load_state_dict(state)

    @torch.inference_mode()
    def find(images: Sequence[np.ndarray]) -> np.ndarray:
        size = len(images[0])
        pixels = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
        parts = [network.landmarks(normalize(halve(part), "rgb")) for part in pixels.split(64)]
        # Fractions of the side, from the edge of the first pixel.
        return torch.cat(parts).view(-1, 68, 2).numpy() * size - 0.5

    return find


def write_csv(path: Path, sitters: Sequence[Sitter], edits: Reading) -> None:
    """Write one row per edit: who became what, how strongly, and how it was read."""
    keys = [(p, rho, label) for p in range(len(sitters)) for rho in RHOS for label in LABELS]
    table = pd.DataFrame(keys, columns=["person", "rho", "intended"])
    table["original"] = [sitters[person].emotion.label for person in table["person"]]
    table["read"] = [LABELS[index] for index in edits.probabilities.argmax(axis=1)]
    table["intensity"] = edits.intensity
    table[list(LABELS)] = edits.probabilities
    table.round(4).to_csv(path, index=False)


def write_figure(path: Path, sitters: Sequence[Sitter], edits: np.ndarray, people: int = 6) -> None:
    """Draw, per person: the original and its edits at rho 1, and below them the original and its true edits."""
    rows = []
    for sitter, own in zip(sitters[:people], edits, strict=False):
        rows.append(np.hstack([sitter.original.image, *own[STRONG]]))
        rows.append(np.hstack([sitter.original.image, *(truth.image for truth in sitter.truths)]))
    sheet = np.vstack(rows)
    factor = max(1, round(128 / sitters[0].original.image.shape[0]))
    sheet = cv2.resize(sheet, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(path), sheet[:, :, ::-1])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--generator", type=Path, default=DEMO / "ganmut.safetensors", help="a linear generator; by default the demo's"
    )
    parser.add_argument("--people", type=int, default=40, help="people to edit, at least 2")
    parser.add_argument("--training-faces", type=int, default=3000, help="drawn faces that the reader learns from")
    parser.add_argument("--precision", choices=PRECISIONS, default="float32", help="of the edits")
    parser.add_argument("--csv", type=Path, help="write one row per edit")
    parser.add_argument("--figure", type=Path, help="write a picture of edits and, below them, of true edits")
    options = parser.parse_args()
    if options.people < 2:
        parser.error(f"--people is {options.people}; expected at least 2, since each is compared with others")
    sys.stdout.reconfigure(line_buffering=True)
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        generator = load_generator(options.generator)
    except InputError as error:
        sys.exit(str(error))
    if not isinstance(generator, LinearGenerator):
        sys.exit(f"{options.generator}: a Gaussian generator; expected a linear one, whose rho is the intensity")
    size = generator.image_size
    print(
        f"{options.generator.name}: linear, {size} px, {generator.channels} channels, {generator.blocks} blocks; "
        f"edits of {options.people} people that it was not trained on"
    )

    start = time.process_time()
    reader = train_reader(draw_labelled(options.training_faces, size, seed=TRAINING_SEED, lowest=0.3))
    held_out = draw_labelled(HELD_OUT_FACES, size, seed=HELD_OUT_SEED, lowest=LOWEST_INTENSITY)
    found = read(reader, held_out.pictures)
    right = found.probabilities.argmax(axis=1) == held_out.emotion
    each = ", ".join(f"{label} {100 * right[held_out.emotion == k].mean():.0f}" for k, label in enumerate(LABELS))
    strengths = np.corrcoef(found.intensity, held_out.intensity)[0, 1]
    print(
        f"Reader: {options.training_faces} drawn faces in {time.process_time() - start:.0f} s of processor time. On "
        f"{len(right)} others (intensity {LOWEST_INTENSITY} to 1): {100 * right.mean():.1f} % right ({each}); "
        f"intensity: correlation {strengths:.2f}"
    )
    if right.mean() < NEEDED:
        print(f"That is below {100 * NEEDED:.0f} %: what follows means little; give more --training-faces")

    sitters = list(draw_sitters(options.people, size))
    edits = edit(sitters, generator, options.precision)
    pictures = {
        "edits": [
            Picture(image, s.original.landmarks)
            for s, own in zip(sitters, edits, strict=True)
            for image in own.reshape(-1, *own.shape[2:])
        ],
        "truths": [truth for sitter in sitters for truth in sitter.truths],
        "originals": [sitter.original for sitter in sitters],
        "elsewhere": [sitter.elsewhere for sitter in sitters],
    }
    readings = {name: read(reader, seen) for name, seen in pictures.items()}
    print_recognition(readings["edits"], readings["truths"], readings["originals"])
    print_kept(sitters, edits, readings)
    print_nearness(sitters, edits)
    print_displacements(sitters, edits, shipped_finder())
    print_axes(generator)
    if options.csv:
        write_csv(options.csv, sitters, readings["edits"])
    if options.figure:
        write_figure(options.figure, sitters, edits)


if __name__ == "__main__":
    main()
