"""The card of a dataset: what it is, how it was made, how to load it and what it must not be used for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from huggingface_hub import DatasetCard, DatasetCardData

from synface.core.counts import SPLITS, Counts
from synface.core.emotions import LABELS
from synface.core.files import atomic_path
from synface.dataset.columns import METADATA, NUMBERS
from synface.dataset.kinds import KINDS, Origin, is_synthetic, kinds_in, labels_of, tell_origin
from synface.dataset.license import UNKNOWN, licenses_of

_TEXT = """\
# {name}

{what}

## Images

{table}
Labels are, in the order of their class index: {labels}. `counts.csv` has these numbers, `metadata.csv` one row per
image with `file_name` and every fact known about it; a field that does not apply is empty. Angles (`theta`) are
radians, boxes (`left`, `top`, `right`, `bottom`) pixels of the frame that a synthetic face was cut from.

## Made of

{lineage}

## Recipe

{recipe}

## Loading

{loading}

## Checksums

`metadata.csv` has the SHA-256 of every image, `croissant.json` that of every table. That of `metadata.csv`, and so of
the whole dataset, is `{digest}`.

## Licenses

`LICENSE` says it in full: synface grants nothing, and the terms of all of these apply together.

{licenses}

## Use

Meant for research on how machines recognize facial expressions. Do not use the images, or models trained on them, to
judge people: not for hiring, policing, education or health. A label does not say what a person feels.

{use}
"""

_LOADING = """\
```python
from datasets import load_dataset

dataset = load_dataset("{name}")  # the splits train and test; label is a ClassLabel, in the order above
```

```python
from torchvision.datasets import ImageFolder

train, test = (ImageFolder(f"{name}/images/{{split}}", allow_empty=True) for split in ("train", "test"))
```

Every dataset of synface has the same columns with the same types: `datasets.concatenate_datasets` joins any two."""


def write_card(
    card: Path | str,
    *,
    name: str,
    what: str,
    counts: Counts,
    recipe: Mapping[str, Any],
    origins: Sequence[Origin],
    digest: str,
) -> None:
    """Write ``README.md`` with a YAML head as Hugging Face reads it.

    Args:
        card: the file to write.
        name: of the dataset.
        what: one paragraph.
        counts: images per split and label, shown as a table.
        recipe: the facts of how it was made, shown as a list; empty values are left out.
        origins: what it was made of, which decides on tags, licenses and the paragraphs on use.
        digest: SHA-256 of metadata.csv.
    """
    there = [split for split in SPLITS if any(counts[split, label] for label in LABELS)]
    data = DatasetCardData(
        pretty_name=name,
        **_license(origins),
        task_categories=["image-classification"],
        tags=["facial-expression-recognition", *(["synthetic"] if is_synthetic(origins) else [])],
        size_categories=[_size_category(sum(counts.values()))],
        configs=[
            {
                "config_name": "default",
                "drop_labels": True,
                "data_files": [{"split": split, "path": f"images/{split}/**"} for split in there],
                "features": features(),
            }
        ],
    )
    text = _TEXT.format(
        name=name,
        what=what,
        labels=", ".join(LABELS),
        table=_table(counts),
        lineage="\n".join(f"- {tell_origin(origin)}" for origin in origins),
        recipe="\n".join(f"- {line}" for line in recipe_lines(recipe)),
        loading=_LOADING.format(name=name),
        digest=digest,
        licenses="\n".join(f"- {whose}: license {terms}" for whose, terms in licenses_of(origins).items()),
        use="\n".join(_use(origins)),
    )
    with atomic_path(card) as temporary:
        DatasetCard(f"---\n{data.to_yaml(line_break=chr(10))}\n---\n\n{text}").save(temporary)


def features() -> list[dict[str, Any]]:
    """Return the types of all columns for Hugging Face's datasets, which would take an empty column for another."""
    label = {"class_label": {"names": {str(index): label for index, label in enumerate(LABELS)}}}
    types = {column: label if column == "label" else "string" for column in METADATA[1:]}
    types |= dict.fromkeys(NUMBERS, "float64")
    return [{"name": "image", "dtype": "image"}, *({"name": name, "dtype": kind} for name, kind in types.items())]


def recipe_lines(recipe: Mapping[str, Any]) -> list[str]:
    """Return the facts of a recipe as lines; empty values are left out."""
    return [f"{key}: {_text(value)}" for key, value in recipe.items() if value not in (None, "", {})]


def _license(origins: Sequence[Origin]) -> dict[str, str]:
    """Return the license for the head: where all of them are unknown, that; else those in LICENSE, none of ours."""
    if all(terms.startswith(UNKNOWN) for terms in licenses_of(origins).values()):
        return {"license": "unknown"}
    return {"license": "other", "license_name": "terms-of-the-origins", "license_link": "LICENSE"}


def _use(origins: Sequence[Origin]) -> list[str]:
    """Return a line for each kind of images: whom they show, where labels come from, what to expect."""
    lines = []
    for kind in kinds_in(origins):
        names = ", ".join(f"`{origin['name']}`" for origin in origins if origin["kind"] == kind)
        lines.append(
            f"- {names}, {KINDS[kind].what}. {KINDS[kind].people} {labels_of(kind, origins)} {KINDS[kind].biases}"
        )
    return lines


def _table(counts: Counts) -> str:
    lines = ["| label | " + " | ".join(SPLITS) + " | all |", "| --- |" + " ---: |" * (len(SPLITS) + 1)]
    for label in LABELS:
        cells = [counts[split, label] for split in SPLITS]
        lines.append(f"| {label} | " + " | ".join(f"{count:,}" for count in [*cells, sum(cells)]) + " |")
    totals = [sum(counts[split, label] for label in LABELS) for split in SPLITS]
    lines.append("| **all** | " + " | ".join(f"**{count:,}**" for count in [*totals, sum(totals)]) + " |")
    return "\n".join(lines) + "\n"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(item)}" for key, item in value.items())
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _size_category(images: int) -> str:
    for limit, category in ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K")):
        if images < limit:
            return category
    return "100K<n<1M"
