"""The tables behind the report page, regrouped and put into words."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from synface.core.emotions import LABELS
from synface.core.tables import read_table
from synface.evaluate.contrasts import EXPLORATORY, TRAINING_SETS

MINUS = "\u2212"


def describe_datasets(config: Mapping, counts: Mapping[str, Path | str]) -> list[dict]:
    """Return per dataset: name, kind, what it is made of in words, and the images in its two splits."""
    rows = []
    for name, path in counts.items():
        table = read_table(path, columns=["split", "label", "count"]).groupby("split")["count"].sum()
        kind, made_of = _origin(config["datasets"][name], config)
        train, test = int(table.get("train", 0)), int(table.get("test", 0))
        rows.append({"name": name, "kind": kind, "made_of": made_of, "train": train, "test": test})
    return rows


def _origin(entry: Mapping, config: Mapping) -> tuple[str, str]:
    if "synthetic" in entry:
        made = entry["synthetic"]
        edit = config["edits"][made["edit"]]
        if teacher := made.get("unedited"):
            return "unedited", (
                f"portraits {edit['source']} as they are, labelled by {teacher['model']} trained on "
                f"{teacher['train_set']}, at most as many of a class as {made['like']} has"
            )
        maker = edit.get("generator") or edit["made_by"]
        return "synthetic", (
            f"portraits {edit['source']}, edit {made['edit']} by {maker}, color transfer {made['color']['method']}, "
            f"blending {made['blend']['method']}, counts like {made['like']}{_choice(made)}"
        )
    if "merge" in entry:
        shuffled = ", training labels shuffled" if entry.get("labels") == "shuffled" else ""
        return "merged", " + ".join(map(_fraction, entry["merge"])) + shuffled
    if "external" in entry:
        made = entry["external"]
        like = f", counts like {made['like']}" if made["like"] else ""
        return "external", f"made by {made['made_by']}, layout {made['layout']}{like}"
    return "natural", f"layout {entry['natural']['layout']}"


def _choice(made: Mapping) -> str:
    """Say by what faces were chosen, beside the usual."""
    keep = made.get("keep")
    told = f", only faces that {keep['judge']} reads with at least {keep['at_least']:g}" if keep else ""
    told += f", balanced by {' and '.join(made['balance'])}" if made.get("balance") else ""
    return told + (", chosen at random" if made.get("prefer") == "random" else "")


def _fraction(part: Mapping) -> str:
    times = f"{part['repeat']} x " if part.get("repeat", 1) != 1 else ""
    return times + (part["dataset"] if part["fraction"] == 1 else f"{100 * part['fraction']:g} % of {part['dataset']}")


def count_rejects(tables: Sequence[tuple[str, str, Path | str]], most: int = 8) -> list[dict]:
    """Return per (table, name, path): what it is, name, total and (reason, count) pairs, the most frequent first.

    Beyond ``most`` reasons the rest is summed up. A spare that was not needed is no reject and is counted apart.
    """
    rows = []
    for table, name, path in tables:
        # What is special about one file stands in parentheses at the end.
        reasons = read_table(path, text=["reason"], columns=["reason"])["reason"].str.replace(r" \(.*", "", regex=True)
        spare = reasons.str.startswith("spare")
        tally = sorted(reasons[~spare].value_counts().items(), key=lambda item: (-item[1], item[0]))
        shown = tally[:most]
        if len(tally) > most:
            shown.append((f"{len(tally) - most} other reasons", sum(count for _, count in tally[most:])))
        kind = {"sources": "source", "edits": "edit", "datasets": "dataset"}[table]
        entry = {"kind": kind, "name": name, "total": int((~spare).sum()), "spares": int(spare.sum())}
        rows.append({**entry, "reasons": shown})
    return rows


def group_matrices(summary: pd.DataFrame, natural: Sequence[str]) -> list[dict]:
    """Return per experiment and model: cells[train_set][test_set], and test sets with n, ``natural`` ones apart."""
    groups = []
    for (experiment, model), part in summary.groupby(["experiment", "model"], sort=False):
        cells: dict = {}
        for row in part.astype(object).where(part.notna(), None).to_dict("records"):
            cells.setdefault(row["train_set"], {})[row["test_set"]] = row
        tests = part.drop_duplicates("test_set").set_index("test_set")["n"].to_dict()
        kinds = {
            "natural": {name: n for name, n in tests.items() if name in natural},
            "synthetic": {name: n for name, n in tests.items() if name not in natural},
        }
        runs = int((part["seeds"] * part["draws"]).max())
        groups.append({"experiment": experiment, "model": model, "tests": kinds, "cells": cells, "runs": runs})
    return groups


def group_recalls(metrics: pd.DataFrame, natural: Sequence[str]) -> list[dict]:
    """Return per experiment, model and natural test set: rows of train set and, per label, recall with its interval.

    Rare classes are what synthetic faces are meant for, and accuracy hides them.
    """
    table = metrics[metrics["metric"].str.startswith("recall of ") & metrics["test_set"].isin(list(natural))]
    groups = []
    for (experiment, model, test_set), part in table.groupby(["experiment", "model", "test_set"], sort=False):
        rows = []
        for train_set, cells in part.groupby("train_set", sort=False):
            by_label = {row["metric"].removeprefix("recall of "): row for row in cells.to_dict("records")}
            rows.append({"train_set": train_set, "cells": [by_label.get(label) for label in LABELS]})
        groups.append({"experiment": experiment, "model": model, "test_set": test_set, "rows": rows})
    return groups


def group_contrasts(comparisons: pd.DataFrame) -> list[dict]:
    """Return per experiment, model and test set: the contrasts, each with a sentence and a kind of verdict.

    Those that were asked beforehand are the ones that a reader looks for.
    """
    groups = []
    for (experiment, model, test_set), part in comparisons.groupby(["experiment", "model", "test_set"], sort=False):
        rows = part.to_dict("records")
        for row in rows:
            row["cell"], row["against"] = name_cells(row)
            row |= {"sentence": put_in_words(row), "kind": row["verdict"].split()[0]}
        asked = [row for row in rows if row["primary"]]
        independent = bool(asked) and all(row["independent"] for row in asked)
        place = {"experiment": experiment, "model": model, "test_set": test_set}
        groups.append({**place, "independent": independent, "asked": asked, "rows": rows})
    # Test sets whose collection no compared training set holds come first.
    return sorted(groups, key=lambda group: not group["independent"])


METRICS = {"accuracy": "points", "balanced_accuracy": "points of balanced accuracy", "macro_f1": "points of macro-F1"}


def in_points(share: float) -> str:
    """Return a share in percentage points, without digits that say nothing."""
    return f"{100 * share:g}"


def count_runs(row: Mapping) -> str:
    """Say how many trainings stand behind a contrast, such as "3 seeds" or "3 draws of 2 seeds against 2 seeds"."""
    sides = [
        _runs(row[draws], row[seeds]) for draws, seeds in (("draws", "seeds"), ("baseline_draws", "baseline_seeds"))
    ]
    return f"{sides[0]} each" if sides[0] == sides[1] else f"{sides[0]} against {sides[1]}"


def _runs(draws: int, seeds: int) -> str:
    runs = f"{seeds} seed{'' if seeds == 1 else 's'}"
    return runs if draws == 1 else f"{draws} draws of {runs}"


def in_words(names: Sequence[str]) -> str:
    """Return names as a sentence has them: "A", "A and B", "A, B and C"."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last


def put_in_words(row: Mapping) -> str:
    """Say what one contrast shows, such as "Training on A instead of B gains 3.1 points (95 % interval +0.7 to ...)."""
    points, verdict = 100 * row["difference"], row["verdict"]
    interval = f"95 % interval over {row['ci_covers']} {_signed(row['ci_low'])} to {_signed(row['ci_high'])}"
    sets = row["about"] == TRAINING_SETS
    unit = METRICS[row["metric"]]
    cell, baseline = name_cells(row)
    pair = f"{cell} and {baseline}" if sets else f"The models trained once on {cell} and once on {baseline}"
    beware = "" if sets else " One training of each says nothing about the training sets."
    if isinstance(row["shared_labels"], str) and row["shared_labels"]:
        beware += f" Mind: {row['shared_labels']}, the collection of this test set."
    if isinstance(row["differ_in"], str) and row["differ_in"]:
        beware += f" The two differ in {row['differ_in']} at once; which of it matters is not known."
    if verdict == EXPLORATORY:
        return f"Not asked beforehand: {pair} differ by {_signed(row['difference'])} {unit} ({interval}).{beware}"
    if verdict in ("better", "worse"):
        verb = "gains" if verdict == "better" else "loses"
        if sets:
            trained = f"Training on {cell} instead of {baseline}"
            return f"{trained} {verb} {abs(points):.1f} {unit} ({interval}).{beware}"
        return (
            f"The model trained once on {cell} is {verdict} by {abs(points):.1f} {unit} than the one "
            f"trained once on {baseline} ({interval}).{beware}"
        )
    if verdict.startswith("equivalent"):
        margin = f"{in_points(row['margin'])} {unit}"
        return f"{pair} differ by less than {margin} ({_signed(row['difference'])}; {interval}).{beware}"
    return (
        f"{pair} cannot be told apart here ({_signed(row['difference'])} {unit}; {interval}); a difference of "
        f"{100 * row['detectable']:.1f} {unit} would have been found in 4 of 5 such experiments.{beware}"
    )


def name_cells(row: Mapping) -> tuple[str, str]:
    """Return how the two sides of a contrast are called: by the training set, and by the model where it differs."""
    sides = (row["train_set"], row["model"]), (row["baseline"], row["baseline_model"])
    named = [
        train_set if row["model"] == row["baseline_model"] else f"{train_set} ({model})" for train_set, model in sides
    ]
    return named[0], named[1]


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", MINUS)


def count_copies(audits: Sequence[tuple[str, Path | str]]) -> list[dict[str, object]]:
    """Return a row for each training set and test set with copies: how many training pictures are exact, near, dropped.

    Copies through the portrait that was edited have rows of their own; its label is another one on purpose.

    Args:
        audits: (training set, its copies.csv).
    """
    rows = []
    for name, path in audits:
        table = read_table(path, text=["file_name", "test_set", "kind", "through"], columns=["copy_label", "dropped"])
        for (test_set, through), part in table.groupby(["test_set", "through"], sort=True):
            exact = set(part.loc[part["kind"] == "exact", "file_name"])
            near = set(part.loc[part["kind"] == "near", "file_name"]) - exact
            dropped = set(part.loc[part["dropped"].astype(bool), "file_name"])
            contradicting = part.loc[part["label"] != part["copy_label"], "file_name"].nunique() if not through else 0
            rows.append(
                {
                    "train_set": name,
                    "test_set": test_set,
                    "through": through,
                    "exact": len(exact),
                    "near": len(near),
                    "dropped": len(dropped),
                    "other_label": contradicting,
                }
            )
    return rows


def count_people(tables: Sequence[tuple[str, Path | str]]) -> list[dict[str, object]]:
    """Return a row for each training set and test set that seem to share people: how many of its training pictures.

    Args:
        tables: (training set, its people.csv).
    """
    rows = []
    for name, path in tables:
        table = read_table(path, text=["file_name", "through", "like"], columns=["file_name", "through", "like"])
        for test_set, part in table.groupby("test_set", sort=True):
            edited = part["through"] == "portrait"
            rows.append(
                {
                    "train_set": name,
                    "test_set": test_set,
                    "pictures": int((~edited).sum()),
                    "portraits": int(edited.sum()),
                    "tests": part["like"].nunique(),
                }
            )
    return rows
