"""How fast synface computes beside the usual or published way: `make bench`.

    python benchmarks/speed.py [WHAT ...] [--device cuda] [--threads 1] [--rounds 5] [--toy] [--to FOLDER]

WHAT is any of editing, prediction, step, augmentation, detection, match, color; all of them if none is given. All ways
of one comparison take turns in one run, with the same batch, threads and device. Read the ratio of CPU time where other
work runs on the machine, that of wall time on a GPU. --toy is small enough for a test of the script itself.

A way is timed as its stage runs it, from images in memory to results in memory. The first way is: editing, the
published network in float32 (normalization with its running statistics); prediction and step, POSTER in contiguous
float32 with a plain SAM loop, the frozen landmark network in both passes; augmentation, the published transforms on
whole images; detection, facenet-pytorch's MTCNN(); match, an integer program; color, OpenCV's conversion in float32.
"""

import argparse
import copy
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

import cv2
import numpy as np
import pandas as pd
import pulp
import torch
from facenet_pytorch import MTCNN
from measuring import Comparison, describe_machine, measure, show, write
from torch import Tensor, nn

from drawn.face import draw_face, sample_face
from synface.compute.device import choose_device
from synface.core.counts import CELLS
from synface.core.emotions import Emotion
from synface.core.lab import to_lab
from synface.faces.boxes import overlap
from synface.faces.detector import load_detector
from synface.ganmut.generator import InstanceNorm, LinearGenerator
from synface.ganmut.inference import PRECISIONS, InferenceGenerator
from synface.poster.augment import erase, flip_and_add_noise, plan_epoch
from synface.poster.inference import rearrange
from synface.poster.loss import published_loss
from synface.poster.model import Poster
from synface.poster.predict import probabilities
from synface.poster.preprocessing import STEP, normalize
from synface.poster.trainer import Trainer
from synface.settings.model import AdditiveNoise, PosterTraining, RandomErasing
from synface.stages.edit import edit_patches, from_network, to_network
from synface.stages.match import choose_best
from synface.training.sam import SAM


class PublishedNorm(nn.InstanceNorm2d):
    """As published: statistics of the image, running statistics updated at every call."""

    def forward(self, images: Tensor) -> Tensor:
        """Normalize [B, C, H, W]."""
        return nn.InstanceNorm2d.forward(self, images)


def editing(device: torch.device, toy: bool) -> Comparison:
    """Faces through GANmut's generator, from uint8 to uint8."""
    torch.manual_seed(1)
    generator = LinearGenerator(**({"channels": 32, "blocks": 1, "image_size": 32} if toy else {})).eval()
    plain = copy.deepcopy(generator)
    for module in plain.modules():
        if isinstance(module, InstanceNorm):
            module.__class__ = PublishedNorm
    plain.train().to(device)
    count, size = 4 if toy else 16, generator.image_size
    random = np.random.default_rng(1)
    coarse = torch.from_numpy(random.uniform(0, 255, (count, 3, 8, 8)).astype(np.float32))
    smooth = nn.functional.interpolate(coarse, size=(size, size), mode="bicubic").clamp(0, 255).to(torch.uint8)
    images = smooth.permute(0, 2, 3, 1).contiguous().numpy()
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    codes = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    faces = [
        (str(item), image, tuple(map(float, code)))
        for item, (image, code) in enumerate(zip(images, codes, strict=True))
    ]

    @torch.no_grad()
    def published() -> np.ndarray:
        return from_network(plain(to_network(images).to(device), torch.from_numpy(codes).to(device)))

    @torch.no_grad()
    def one_by_one() -> np.ndarray:
        pairs = zip(images, torch.from_numpy(codes).to(device), strict=True)
        return np.stack(
            [from_network(plain(to_network(image[None]).to(device), code[None]))[0] for image, code in pairs]
        )

    def ours(precision: str) -> Callable[[], np.ndarray]:
        network = InferenceGenerator(generator, precision=precision).to(device)
        return lambda: np.stack([patch for _, patch in edit_patches(faces, network, count, device)])

    def difference(found: np.ndarray, wanted: np.ndarray) -> str:
        error = np.mean((found.astype(float) - wanted) ** 2)
        return f"PSNR {10 * np.log10(255**2 / error):.1f} dB" if error else "identical"

    ways = {"published": published, "published, single": one_by_one}
    ways |= {precision: ours(precision) for precision in PRECISIONS}
    return Comparison("editing", count, "faces", ways, difference)


def prediction(device: torch.device, toy: bool) -> Comparison:
    """Images through POSTER-large, from uint8 to probabilities."""
    images = _images(4 if toy else 16, 64 if toy else 224, device)
    plain = _poster(toy, images.shape[-1]).eval().to(device)
    ours = rearrange(_poster(toy, images.shape[-1])).to(device, memory_format=torch.channels_last)

    @torch.no_grad()
    def published() -> Tensor:
        return plain(normalize(images)).double().softmax(dim=1)

    return Comparison(
        "prediction",
        len(images),
        "images",
        {
            "plain": published,
            "float32": lambda: probabilities(ours, images),
            "bfloat16": lambda: probabilities(ours, images, precision="bfloat16"),
        },
        lambda found, wanted: f"probabilities differ by {(found - wanted).abs().max():.1e}",
    )


def step(device: torch.device, toy: bool) -> Comparison:
    """One step of POSTER-large with SAM, without augmentation."""
    images = _images(4 if toy else 8, 64 if toy else 224, device)
    labels = torch.arange(len(images), device=device) % 7

    def plain() -> Callable[[], float]:
        model = _poster(toy, images.shape[-1]).to(device)
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        sam = SAM(torch.optim.Adam(parameters, lr=PosterTraining.lr), rho=PosterTraining.sam_rho)

        def take() -> float:
            inputs = normalize(images)
            loss = published_loss(model(inputs), labels, PosterTraining.label_smoothing)
            loss.backward()
            sam.ascend()
            published_loss(model(inputs), labels, PosterTraining.label_smoothing).backward()
            sam.descend()
            return loss.item()

        return take

    def ours(precision: str) -> Callable[[], float]:
        settings = PosterTraining(
            precision=precision, horizontal_flip=0.0, random_erasing=RandomErasing(probability=0.0)
        )
        trainer = Trainer.build(_poster(toy, images.shape[-1]), settings, device)
        rows = images[..., ::STEP, :].contiguous()  # as `load_images` keeps them
        plan = plan_epoch(len(images), size=images.shape[-1], settings=settings, seed=0, epoch=0)
        plan = plan.of(torch.arange(len(images), device=device))
        return lambda: trainer.step(rows, labels, plan, seed=0, item="0")[0].item() / len(images)

    return Comparison(
        "step",
        len(images),
        "images",
        {"plain": plain(), "float32": ours("float32"), "bfloat16": ours("bfloat16")},
        lambda found, wanted: f"loss {found:.4f}, {wanted:.4f} the plain way",
    )


def augmentation(device: torch.device, toy: bool) -> Comparison:
    """Mirroring, noise, normalization and erasing of a batch."""
    size = 64 if toy else 224
    images = _images(8 if toy else 64, size, device)
    rows = images[..., ::STEP, :].contiguous()
    settings = PosterTraining(additive_noise=AdditiveNoise(probability=0.25))
    plan = plan_epoch(len(images), size=size, settings=settings, seed=0, epoch=0)
    plan = plan.of(torch.arange(len(images), device=device))

    def whole() -> Tensor:
        mirrored = torch.where(plan.flip.view(-1, 1, 1, 1), images.flip(-1), images).float()
        generator = torch.Generator(device).manual_seed(0)
        noise = torch.randn(len(images), 3, 100, 100, generator=generator, device=device) * 30**0.5
        noise = nn.functional.interpolate(noise, size=(size, size), mode="bilinear", antialias=True)
        noisy = torch.where(plan.noise.view(-1, 1, 1, 1), (mirrored + noise).round().clamp(0, 255), mirrored)
        inputs = normalize(noisy)
        for image, (left, top, right, bottom) in zip(inputs, plan.box.tolist(), strict=True):
            image[:, top:bottom, left:right] = 0
        return inputs[..., ::STEP, ::STEP]

    def seen() -> Tensor:
        generator = torch.Generator(device).manual_seed(0)
        return erase(normalize(flip_and_add_noise(rows, plan, variance=30.0, generator=generator)), plan.box)

    return Comparison("augmentation", len(images), "images", {"whole images": whole, "what is seen": seen}, _largest)


def detection(device: torch.device, toy: bool) -> Comparison:
    """The largest face of drawn portraits of 256 pixels. That ours skips faces below a fifth of the side is apart."""
    portraits = [
        draw_face(sample_face(1, str(item), emotion=Emotion(item % 7), intensity=0.7, domain="portraits"), 256).image
        for item in range(2 if toy else 12)
    ]
    published, large = MTCNN(device=device), MTCNN(min_face_size=round(0.2 * 256), device=device)
    ours = load_detector(min_face=0.2, device=device)

    def difference(found: list, wanted: list) -> str:
        shares = [overlap(a, b) for a, b in zip(found, wanted, strict=True)]
        return f"IoU at least {min(shares):.4f}"

    return Comparison(
        "detection",
        len(portraits),
        "portraits",
        {
            "MTCNN()": lambda: [published.detect(portrait)[0][0] for portrait in portraits],
            "MTCNN(51 pixels)": lambda: [large.detect(portrait)[0][0] for portrait in portraits],
            "ours": lambda: [faces[0].box for faces in (ours.detect([one])[0] for one in portraits)],
        },
        difference,
    )


def match(_device: torch.device, toy: bool) -> Comparison:
    """15,339 of 120,000 faces; the integer program on a hundredth of them, since CBC takes minutes (its time: wall)."""
    random = np.random.default_rng(0)
    count = 12_000 if toy else 120_000
    table = pd.DataFrame(
        {"source_id": [f"{item:06d}" for item in range(count)], "overlap": random.uniform(0.5, 1, count)}
    )
    table["probability"] = random.uniform(0.9, 1, count).round(4)
    table[["split", "label"]] = [CELLS[cell] for cell in random.integers(0, len(CELLS), count)]
    needed = dict.fromkeys(CELLS, 15_339 * count // 120_000 // len(CELLS))
    ranks = table.sort_values(["probability", "overlap"]).groupby(["split", "label"])["source_id"]
    some = {cell: list(items)[: 1200 // len(CELLS)] for cell, items in ranks}

    def program() -> set[str]:
        chosen = set()
        for cell, items in some.items():
            problem = pulp.LpProblem("match", pulp.LpMaximize)
            take = [problem.add_variable(f"take_{rank}", cat=pulp.LpBinary) for rank in range(len(items))]
            problem.setObjective(pulp.lpSum((rank + 1) * variable for rank, variable in enumerate(take)))
            problem.addConstraint(pulp.lpSum(take) == min(needed[cell], len(items)))
            problem.solve(pulp.PULP_CBC_CMD(msg=False))
            chosen |= {item for item, variable in zip(items, take, strict=True) if variable.value() > 0.5}
        return chosen

    small = table[table["source_id"].isin({item for items in some.values() for item in items})]
    least = {cell: min(needed[cell], len(some[cell])) for cell in CELLS}
    return Comparison(
        "match",
        1,
        "selection",
        {
            "program, 1,200": program,
            "sort, 1,200": lambda: choose_best(small, least),
            f"sort, {count:,}": lambda: choose_best(table, needed),
        },
        lambda found, wanted: "the same set" if found == wanted else f"{len(found)} chosen",
    )


def color(_device: torch.device, toy: bool) -> Comparison:
    """A face of 128 x 128 pixels to CIELAB."""
    faces = np.random.default_rng(0).integers(0, 256, (4 if toy else 64, 128, 128, 3), dtype=np.uint8)
    return Comparison(
        "color",
        len(faces),
        "faces",
        {
            "OpenCV": lambda: [cv2.cvtColor(face.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) for face in faces],
            "ours": lambda: [to_lab(face) for face in faces],
        },
        lambda found, wanted: f"differ by up to {np.abs(np.stack(found) - wanted).max():.2f}, OpenCV's error",
    )


def _images(count: int, size: int, device: torch.device) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=generator).to(device)


def _poster(toy: bool, size: int) -> Poster:
    torch.manual_seed(1)
    return Poster("small" if toy else "large", width=0.5 if toy else 1.0, input_size=size, drop_path=0.0)


def _largest(found: Tensor, wanted: Tensor) -> str:
    error = (found - wanted).abs().max().item()
    return f"differ by {error:.1e}" if error else "identical"


COMPARISONS = {one.__name__: one for one in (editing, prediction, step, augmentation, detection, match, color)}


def main() -> None:
    """Measure what was asked for, print it, and write the table and the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", help="all of them if none is given")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5, help="after one that warms up")
    parser.add_argument("--toy", action="store_true", help="tiny networks and batches")
    parser.add_argument("--to", type=Path, default=Path("results/bench"), help="folder of speed.csv and speed.svg")
    options = parser.parse_args()
    if unknown := set(options.what) - set(COMPARISONS):
        parser.error(f"{min(unknown)} is none of {', '.join(COMPARISONS)}")
    device = choose_device(options.threads, options.device)
    cv2.setNumThreads(options.threads)
    machine = describe_machine(device, options.threads)
    print(machine)
    rows = []
    for name in options.what or COMPARISONS:
        found = measure(COMPARISONS[name](device, options.toy), rounds=options.rounds, device=device)
        show(found)
        rows += found
    write(rows, options.to, machine, by="wall" if device.type == "cuda" else "cpu")
    print(f"\n{options.to}/speed.csv, {options.to}/speed.svg")


if __name__ == "__main__":
    main()
