"""The tables that `demo_generator.py` prints: what edits show, and what they keep."""

from collections.abc import Callable, Sequence

import numpy as np

from drawn.truth.measures import (
    agreement,
    background_differences,
    displacement,
    expressive_region,
    own_and_others,
    rises,
    share_left,
    skin_differences,
    speckles,
    verification,
)
from drawn.truth.reader import Reading
from drawn.truth.sitters import STILL, TRUE_INTENSITY, Sitter
from synface.core.emotions import LABELS, Emotion
from synface.ganmut.gamut import gamut
from synface.ganmut.generator import LinearGenerator

# Landmarks [N, 68, 2] in N pictures, uint8 RGB [S, S, 3], in pixels.
Finder = Callable[[Sequence[np.ndarray]], np.ndarray]

RHOS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.2)
STRONG = RHOS.index(1.0)
SIX = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]


def row(name: str, values: Sequence[float], digits: int = 0, note: str = "") -> str:
    """Return a line of a table: a column per emotion, a dash for neutral if it has no value, and the mean."""
    cells = [f"{value:10.{digits}f}" for value in values] + [f"{'-':>10}"] * (len(LABELS) - len(values))
    return f"{name:9}{''.join(cells)}{np.mean(values):10.{digits}f}   {note}".rstrip()


def print_recognition(edits: Reading, truths: Reading, originals: Reading) -> None:
    """Print how often, and how surely, edits are read as the intended emotion; and how strong they look."""
    people = len(originals.intensity)
    shape = (people, len(RHOS), len(LABELS))
    every = np.arange(len(LABELS))
    probability = edits.probabilities.reshape(*shape, len(LABELS))
    intended = probability[:, :, every, every]
    recognized = probability.argmax(axis=3) == every
    true = truths.probabilities.reshape(people, len(LABELS), len(LABELS))
    intensity = edits.intensity.reshape(shape)
    heading = "rho      " + "".join(f"{label:>10}" for label in (*LABELS, "mean"))
    print(f"\nRead as the intended emotion, % of {people}\n{heading}")
    for index, rho in enumerate(RHOS):
        print(row(f"{rho:.2f}", 100 * recognized[:, index].mean(axis=0)))
    print(row("original", 100 * (originals.probabilities.argmax(axis=1)[:, None] == every).mean(axis=0)))
    print(row("true", 100 * (true.argmax(axis=2) == every).mean(axis=0)))
    print(f"\nMean probability of the intended emotion\n{heading}")
    for index, rho in enumerate(RHOS):
        print(row(f"{rho:.2f}", intended[:, index].mean(axis=0), 2))
    print(row("true", true[:, every, every].mean(axis=0), 2))
    print(row("Spearman", [rises(intended[:, :, e], RHOS) for e in SIX], 2, "with rho, mean over people"))
    print(f"\nMean intensity read, in [0, 1]\n{heading}")
    for index, rho in enumerate(RHOS):
        print(row(f"{rho:.2f}", intensity[:, index].mean(axis=0), 2))
    print(row("true", truths.intensity.reshape(people, -1).mean(axis=0), 2))
    print(row("Spearman", [rises(intensity[:, :, e], RHOS) for e in SIX], 2, "with rho, mean over people"))


def print_kept(sitters: Sequence[Sitter], edits: np.ndarray, readings: dict[str, Reading]) -> None:
    """Print what an edit at rho 1 must leave alone: person, skin tone, background."""
    people = len(sitters)
    owners = np.repeat(np.arange(people), len(LABELS))
    strangers = (owners + 1) % people
    strong = readings["edits"].person.reshape(people, len(RHOS), len(LABELS), -1)[:, STRONG].reshape(len(owners), -1)
    columns = [("edited", strong, owners), ("true", readings["truths"].person, owners), ("shuffled", strong, strangers)]
    print("\nWhat is kept, at rho 1                                        " + "".join(f"{c[0]:>10}" for c in columns))
    for title, gallery in (("own original", "originals"), ("own picture elsewhere", "elsewhere")):
        found = [verification(persons, readings[gallery].person, of) for _, persons, of in columns]
        print(f"{f'person: AUC, {title} against those of others':62}" + "".join(f"{auc:10.3f}" for auc, _ in found))
        print(f"{f'person: nearest of {people} is the {title}, %':62}" + "".join(f"{100 * s:10.0f}" for _, s in found))
    originals = np.stack([sitter.original.image for sitter in sitters])
    true = np.stack([[truth.image for truth in sitter.truths] for sitter in sitters])
    skins, still = ([getattr(sitter, part) for sitter in sitters] for part in ("skin", "background"))
    tables = {
        "skin: CIEDE2000 of the mean color to the original's": (skin_differences, skins),
        f"background ({100 * np.mean(still):.0f} % of the picture): mean difference, 0..255": (
            background_differences,
            still,
        ),
    }
    for title, (differences, where) in tables.items():
        own, others = own_and_others(differences(edits[:, STRONG], originals, where))
        ideal, _ = own_and_others(differences(true, originals, where))
        print(f"{title:62}{own:10.2f}{ideal:10.2f}{others:10.2f}")


def print_nearness(sitters: Sequence[Sitter], edits: np.ndarray) -> None:
    """Print how near edits at rho 1 come to the true drawings around brows, eyes and mouth."""
    print(f"\nBrows, eyes and mouth at rho 1 beside the true drawing (intensity {TRUE_INTENSITY})")
    print("         " + "".join(f"{label:>10}" for label in (*LABELS, "mean")))
    distances, cosines, others = [], [], []
    for aim in SIX:
        left, changes = [], {shown: [] for shown in SIX}
        for sitter, own in zip(sitters, edits.astype(int), strict=True):
            original, rest, truth = (
                picture.image.astype(int)
                for picture in (sitter.original, sitter.truths[Emotion.NEUTRAL], sitter.truths[aim])
            )
            region = expressive_region([sitter.original, sitter.truths[aim]])
            left.append(((own[STRONG, aim] - truth)[region], (original - truth)[region]))
            for shown in SIX:
                region = expressive_region([sitter.truths[Emotion.NEUTRAL], sitter.truths[shown]])
                made, drawn = own[STRONG, aim] - own[0, aim], sitter.truths[shown].image - rest
                changes[shown].append((made[region], drawn[region]))
        distances.append(share_left(left))
        found = {shown: agreement(pairs) for shown, pairs in changes.items()}
        cosines.append(found.pop(aim))
        others.append(np.mean(list(found.values())))
    print(row("distance", distances, 2, "of the edits, over that of the originals"))
    print(row("cosine", cosines, 2, "of what rho changes with what the emotion changes"))
    print(row("others", others, 2, "with what the other emotions change"))


def print_displacements(sitters: Sequence[Sitter], edits: np.ndarray, finder: Finder) -> None:
    """Print how far landmarks move towards the true drawing at rho 1, and how fine changes are elsewhere.

    ``finder`` finds them in edits and true drawings alike, so that what it fails to see counts on neither side; how
    much it sees of what is known to move is printed last.
    """
    originals = finder([sitter.original.image for sitter in sitters])
    known = np.stack([sitter.original.landmarks for sitter in sitters])
    aims = {e: finder([sitter.truths[e].image for sitter in sitters]) - originals for e in SIX}
    heading = "rho      " + "".join(f"{LABELS[emotion]:>10}" for emotion in SIX) + f"{'mean':>10}"
    print(f"\nLandmarks of brows, lids and mouth: displacement along that of the true drawing at rho 1, %\n{heading}")
    for index, rho in enumerate(RHOS):
        moved = {emotion: finder(list(edits[:, index, emotion])) - originals for emotion in SIX}
        print(_plain(f"{rho:.2f}", [100 * displacement(moved[emotion], aims[emotion]) for emotion in SIX]))
    for rho in (rho for rho in RHOS if rho <= 1):
        moved = {e: finder([sitter.at(e, rho).image for sitter in sitters]) - originals for e in SIX}
        print(_plain(f"true {rho:.2f}", [100 * displacement(moved[e], aims[e]) for e in SIX]))
    truths = {e: np.stack([sitter.truths[e].landmarks for sitter in sitters]) - known for e in SIX}
    print(_plain("seen", [100 * displacement(aims[e], truths[e]) for e in SIX]) + "   of what is known to move")
    print(f"\nFine changes where the true edit changes nothing, of 255\n{heading}")
    values = []
    for emotion in SIX:
        each = []
        for sitter, own in zip(sitters, edits[:, STRONG], strict=True):
            original = sitter.original.image
            still = np.abs(sitter.truths[emotion].image.astype(int) - original).max(axis=2) <= STILL
            each.append(speckles(own[emotion], original, still))
        values.append(float(np.mean(each)))
    print(_plain("1.00", values, 2))


def _plain(name: str, values: Sequence[float], digits: int = 0) -> str:
    return f"{name:9}" + "".join(f"{value:10.{digits}f}" for value in [*values, float(np.mean(values))])


def print_axes(generator: LinearGenerator) -> None:
    """Print the direction of each emotion and the smallest angle between two neighbors."""
    angles = {label: np.degrees(found["theta"]) for label, found in gamut(generator)["classes"].items()}
    order = sorted(angles, key=angles.get)
    gaps = [(angles[after] - angles[before]) % 360 for before, after in zip(order, order[1:] + order[:1], strict=True)]
    print("\nAxes, degrees: " + ", ".join(f"{label} {angles[label]:.0f}" for label in order))
    nearest = int(np.argmin(gaps))
    print(f"Smallest angle: {gaps[nearest]:.1f} ({order[nearest]}, {order[(nearest + 1) % len(order)]}); evenly: 60")
