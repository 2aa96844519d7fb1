"""Faces drawn per second on one core: `python benchmarks/drawing.py [faces]`."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow" / "scripts"))

import cv2

from drawn.face import draw_face, sample_face
from drawn.scene import SIZES
from synface.core.emotions import Emotion


def measure(domain: str, count: int) -> tuple[float, float]:
    """Return faces per second of wall time and of processor time (the truer one on a busy machine)."""
    for item in range(5):  # the random textures are made once per process
        draw_face(sample_face(0, f"warm {item}", emotion=Emotion(item), intensity=1.0, domain=domain))
    wall, processor = time.perf_counter(), time.process_time()
    for item in range(count):
        draw_face(sample_face(0, str(item), emotion=Emotion(item % 7), intensity=0.8, domain=domain))
    return count / (time.perf_counter() - wall), count / (time.process_time() - processor)


def main() -> None:
    """Print one line per domain."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    cv2.setNumThreads(1)
    print("domain,size,faces_per_second,faces_per_processor_second")
    for domain, size in SIZES.items():
        wall, processor = measure(domain, count)
        print(f"{domain},{size},{wall:.1f},{processor:.1f}")


if __name__ == "__main__":
    main()
