"""Stand for a generator: draw every portrait of this example anew with each of the seven expressions.

    PYTHONPATH=workflow/scripts python examples/another-generator/edit_portraits.py [FOLDER]

A generator of yours would read the portraits and write what this writes: resources/edited/{class}/{portrait}.png, one
picture or seven of each portrait, in any size. FOLDER is the study's, by default the one that this file is in.
"""

import sys
from dataclasses import replace
from pathlib import Path

import yaml

from drawn.action_units import sample_expression
from drawn.dataset import plan_faces
from drawn.face import draw_face
from synface.core.emotions import Emotion
from synface.core.images import encode_png
from synface.settings.drawing import Drawing
from synface.settings.keys import plain
from synface.settings.reading import Key, read_value


def edit_portraits(folder: Path) -> None:
    """Write the edited portraits of the study in ``folder``."""
    config = yaml.safe_load((folder / "config/config.yaml").read_text(encoding="utf-8"))
    settings = plain(read_value(Drawing, config["drawings"]["portraits"], "drawings.portraits", Key(), []))
    for planned in plan_faces(settings):
        portrait = planned.parameters(seed=settings["seed"], domain=settings["domain"])
        for emotion in Emotion:
            expression = sample_expression(settings["seed"], planned.item, emotion=emotion, intensity=0.9)
            picture = draw_face(replace(portrait, expression=expression), settings["size"]).image
            path = folder / "resources/edited" / emotion.label / Path(planned.file).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_png(picture))


if __name__ == "__main__":
    edit_portraits(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
