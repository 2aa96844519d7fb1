"""Faces per second of GANmut editing: the published formulation beside ours, in one run.

    python benchmarks/ganmut_editing.py [--faces 16] [--rounds 3] [--threads 1] [--generator FILE]

Published: plain float32, one face at a time, normalization as PyTorch's InstanceNorm2d in training mode. Ours:
`synface.ganmut.inference` in both precisions, through the functions that the editing stage runs. Each includes what
turns a resized face into the network's input and its output back into an image. The rounds alternate, so that other
load on the machine hits all alike; the fastest round counts. With one thread, the ratio of CPU time is the one to read
on a machine that is shared.
"""

import argparse
import copy
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from synface.ganmut.checkpoint import load_generator
from synface.ganmut.generator import InstanceNorm, LinearGenerator
from synface.ganmut.inference import InferenceGenerator
from synface.stages.edit import edit_patches, from_network, to_network

CPU = torch.device("cpu")


class PublishedNorm(nn.InstanceNorm2d):
    """As published: statistics of the image, running statistics updated at every call."""

    def forward(self, images: Tensor) -> Tensor:
        """Normalize [B, C, H, W]."""
        return nn.InstanceNorm2d.forward(self, images)


def published(generator: nn.Module) -> nn.Module:
    """Return a copy of ``generator`` that normalizes and runs as published."""
    network = copy.deepcopy(generator)
    for module in network.modules():
        if isinstance(module, InstanceNorm):
            module.__class__ = PublishedNorm
    return network.train()


def drawn_faces(count: int, size: int) -> list[tuple[str, np.ndarray, tuple[float, float]]]:
    """Return smooth random images with codes around the circle."""
    random = np.random.default_rng(1)
    coarse = torch.from_numpy(random.uniform(0, 255, (count, 3, 8, 8)).astype(np.float32))
    images = nn.functional.interpolate(coarse, size=(size, size), mode="bicubic").clamp(0, 255).to(torch.uint8)
    images = images.permute(0, 2, 3, 1).contiguous().numpy()
    angles = np.linspace(0, 2 * math.pi, count, endpoint=False)
    codes = [(math.cos(angle), math.sin(angle)) for angle in angles]
    return list(zip(map(str, range(count)), images, codes, strict=True))


@torch.no_grad()
def main() -> None:
    """Measure and print one line per way of editing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--generator", type=Path, help="a checkpoint; without it, full-size initial weights")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    generator = load_generator(options.generator) if options.generator else LinearGenerator().eval()
    faces = drawn_faces(options.faces, generator.image_size)
    plain = published(generator)

    def one_by_one() -> list[np.ndarray]:
        return [from_network(plain(to_network(image[None]), torch.tensor([code])))[0] for _, image, code in faces]

    def ours(precision: str) -> Callable[[], list[np.ndarray]]:
        network = InferenceGenerator(generator, precision=precision)
        return lambda: [patch for _, patch in edit_patches(faces, network, options.batch_size, CPU)]

    ways = {"published": one_by_one, "ours, float32": ours("float32"), "ours, bfloat16": ours("bfloat16")}
    results, wall, cpu = {}, dict.fromkeys(ways, math.inf), dict.fromkeys(ways, math.inf)
    for _ in range(options.rounds):
        for name, way in ways.items():
            start, cpu_start = time.perf_counter(), time.process_time()
            results[name] = np.stack(way()).astype(np.float64)
            wall[name] = min(wall[name], time.perf_counter() - start)
            cpu[name] = min(cpu[name], time.process_time() - cpu_start)
    size = generator.image_size
    print(f"{options.faces} faces of {size} x {size}, {options.threads} thread(s), best of {options.rounds} rounds")
    for name in ways:
        error = np.mean((results[name] - results["published"]) ** 2)
        quality = f"PSNR {10 * math.log10(255**2 / error):.1f} dB" if error else "identical"
        ratios = f"{wall['published'] / wall[name]:.2f} x (CPU time {cpu['published'] / cpu[name]:.2f} x)"
        print(f"{name:15} {options.faces / wall[name]:7.2f} faces/s  {ratios}  {quality}")


if __name__ == "__main__":
    main()
