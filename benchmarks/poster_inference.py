"""Time POSTER's inference on the CPU: plain float32 against channels-last, and against bfloat16, in one run.

    python benchmarks/poster_inference.py [--model results/models/.../model.safetensors] [--batch 16] [--threads 1]

The three take turns, and each one's fastest turn counts, so that other load on the machine weighs on all alike. Without
``--model`` the weights are random, which tells the speed but says little about the differences of a trained network.
"""

import argparse
import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

from synface.poster.loading import load_poster
from synface.poster.model import Poster
from synface.poster.predict import probabilities
from synface.poster.preprocessing import normalize


def main() -> None:
    """Print time per image, ratio to plain float32, and how far logits and answers differ from it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a trained POSTER; by default one with random weights")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    plain = load_poster(options.model) if options.model else Poster().eval()
    ours = Poster(**plain.config).eval()
    ours.load_state_dict(plain.state_dict())
    ours.to(memory_format=torch.channels_last)
    size = plain.config["input_size"]
    images = torch.randint(0, 256, (options.batch, 3, size, size), dtype=torch.uint8)

    @torch.no_grad()
    def published() -> torch.Tensor:
        return plain(normalize(images)).double().softmax(dim=1)

    ways = {
        "plain float32": published,
        "float32": lambda: probabilities(ours, images),
        "bfloat16": lambda: probabilities(ours, images, precision="bfloat16"),
    }
    fastest, answers = dict.fromkeys(ways, float("inf")), {}
    for turn in range(options.turns + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            answers[name] = way()
            if turn > 0:  # the first turn warms up
                fastest[name] = min(fastest[name], time.perf_counter() - start)
    reference = answers["plain float32"]
    print(f"POSTER {plain.config}, batch {options.batch}, {options.threads} thread(s)")
    for name in ways:
        centered = [table.log() - table.log().mean(dim=1, keepdim=True) for table in (answers[name], reference)]
        print(
            f"{name:14} {1000 * fastest[name] / options.batch:8.2f} ms/image  "
            f"{fastest['plain float32'] / fastest[name]:5.2f} x  "
            f"largest logit difference {(centered[0] - centered[1]).abs().max():.1e}  "
            f"equal answers {(answers[name].argmax(1) == reference.argmax(1)).double().mean():.1%}"
        )


if __name__ == "__main__":
    main()
