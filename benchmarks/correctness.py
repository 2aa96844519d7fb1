"""Whether a device computes what the CPU does: python benchmarks/correctness.py [--device cuda] [--toy].

Editing, prediction and a training step on the device, in float32 and bfloat16, beside the first way of `speed.py` on
the CPU. Ends with status 1 where one is further off than its tolerance.
"""

import argparse
import sys

import numpy as np
import torch
from speed import COMPARISONS

# Levels of 255 for an edited face (root mean square), probabilities, and losses, by precision.
TOLERANCES = {
    "editing": {"float32": 0.5, "bfloat16": 2.0},
    "prediction": {"float32": 0.002, "bfloat16": 0.05},
    "step": {"float32": 0.02, "bfloat16": 0.1},
}


def distance(found: object, wanted: object) -> float:
    """Return the root mean square difference of arrays or tensors, or the difference of two numbers."""
    found, wanted = (np.asarray(one.cpu() if torch.is_tensor(one) else one, dtype=float) for one in (found, wanted))
    return float(np.sqrt(np.mean((found - wanted) ** 2)))


def main() -> None:
    """Print a line per network and precision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--toy", action="store_true")
    options = parser.parse_args()
    failed = False
    for name, tolerances in TOLERANCES.items():
        wanted = next(iter(COMPARISONS[name](torch.device("cpu"), options.toy).ways.values()))()
        ways = COMPARISONS[name](torch.device(options.device), options.toy).ways
        for precision, tolerance in tolerances.items():
            error = distance(ways[precision](), wanted)
            failed |= not error <= tolerance
            verdict = "as the CPU" if error <= tolerance else "TOO FAR OFF"
            print(f"{name}, {precision}, on {options.device}: differs by {error:.2g}, at most {tolerance}: {verdict}")
    sys.exit(failed)


if __name__ == "__main__":
    main()
