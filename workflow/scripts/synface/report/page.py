"""The report: one HTML page that needs nothing beside it, with images embedded and tables drawn by the browser."""

import base64
import io
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

import yaml
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.files import atomic_path
from synface.core.tables import read_table
from synface.report.answers import answer_questions, list_warnings
from synface.report.facts import count_rejects, describe_datasets, group_contrasts, group_matrices
from synface.report.style import CLASS_COLORS

PACKAGES = (
    "snakemake torch torchvision facenet-pytorch opencv-python-headless numpy pandas scikit-learn scipy pulp matplotlib"
)


def write_report(
    *,
    template: Path | str,
    page: Path | str,
    settings: Mapping,
    config: Mapping,
    counts: Mapping[str, Path | str],
    rejects: Sequence[tuple[str, str, Path | str]],
    contact_sheets: Mapping[str, Path | str],
    gamuts: Mapping[str, Path | str],
    distributions: Path | str,
    summary: Path | str,
    comparisons: Path | str,
    differences: Path | str,
    training: Mapping[str, Path | str],
    confusions: Sequence[tuple[str, str, Path | str]],
    published: Mapping[str, Path | str],
    timings: Path | str | None = None,
) -> None:
    """Write the report page.

    Args:
        template: the Jinja2 template of the page.
        page: the HTML file.
        settings: title and note; the note says what a reader must know before the numbers, and may be None.
        config: the whole configuration of the study, shown at the end and asked what each dataset is made of.
        counts: counts.csv of each dataset, in the order to show.
        rejects: (table, name, path) of everything that lists rejects, in files with a column reason; the table is
            ``sources`` or ``datasets``.
        contact_sheets: PNG per synthetic dataset.
        gamuts: PNG per generator.
        distributions: figure of the class distributions.
        summary: summary.csv.
        comparisons: comparisons.csv.
        differences: the forest plot.
        training: figure of the training curves per model.
        confusions: (model, train_set, path) of the summed confusion counts, as `draw_confusion` writes them.
        published: table per heading, as written by `tabulate_published`; empty tables are left out.
        timings: timings.csv, when there is one.
    """
    contrasts, matrices = read_table(comparisons, text=["shared_labels", "differ_in"]), _group_confusions(confusions)
    tables = {title: read_table(path) for title, path in published.items()}
    context = {
        "title": settings["title"],
        "note": settings["note"],
        "labels": LABELS,
        "class_colors": CLASS_COLORS,
        "experiments": config["experiments"],
        "datasets": describe_datasets(config, counts),
        "rejects": count_rejects(rejects),
        "distributions": embed(distributions, "Images per class and split of every dataset"),
        "contact_sheets": {name: embed(path, f"Stages of {name}") for name, path in contact_sheets.items()},
        "gamuts": {name: embed(path, f"Gamut of {name}") for name, path in gamuts.items()},
        "matrices": group_matrices(read_table(summary)),
        "answers": answer_questions(contrasts, config),
        "warnings": list_warnings(contrasts, matrices),
        "contrasts": group_contrasts(contrasts),
        "differences": embed(differences, "Differences in accuracy with intervals"),
        "training": {name: embed(path, f"Training curves of {name}") for name, path in training.items()},
        "confusions": matrices,
        "published": {title: table.to_dict("records") for title, table in tables.items() if len(table)},
        "timings": _stage_totals(timings) if timings else [],
        "config": yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100),
        "versions": {"python": python_version(), **_versions()},
    }
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "points": lambda share: f"{100 * share:+.1f}".replace("-", "\u2212"),
        "p_value": lambda p: "\u2013" if p != p else f"{p:.2g}",
        "duration": _duration,
    }
    html = environment.from_string(Path(template).read_text(encoding="utf-8")).render(context)
    with atomic_path(page) as temporary:
        temporary.write_text(html, encoding="utf-8")


def embed(path: Path | str, alternative: str) -> Markup:
    """Return an ``<img>`` that holds the image; a PNG becomes WebP, a fifth of the size, the file stays as it is."""
    path = Path(path)
    if path.suffix == ".svg":
        kind, data, width = "svg+xml", path.read_bytes(), ""
    else:
        with Image.open(path) as image:
            width = Markup(' width="{}" height="{}"').format(*image.size)
            buffer = io.BytesIO()
            image.convert("RGB").save(buffer, format="WEBP", quality=88, method=4)
        kind, data = "webp", buffer.getvalue()
    source = base64.b64encode(data).decode("ascii")
    return Markup('<img loading="lazy" alt="{}"{} src="data:image/{};base64,{}">').format(
        alternative, width, kind, source
    )


def _group_confusions(confusions: Sequence[tuple[str, str, Path | str]]) -> dict:
    """Return model -> train set -> test set -> rows of {support, shares, counts} in the order of `Emotion`."""
    groups: dict = {}
    for model, train_set, path in confusions:
        table = read_table(path, columns=["test_set", "label", *LABELS])
        for test_set, part in table.groupby("test_set", sort=False):
            counts = part.set_index("label").loc[list(LABELS), list(LABELS)]
            rows = [
                {"support": int(row.sum()), "counts": row.tolist(), "shares": (row / max(row.sum(), 1)).tolist()}
                for _, row in counts.iterrows()
            ]
            groups.setdefault(model, {}).setdefault(train_set, {})[test_set] = rows
    return groups


def _stage_totals(path: Path | str) -> list[dict]:
    table = read_table(path, columns=["stage", "item", "seconds", "max_rss_mb"])
    jobs = table[table["item"] != "total"].groupby("stage").size()
    totals = table[table["item"] == "total"].assign(jobs=lambda rows: rows["stage"].map(jobs))
    return totals.astype({"max_rss_mb": object}).where(totals.notna(), None).to_dict("records")


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours} h {rest // 60:02d} min" if hours else f"{rest // 60} min {rest % 60:02d} s"


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES.split():
        try:
            found[package] = version(package)
        except PackageNotFoundError:  # an environment of its own need not hold what other stages use
            continue
    return found
