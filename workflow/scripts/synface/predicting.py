"""Own photographs through detection, crop and a model, to tables and a contact sheet (make predict).

    python -m synface.predicting MODEL FOLDER [--output FOLDER] [--crop mtcnn | aligned | as-is] [--margin M] [--size S]

MODEL is a file of POSTER's weights, published or ours, or the folder of a trained model in a study's results. The faces
of the latter are cut out as those of its training set were, which the study's config/config.yaml tells.
"""

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

import yaml

from synface.core.errors import InputError
from synface.core.tables import read_table
from synface.report.predicted import draw_predicted
from synface.settings.dataset import NaturalSet, SyntheticSet
from synface.stages.photographs import METHODS, SIZE, predict_photographs
from synface.study.study import Study


def weights_of(model: Path) -> Path:
    """Return the file of a model that is given by it, or by the folder that it lies in."""
    return model / "model.safetensors" if model.is_dir() else model


def crop_of(model: Path) -> dict[str, Any]:
    """Return method, margin and size of the crop of the set that a study's model was trained on, as far as known.

    Of a merge it is the first part's that tells. A set that was imported as it is does not.
    """
    path = weights_of(model).resolve()
    configuration = Path(*path.parts[:-6], "config/config.yaml")
    if path.parts[-6:-4] != ("results", "models") or not configuration.is_file():
        return {}
    study = Study.of(yaml.safe_load(configuration.read_text(encoding="utf-8")))
    train_set = path.parts[-3]
    if train_set not in study.config.datasets:
        return {}
    for part in study.parts_of(train_set):
        entry = study.config.datasets[part]
        if isinstance(entry, SyntheticSet):
            crop = entry.synthetic.crop
            return {"method": crop.method, "margin": crop.margin, "size": crop.size}
        if isinstance(entry, NaturalSet) and entry.natural.crop.method in ("mtcnn", "aligned"):
            crop = entry.natural.crop
            return {"method": crop.method, "margin": crop.margin, "size": crop.size or SIZE}
    return {}


def main() -> None:
    """Predict as the command line says, and print what was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--output", type=Path, default=Path("results/photographs"))
    parser.add_argument("--crop", choices=METHODS, dest="method")
    parser.add_argument("--margin", type=float)
    parser.add_argument("--size", type=int)
    given = vars(parser.parse_args())
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    model, folder, output = (given.pop(name) for name in ("model", "folder", "output"))
    tables = {name: output / f"{name}.csv" for name in ("predictions", "left_out")}
    try:
        known = crop_of(model)
        crop = {"method": "mtcnn", "margin": 0.0, "size": SIZE} | known
        crop |= {name: value for name, value in given.items() if value is not None}
        faces = predict_photographs(model=weights_of(model), folder=folder, **tables, **crop)
    except InputError as error:
        sys.exit(str(error))
    print(
        f"Crop: {crop['method']}, margin {crop['margin']:g}, {crop['size']} pixels"
        + ("" if known else "; how the model's training faces were cut out is not known: see CROP in docs/weights.md")
    )
    left_out = read_table(tables["left_out"], text=["file", "reason"])
    for reason, count in left_out["reason"].str.replace(r" \(.*", "", regex=True).value_counts().items():
        print(f"{count} left out: {reason}")
    print(f"{len(faces)} faces. Look at:\n  {tables['predictions']}\n  {tables['left_out']}")
    if faces:
        draw_predicted(read_table(tables["predictions"], text=["file", "predicted"]), faces, output / "faces.png")
        print(f"  {output / 'faces.png'}")


if __name__ == "__main__":
    main()
