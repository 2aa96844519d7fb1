"""Detection, color transfer, blending and cropping against what is known by drawing, one line of numbers each.

    python benchmarks/stage_truths.py [--faces 300]

Every stage gets the true drawing of the intended emotion in place of an edit; see `truth.stages`.
"""

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.dataset import plan_faces
from drawn.face import draw_face
from drawn.truth.stages import SEED, color_errors, crop_error, draw_pair, five_points, seams
from synface.core.progress import progress
from synface.faces.detector import load_detector
from synface.settings.edit import Detect
from synface.settings.keys import plain
from synface.stages.detect import edited_face


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=300)
    count = parser.parse_args().faces
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    detector = load_detector(min_face=Detect.min_face)

    away = []
    planned = plan_faces({"domain": "portraits", "layout": "portraits", "seed": SEED, "count": count})
    for face in progress(planned, total=count, what="portraits"):
        drawn = draw_face(face.parameters(seed=SEED, domain="portraits"))
        seen = detector.detect([drawn.image])[0]
        found = edited_face(seen, *drawn.image.shape[:2], **plain(Detect()), framing="mtcnn-box")
        if not isinstance(found, str):
            points = five_points(drawn)
            eyes = np.linalg.norm(points[1] - points[0])
            away.append(np.linalg.norm(found.landmarks - points, axis=1) / eyes)
    each = ", ".join(f"{value:.3f}" for value in np.mean(away, axis=0))
    print(
        f"detect: MTCNN finds {len(away)} of {count} portraits ({100 * len(away) / count:.1f} %); its points are off, "
        f"in distances between the eyes, by {each} (eyes, nose, corners of the mouth)"
    )

    rows, lightness = [], []
    for number in progress(range(count), total=count, what="faces"):
        rows.append((color_errors(number), seams(number), crop_error(number, detector)))
        lightness.append(draw_pair(number)[0].skin_lab[0])
    colors, steps, crops = zip(*rows, strict=True)
    before, after = np.array(colors).T
    print(
        f"color: CIEDE2000 of the skin to the true one {before.mean():.2f} with a cast, {after.mean():.2f} after the "
        f"transfer: {before.mean() / after.mean():.1f} times less, {(before / after).min():.1f} in the worst face, at "
        f"most {after.max():.2f} left; {count} skins of L* {min(lightness):.0f} to {max(lightness):.0f}"
    )
    portrait, blended, pasted = np.array(steps).T
    print(
        f"blend: step across the border {portrait.mean():.2f} in the portrait, {blended.mean():.2f} blended (at most "
        f"{(blended - portrait).max():+.2f}), {pasted.mean():.2f} pasted"
    )
    points, offset = np.array([error for error in crops if error]).T
    print(
        f"crop: a face found in {len(points)} of {count}; in distances between the eyes, its points are off by "
        f"{np.median(points):.3f} in the median ({np.quantile(points, 0.95):.3f} in 95 %), the crop by "
        f"{offset.mean():.4f} (at most {offset.max():.4f})"
    )


if __name__ == "__main__":
    main()
