"""The card of a dataset: what it is, how it was made, how to load it and what it must not be used for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synface.core.counts import SPLITS, Counts
from synface.core.emotions import LABELS
from synface.core.files import atomic_path
from synface.dataset.columns import METADATA, NUMBERS

_HEAD = """---
pretty_name: {name}
license: other
license_name: see-sources
task_categories:
- image-classification
tags:
- facial-expression-recognition
{tags}size_categories:
- {size}
configs:
- config_name: default
  drop_labels: true
  data_files:
{splits}
  features:
{features}
---

# {name}

{what}

## Images

{table}
Labels are, in the order of their class index: {labels}. `counts.csv` has these numbers, `metadata.csv` one row per
image with `file_name` and every fact known about it; a field that does not apply is empty. Angles (`theta`) are
radians, boxes (`left`, `top`, `right`, `bottom`) pixels of the frame that a synthetic face was cut from.

## Recipe

{recipe}

## Loading

```python
from datasets import load_dataset

dataset = load_dataset("{name}")  # the splits train and test; label is a ClassLabel, in the order above
```

```python
from torchvision.datasets import ImageFolder

train, test = (ImageFolder(f"{name}/images/{{split}}", allow_empty=True) for split in ("train", "test"))
```

Every dataset of synface has the same columns with the same types: `datasets.concatenate_datasets` joins any two.

## Licenses

{licenses}

## Use

{use}
"""

_NATURAL_USE = """\
Meant for research on how machines recognize facial expressions. The labels say how annotators read a face at one
moment. They do not say what a person feels, and a model trained on them does not either: do not use it to judge
people, for hiring, policing, education or health. Photographs show identifiable people; respect their requests for
removal."""

_SYNTHETIC_USE = """\
Meant for research: whether synthetic faces can replace or extend a real training set for facial-expression
recognition.

**These are photographs of real people, edited to show emotions that they did not show.** Do not present an image as a
photograph of a person or of what a person felt, do not use the images to recognize or to imitate people, and do not
use models trained on them to judge people, for hiring, policing, education or health. Respect requests for removal:
`source` and `source_id` in `metadata.csv` lead back to the portrait. Labels are the emotion that was asked of the
generator, not one that people confirmed; the biases of the portraits, the generator and the reference set are in
here."""

_DERIVED = """\
Not checked by synface. The terms of everything this dataset was made from apply to it together: {sources}. Read them
before passing images on; some sources forbid that, ask for credit or for the same license."""


def write_card(
    card: Path | str, *, name: str, what: str, counts: Counts, recipe: Mapping[str, Any], sources: str, synthetic: bool
) -> None:
    """Write ``README.md`` with a YAML head as Hugging Face reads it.

    Args:
        card: the file to write.
        name: of the dataset.
        what: one paragraph.
        counts: images per split and label, shown as a table.
        recipe: the facts of how it was made, shown as a list; empty values are left out.
        sources: what the dataset was made from, for the paragraph on licenses.
        synthetic: whether any image is edited, which decides on tags and the paragraph on use.
    """
    text = _HEAD.format(
        name=name,
        what=what,
        tags="- synthetic\n" if synthetic else "",
        size=_size_category(sum(counts.values())),
        labels=", ".join(LABELS),
        splits="\n".join(
            f"  - split: {split}\n    path: images/{split}/**"
            for split in SPLITS
            if any(counts[split, label] for label in LABELS)
        ),
        features=_features(),
        table=_table(counts),
        recipe="\n".join(f"- {key}: {_text(value)}" for key, value in recipe.items() if value not in (None, "", {})),
        licenses=_DERIVED.format(sources=sources),
        use=_SYNTHETIC_USE if synthetic else _NATURAL_USE,
    )
    with atomic_path(card) as temporary:
        temporary.write_text(text)


def _features() -> str:
    """Return the types of all columns for Hugging Face's datasets, which would take an empty column for another."""
    lines = ["  - name: image", "    dtype: image"]
    for column in METADATA[1:]:
        lines.append(f"  - name: {column}")
        if column == "label":
            lines += ["    dtype:", "      class_label:", "        names:"]
            lines += [f"          '{index}': {label}" for index, label in enumerate(LABELS)]
        else:
            lines.append(f"    dtype: {'float64' if column in NUMBERS else 'string'}")
    return "\n".join(lines)


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
