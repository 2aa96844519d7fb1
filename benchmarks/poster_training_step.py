"""Time one SAM step of POSTER on the CPU: the plain float32 formulation against ours, in one run.

    python benchmarks/poster_training_step.py [--batch 8] [--threads 1] [--width 1.0] [--input-size 224]

Plain: contiguous float32, the frozen landmark network run in both passes, PyTorch's default Adam. Ours: `Trainer` with
channels-last and the landmark network once, in float32 and in bfloat16. They take turns from equal weights, and each
one's fastest turn counts, so that other load on the machine weighs on all alike.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from synface.poster.augment import plan_epoch
from synface.poster.loss import published_loss
from synface.poster.model import Poster
from synface.poster.preprocessing import STEP, normalize
from synface.poster.trainer import Trainer
from synface.settings.model import PosterTraining, RandomErasing
from synface.training.sam import SAM


def plain_step(model: Poster, images: Tensor, labels: Tensor) -> Callable[[], float]:
    """Return a function that takes one SAM step as it is usually written, and returns the loss before it."""
    sam = SAM(
        torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=PosterTraining.lr),
        rho=PosterTraining.sam_rho,
    )

    def step() -> float:
        inputs = normalize(images)
        loss = published_loss(model(inputs), labels, PosterTraining.label_smoothing)
        loss.backward()
        sam.ascend()
        published_loss(model(inputs), labels, PosterTraining.label_smoothing).backward()
        sam.descend()
        return loss.item()

    return step


def our_step(model: Poster, images: Tensor, labels: Tensor, precision: str) -> Callable[[], float]:
    """Return a function that takes one step of `Trainer` without augmentation, and returns the loss before it."""
    settings = PosterTraining(precision=precision, horizontal_flip=0.0, random_erasing=RandomErasing(probability=0.0))
    trainer = Trainer.build(model, settings, torch.device("cpu"))
    plan = plan_epoch(len(images), size=images.shape[-1], settings=settings, seed=0, epoch=0)
    images = images[..., ::STEP, :].contiguous()  # as `load_images` keeps them
    return lambda: trainer.step(images, labels, plan, seed=0, item="0")[0].item() / len(images)


def main() -> None:
    """Print time per image, ratio to the plain formulation, and the losses of the first two steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--width", type=float, default=1.0)
    parser.add_argument("--input-size", type=int, default=224)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    size = options.input_size
    images = torch.randint(0, 256, (options.batch, 3, size, size), dtype=torch.uint8)
    labels = torch.arange(options.batch) % 7

    def network() -> Poster:
        torch.manual_seed(1)
        return Poster(width=options.width, input_size=size, drop_path=0.0)

    ways = {
        "plain float32": plain_step(network(), images, labels),
        "float32": our_step(network(), images, labels, "float32"),
        "bfloat16": our_step(network(), images, labels, "bfloat16"),
    }
    fastest, losses = dict.fromkeys(ways, float("inf")), {name: [] for name in ways}
    for turn in range(options.turns + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            losses[name].append(way())
            if turn > 0:  # the first turn warms up
                fastest[name] = min(fastest[name], time.perf_counter() - start)
    print(f"POSTER large, width {options.width}, {size} pixels, batch {options.batch}, {options.threads} thread(s)")
    for name in ways:
        print(
            f"{name:14} {1000 * fastest[name] / options.batch:8.2f} ms/image  "
            f"{fastest['plain float32'] / fastest[name]:5.2f} x  losses {losses[name][0]:.4f}, {losses[name][1]:.4f}"
        )


if __name__ == "__main__":
    main()
