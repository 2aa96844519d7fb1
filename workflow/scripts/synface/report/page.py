"""The report: one HTML page that needs nothing beside it, with figures inside and tables drawn by the browser."""

import base64
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

import pandas as pd
import yaml
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.files import atomic_path
from synface.core.tables import read_table
from synface.report.answers import answer_questions, is_published, list_doubts, list_warnings
from synface.report.blemishes import describe_blemishes, list_unfinished
from synface.report.controls import judge_controls
from synface.report.facts import (
    count_copies,
    count_people,
    count_rejects,
    describe_datasets,
    group_contrasts,
    group_matrices,
    group_recalls,
)
from synface.report.geometry import describe_geometry, list_differing
from synface.report.judged import describe_group_accuracy, describe_groups, describe_judged
from synface.report.method import describe_experiment, describe_model, list_limitations
from synface.report.plane import describe_plane
from synface.report.references import bibtex_of, sources_of
from synface.report.scaling import describe_worth
from synface.report.style import CLASS_COLORS, FAINT, INK, MUTED

PACKAGES = (
    "snakemake torch torchvision facenet-pytorch opencv-python-headless numpy pandas scikit-learn scipy pulp matplotlib"
)


def write_report(
    *,
    template: Path | str,
    page: Path | str,
    settings: Mapping,
    config: Mapping,
    metric: str,
    release: str,
    counts: Mapping[str, Path | str],
    rejects: Sequence[tuple[str, str, Path | str]],
    audits: Sequence[tuple[str, Path | str]],
    geometry: Mapping[str, Path | str],
    contact_sheets: Mapping[str, Path | str],
    gamuts: Mapping[str, Path | str],
    codes: Mapping[str, Path | str],
    distributions: Path | str,
    natural: Sequence[str],
    summary: Path | str,
    metrics: Path | str,
    comparisons: Path | str,
    differences: Path | str,
    training: Mapping[str, Path | str],
    confusions: Sequence[tuple[str, str, Path | str]],
    published: Mapping[str, Path | str],
    scaling: Path | str | None = None,
    scaling_figure: Path | str | None = None,
    provenance: Sequence[tuple[str, str, int, Path | str]] = (),
    orders: Mapping[str, Path | str] | None = None,
    judged: Mapping[str, Path | str] | None = None,
    plane_figure: Path | str | None = None,
    blemishes: Path | str | None = None,
    people: Sequence[tuple[str, Path | str]] = (),
    timings: Path | str | None = None,
) -> None:
    """Write the report page.

    Args:
        template: the Jinja2 template of the page.
        page: the HTML file.
        settings: title and note; the note says what a reader must know before the numbers, and may be None.
        config: the whole configuration of the study, shown at the end and asked what each dataset is made of.
        metric: what the contrasts compare.
        release: version and commit of synface.
        counts: counts.csv of each dataset, in the order to show.
        rejects: (table, name, path) of everything that lists rejects, in files with a column reason; the table is
            ``sources`` or ``datasets``.
        audits: (training set, its copies.csv).
        geometry: geometry.csv of each dataset.
        contact_sheets: PNG per synthetic dataset.
        gamuts: PNG per generator.
        codes: the same of the codes of its edits.
        distributions: figure of the class distributions.
        natural: the test sets that hold natural images alone.
        summary: summary.csv.
        metrics: metrics.csv.
        comparisons: comparisons.csv.
        differences: the forest plot.
        training: figure of the training curves per model.
        confusions: (model, train_set, path) of the summed confusion counts, as `draw_confusion` writes them.
        published: table per heading, as written by `tabulate_published`.
        scaling: scaling.csv, when an experiment asks for it, and its figure.
        scaling_figure: see scaling.
        provenance: (model, train_set, seed, path) of the provenance.json of every training.
        orders: orders.csv of each published model, as `check_orders` writes it.
        judged: the tables of what judges found, by their names; empty without judges.
        plane_figure: of edit_plane.csv, where a judge tells how much of the person is kept.
        blemishes: blemishes.csv, where a GANmut edits.
        people: (training set, its people.csv), where a judge knows people again.
        timings: timings.csv, when there is one.
    """
    judged = judged or {}
    contrasts, matrices = read_table(comparisons, text=["shared_labels", "differ_in"]), _group_confusions(confusions)
    answers = answer_questions(contrasts, config)
    shown = describe_geometry(geometry)
    doubts = list_doubts(orders or {})
    unfinished = list_unfinished(blemishes) if blemishes else []
    cited = sources_of(config)
    context = {
        "title": settings["title"],
        "note": settings["note"],
        "labels": LABELS,
        "class_colors": CLASS_COLORS,
        "metric": metric.replace("_", " "),
        "experiments": [describe_experiment(name, entry, config) for name, entry in config["experiments"].items()],
        "models": [describe_model(name, config["models"][name]) for name in matrices],
        "limitations": list_limitations(contrasts, config),
        "sources": cited,
        "bibtex": bibtex_of(cited),
        "licenses": list(_inputs(config)),
        "datasets": describe_datasets(config, counts),
        "rejects": count_rejects(rejects),
        "audited": [name for name, _ in audits],
        "copies": count_copies(audits),
        "people": count_people(people),
        "known_again": bool(people),
        "geometry": shown,
        "distributions": embed(distributions, "Images per class and split of every dataset"),
        "contact_sheets": {name: embed(path, f"Stages of {name}") for name, path in contact_sheets.items()},
        "gamuts": {name: embed(path, f"Gamut of {name}") for name, path in gamuts.items()},
        "codes": {name: embed(path, f"Codes of the edits by {name}") for name, path in codes.items()},
        "blemishes": describe_blemishes(blemishes) if blemishes else [],
        "unfinished": unfinished,
        "matrices": group_matrices(read_table(summary), natural),
        "recalls": group_recalls(read_table(metrics), natural),
        "answers": answers,
        "warnings": [
            *doubts,
            *unfinished,
            *list_warnings(contrasts, matrices, config),
            *list_differing(shown, contrasts),
        ],
        "published_models": [name for name in matrices if is_published(name, config)],
        "doubts": doubts,
        "controls": judge_controls(read_table(summary), matrices, config),
        "contrasts": group_contrasts(contrasts),
        "trios": single_out(answers),
        "differences": embed(differences, "Differences to the baseline with intervals"),
        "training": {name: embed(path, f"Training curves of {name}") for name, path in training.items()},
        "confusions": matrices,
        "published": {title: lay_out_published(read_table(path)) for title, path in published.items()},
        "worths": describe_worth(read_table(scaling)) if scaling else [],
        "scaling_figure": embed(scaling_figure, "Accuracy over training images") if scaling_figure else "",
        "judged": describe_judged(judged["judged"], judged["kernel_distances"], _recipes(config)) if judged else [],
        "plane": describe_plane(judged["edit_plane"]) if judged else [],
        "plane_figure": embed(plane_figure, "Lift over the person kept") if plane_figure else "",
        "groups": describe_groups(judged["groups"]) if judged else [],
        "group_accuracies": describe_group_accuracy(judged["group_accuracy"]) if "group_accuracy" in judged else [],
        "trained": [_describe_training(*each) for each in provenance],
        "timings": _stage_totals(timings) if timings else [],
        "config": yaml.safe_dump(config, sort_keys=False, allow_unicode=True, width=100),
        "release": release,
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
    """Return an image as a part of the page.

    An SVG becomes inline, its text searchable, its grays those of the page in light and dark. A PNG becomes WebP, a
    fifth of the size; the files stay as they are.
    """
    path = Path(path)
    if path.suffix == ".svg":
        return inline_svg(path.read_text(encoding="utf-8"), alternative, prefix=path.stem)
    with Image.open(path) as image:
        width, height = image.size
        buffer = io.BytesIO()
        # Near lossless: sheets have large transparent parts, whose edges show every loss.
        image.save(buffer, format="WEBP", quality=88, method=4)
    source = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Markup('<img alt="{}" width="{}" height="{}" src="data:image/webp;base64,{}">').format(
        alternative, width, height, source
    )


def inline_svg(text: str, alternative: str, *, prefix: str) -> Markup:
    """Return the ``<svg>`` of matplotlib as it may stand in a page: no head, ids of its own, grays by variables."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    name = re.sub(r"\W", "-", f"{prefix}-{alternative}")
    text = re.sub(r'(?<=\bid=")|(?<=href="#)|(?<=url\(#)', f"{name}-", text)
    for color, variable in _GRAYS.items():
        text = re.sub(f'(?<=: ){color}(?=[;"])', f"var({variable})", text)
    head = Markup('<svg role="img" aria-label="{}"').format(alternative)
    # What matplotlib writes is markup already; names in it are escaped.
    return head + Markup(text.removeprefix("<svg"))


# What the style of the figures calls ink, paper and the grays between, by the page's variables.
_GRAYS = {
    INK: "--ink",
    "#3e4c59": "--soft",
    MUTED: "--soft",
    "#9aa5b1": "--soft",
    FAINT: "--line",
    "#ffffff": "--card",
    "#000000": "--ink",
}


def single_out(answers: Sequence[Mapping]) -> list[dict]:
    """Return which confusion matrices to look at first: of each experiment and model, the baseline and both answers.

    On the first test set that answers, as the study's figures 5.4 to 5.6 show its own three models.
    """
    trios: dict[tuple[str, str], dict] = {}
    for answer in answers:
        for cell in answer["cells"]:
            place = cell["experiment"], cell["model"]
            trio = trios.setdefault(place, {**dict(zip(("experiment", "model"), place, strict=True)), "train_sets": []})
            trio.setdefault("test_set", cell["test_set"])
            trio["train_sets"] += [
                name for name in (cell["baseline"], cell["train_set"]) if name not in trio["train_sets"]
            ]
    return list(trios.values())


def lay_out_published(table: pd.DataFrame) -> dict:
    """Return a table of the study as it lays it out: its train and test sets, and per model of ours the cells."""
    cells: dict[str, dict] = {}
    for row in table.to_dict("records"):
        model = row["model"] if isinstance(row["model"], str) else ""
        cells.setdefault(model, {})[row["train_set"], row["test_set"]] = row
    # Cells that we have not are those of every model.
    missing = cells.pop("", {})
    return {
        "trains": list(dict.fromkeys(table["train_set"])),
        "tests": list(dict.fromkeys(table["test_set"])),
        "models": {model: missing | rows for model, rows in cells.items()} or {"nothing of it": missing},
    }


def _describe_training(model: str, train_set: str, seed: int, path: Path | str) -> dict:
    facts = json.loads(Path(path).read_text(encoding="utf-8"))
    return {
        "model": model,
        "train_set": train_set,
        "seed": seed,
        "images": facts["training_images"],
        "digest": facts["metadata_sha256"][:16],
        "device": facts["device"],
        "torch": facts["packages"]["torch"],
    }


def _recipes(config: Mapping) -> dict[str, Mapping]:
    """Return the recipe of each synthetic dataset."""
    return {name: entry["synthetic"] for name, entry in config["datasets"].items() if "synthetic" in entry}


def _inputs(config: Mapping) -> Iterator[dict]:
    """Yield where each input is from, of those whose configuration says so."""
    for table in ("sources", "generators", "datasets", "models"):
        for name, entry in config.get(table, {}).items():
            own = entry.get("natural", entry.get("external", entry))
            for below, given in (("", own), (".start_from", entry.get("start_from") or {})):
                obtained = given.get("obtain") or {}
                if obtained.get("from") or obtained.get("license"):
                    origin, license_ = obtained.get("from") or "", obtained.get("license") or "not stated"
                    yield {"what": f"{table}.{name}{below}", "origin": origin, "license": license_}


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
    numbers = ["seconds", "cpu_seconds", "max_rss_mb", "gpu_mb", "done", "per_second"]
    table = read_table(path, text=["what"], columns=["stage", "item", "what", *numbers])
    jobs = table[table["item"] != "total"].groupby("stage").size()
    totals = table[table["item"] == "total"].assign(jobs=lambda rows: rows["stage"].map(jobs))
    return totals.astype(dict.fromkeys(numbers, object)).where(totals.notna(), None).to_dict("records")


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
