"""The page of an atlas: one file with faces, readings and script inside, which loads nothing."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from synface.atlas.faces import COLUMNS, edit_at, make_sheets, read_edits
from synface.atlas.figure import portrait_patches
from synface.atlas.grid import grid_of, regions_of
from synface.compute.device import choose_device
from synface.core.emotions import LABELS
from synface.core.files import atomic_path
from synface.ganmut.checkpoint import load_generator
from synface.ganmut.inference import InferenceGenerator
from synface.judges.reading import load_judge
from synface.report.style import CLASS_COLORS

logger = logging.getLogger(__name__)

PORTRAITS = 12


def write_atlas(
    *,
    frames: Path | str,
    faces: Path | str,
    generator: Path | str,
    gamut: Path | str,
    template: Path | str,
    script: Path | str,
    page: Path | str,
    name: str,
    source: str,
    judge: Mapping[str, Any] | None = None,
    portraits: int = PORTRAITS,
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Edit portraits at codes all over a generator's space, let a judge read them, and write the page.

    Args:
        frames: one shard of frames; its most certain faces are shown.
        faces: the faces table of the same shard.
        generator: a GANmut generator.
        gamut: its gamut.json.
        template: the Jinja2 template of the page.
        script: its JavaScript.
        page: the HTML file.
        name: of the generator in the configuration.
        source: of the portraits in the configuration.
        judge: ``name`` in the configuration, and ``network``, ``file`` and ``sha256`` as `load_judge` takes them; None
            when nobody reads the faces.
        portraits: how many, at most.
        threads: CPU threads.
        device: where to compute; by default the GPU if there is one.

    Raises:
        InputError: there is no face to show, or the judge cannot be loaded.
    """
    place = choose_device(threads, device)
    space = json.loads(Path(gamut).read_text(encoding="utf-8"))
    network = load_generator(generator)
    patches = portrait_patches(frames=frames, faces=faces, size=network.patch_size, count=portraits)
    grid = grid_of(space)
    edited = edit_at(patches, grid.codes, InferenceGenerator(network, precision="float32").to(place), place)
    side, sheets = make_sheets(patches, edited)
    reading = None
    if judge is not None:
        asked = load_judge(judge["network"], judge["file"], judge["sha256"], place)
        before, after = read_edits(asked, patches, edited)
        # A digit for each face.
        reading = {"judge": judge["name"], "before": "".join(map(str, before)), "after": "".join(map(str, after.flat))}
    facts = {
        "generator": name,
        "source": source,
        "space": space["parametrization"],
        "labels": LABELS,
        "colors": [CLASS_COLORS[label] for label in LABELS],
        "classes": space["classes"],
        "codes": grid.codes.tolist(),
        "directions": grid.directions,
        "levels": grid.levels,
        "strips": grid.strips,
        "regions": regions_of(space),
        "portraits": len(patches),
        "side": side,
        "columns": COLUMNS,
        "reading": reading,
        "sheets": sheets,
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    context = {
        **facts,
        "class_colors": CLASS_COLORS,
        # Text of a script element ends at the first "</".
        "facts": Markup(json.dumps(facts).replace("<", "\\u003c")),
        "script": Markup(Path(script).read_text(encoding="utf-8")),
    }
    html = environment.from_string(Path(template).read_text(encoding="utf-8")).render(context)
    with atomic_path(page) as temporary:
        temporary.write_text(html, encoding="utf-8")
    logger.info("%d portraits at %d codes, %d px, %.1f MB", len(patches), len(grid.codes), side, len(html) / 1e6)
