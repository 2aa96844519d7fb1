"""Every color transfer with every blending, on every edit: a table, and a ranking that says how sure it is."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from synface.adaptation.cases import Case
from synface.adaptation.measures import measure, place_of
from synface.adaptation.network import network
from synface.adaptation.seams import border_strips, detectability, profiles_of
from synface.core.draws import keyed_generator
from synface.core.lab import to_lab
from synface.faces.boxes import overlap
from synface.faces.cut import cut_patch
from synface.faces.detector import Detector
from synface.faces.skin import face_mask
from synface.faces.table import Face
from synface.stages.blend import put_back
from synface.stages.color import recolor

BORDER = 0.15  # the study's
COLORS: Mapping[str, Mapping[str, Any] | None] = {
    "none": None,
    "lab": {"method": "lab"},
    "lab-skin": {"method": "lab-skin"},
    "histogram": {"method": "histogram"},
    "mkl": {"method": "mkl"},
    "transport": {"method": "transport"},
    "lab-skin robust": {"method": "lab-skin", "robust": True},
    "histogram robust": {"method": "histogram", "robust": True},
    "mkl robust": {"method": "mkl", "robust": True},
    "transport robust": {"method": "transport", "robust": True},
}
BLENDS = ("none", "alpha", "feather", "pyramid", "poisson")
SHIPPED = "lab-skin", "alpha"
KEYS = ["edit", "intensity", "color", "blend"]
AREAS = [f"{name}{end}" for name in ("auc", "network_auc") for end in ("", "_low", "_high")]
_SEED, _RESAMPLES = 7133, 2000


def recolored(case: Case, color: str) -> tuple[np.ndarray, float]:
    """Return the edited face with new colors, and the fraction of its pixels that were visibly clipped."""
    settings = COLORS[color]
    if settings is None:
        return case.patch, 0.0
    height, width = case.patch.shape[:2]
    original = cut_patch(case.frame, case.face.box, width, height)
    mask = None if color == "lab" else face_mask(case.face, height, width)
    return recolor(case.patch, original, mask, **settings)


def measure_cases(
    cases: Iterable[Case],
    *,
    colors: Sequence[str] = tuple(COLORS),
    blends: Sequence[str] = BLENDS,
    detector: Detector | None = None,
    pointed: int = 3,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Adapt every case in every way.

    Args:
        cases: edited faces.
        colors: names of `COLORS`.
        blends: methods of `synface.stages.blend`.
        detector: finds five points, or None to leave the shift of landmarks out.
        pointed: of how many cases of an edit it finds them, as that takes longer than all the rest.

    Returns:
        One row per case and way: `KEYS`, source_id, the measures of `synface.adaptation.measures`, ``clipped``,
        ``landmarks`` (see `_shift`) and ``seconds``; and, per edit and way, the ``auc`` of `detectability` with
        ``auc_low`` and ``auc_high``, of the linear classifier and, ``network_auc``, of the network.
    """
    rows: list[dict[str, Any]] = []
    untouched: dict[str, list[np.ndarray]] = {}
    portraits: dict[str, list[str]] = {}
    strips: dict[tuple[str, str, str], list[np.ndarray]] = {}
    for case in cases:
        place = place_of(case.frame, case.face, case.wrong)
        names = portraits.setdefault(case.edit, [])
        names.append(case.source_id)
        untouched.setdefault(case.edit, []).append(border_strips(place.lab, place.face))
        asked = detector if len(names) <= pointed else None
        points = asked and _points(asked, put_back_as(case, case.patch, "none"), case)
        for color in colors:
            start = time.perf_counter()
            patch, clipped = recolored(case, color)
            colored = time.perf_counter() - start
            for blend in blends:
                start = time.perf_counter()
                composite = put_back_as(case, patch, blend)
                seconds = colored + time.perf_counter() - start
                shift = np.nan if points is None else _shift(asked, composite, case, points)
                rows.append(
                    {"source_id": case.source_id, "edit": case.edit, "intensity": case.intensity}
                    | {"color": color, "blend": blend, **measure(composite, place, case.truth)}
                    | {"clipped": clipped, "landmarks": shift, "seconds": seconds}
                )
                seen = border_strips(to_lab(composite[place.window]), place.face)
                strips.setdefault((case.edit, color, blend), []).append(seen)
    found = []
    for way, seen in strips.items():
        names, both = portraits[way[0]], (untouched[way[0]], seen)
        areas = detectability(*(np.stack([profiles_of(each) for each in side]) for side in both), names)
        by_network = detectability(*map(np.stack, both), names, network)
        found.append((*way, *areas, *by_network))
    return pd.DataFrame(rows), pd.DataFrame(found, columns=["edit", "color", "blend", *AREAS])


def put_back_as(case: Case, patch: np.ndarray, blend: str) -> np.ndarray:
    """Return the portrait with ``patch`` in it, blended with the study's border."""
    return put_back(case.frame, patch, case.face, method=blend, border=BORDER)


def summarize(rows: pd.DataFrame, seams: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of every measure per `KEYS`, ``faces``, images per second, and the seam detector's areas."""
    groups = rows.groupby(KEYS, sort=False)
    measures = groups.mean(numeric_only=True).drop(columns="seconds")
    measures.insert(0, "faces", groups.size())
    measures["images_per_second"] = 1 / groups["seconds"].median()
    return measures.reset_index().merge(seams, on=["edit", "color", "blend"], how="left")


def rank(rows: pd.DataFrame) -> pd.DataFrame:
    """Rank the ways for each edit, by the mean difference to the truth where it is known, else by what is visible.

    Portraits are resampled, all ways together: ``best`` is how often a way comes first; ``rank_low`` and ``rank_high``
    hold its rank in 95 % of the resamples, ``behind_low`` and ``behind_high`` how far it is behind the first.
    """
    ranked = []
    for edit, part in rows.groupby("edit", sort=False):
        by = "truth" if "truth" in part and part["truth"].notna().all() else "visible"
        scores = part.pivot_table(index="source_id", columns=["color", "blend"], values=by, sort=False)
        values = scores.to_numpy()
        draw = keyed_generator(_SEED, "rank", str(edit))
        chosen = draw.integers(0, len(values), (_RESAMPLES, len(values)))
        means = np.stack([values[sample].mean(axis=0) for sample in chosen])
        ranks = means.argsort(axis=1).argsort(axis=1) + 1
        behind = means - means[:, [values.mean(axis=0).argmin()]]
        table = pd.DataFrame(
            {
                "edit": edit,
                "color": scores.columns.get_level_values(0),
                "blend": scores.columns.get_level_values(1),
                "by": by,
                "score": values.mean(axis=0),
                "best": (ranks == 1).mean(axis=0),
                "rank_low": np.quantile(ranks, 0.025, axis=0).astype(int),
                "rank_high": np.quantile(ranks, 0.975, axis=0).astype(int),
                "behind_low": np.quantile(behind, 0.025, axis=0),
                "behind_high": np.quantile(behind, 0.975, axis=0),
            }
        )
        table = table.sort_values("score", kind="stable")
        table.insert(3, "rank", range(1, len(table) + 1))
        ranked.append(table)
    return pd.concat(ranked, ignore_index=True)


def _points(detector: Detector, image: np.ndarray, case: Case) -> np.ndarray | None:
    faces: list[Face] = detector.detect([image])[0]
    if not faces:
        return None
    return max(faces, key=lambda face: overlap(face.box, case.face.box)).landmarks


def _shift(detector: Detector, composite: np.ndarray, case: Case, points: np.ndarray) -> float:
    """Return how far adaptation moves MTCNN's five points, in distances between the eyes, from the hard paste's."""
    found = _points(detector, composite, case)
    eyes = np.linalg.norm(points[1] - points[0])
    return np.nan if found is None else float(np.linalg.norm(found - points, axis=1).mean() / eyes)
