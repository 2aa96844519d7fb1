"""Verifying: whether what lies in the results is still what was made, byte for byte.

    python -m synface.dataset.verifying [FOLDER]

FOLDER is the study's, the working directory by default. Every image of every dataset is compared with its SHA-256 in
metadata.csv, the tables with each other and with digest.txt, every shard with the table beside it, every model with the
dataset that it was trained on, and all that provenance.json tells of, with its SHA-256 there. Snakemake itself sees
that a file is there, not what is in it.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synface.core.counts import SPLITS, count_images
from synface.core.errors import InputError
from synface.core.files import digest
from synface.core.folders import files_in
from synface.core.progress import progress
from synface.core.shards import read_shard_bytes
from synface.core.tables import read_table

_MOST_NAMED = 3


def verify_results(folder: Path | str) -> list[str]:
    """Return a sentence for everything in a study's results that is not as it was made; none where all is."""
    results = Path(folder) / "results"
    if not results.is_dir():
        raise InputError(f"{results}: found no results; give the folder of a study")
    problems = []
    for dataset in progress(sorted(results.glob("datasets/*/")), what="datasets"):
        problems += verify_dataset(dataset)
    for shard in progress(sorted(results.glob("*/*/*/*.tar")), what="shards"):
        problems += verify_shard(shard)
    for record in sorted(results.glob("models/*/*/*/provenance.json")):
        problems += verify_model(record)
    if (record := results / "provenance.json").is_file():
        problems += verify_record(record)
    return list(dict.fromkeys(problems))


def verify_dataset(folder: Path) -> list[str]:
    """Return what is wrong with one dataset, each with the command that makes it again."""
    again = f"make it again: snakemake --cores all --force results/datasets/{folder.name}/digest.txt"
    try:
        return [f"{problem}; {again}" for problem in _dataset_problems(folder)]
    except InputError as error:
        return [f"{error}; {again}"]
    except OSError as error:
        return [f"{folder}: {error.strerror} ({error.filename}); {again}"]
    except (ValueError, csv.Error) as error:  # pandas reads no table in it
        return [f"{folder}: a table of it cannot be read ({error}); {again}"]


def _dataset_problems(folder: Path) -> Iterator[str]:
    metadata = folder / "metadata.csv"
    rows = read_table(metadata, text=["file_name", "split", "sha256"], columns=["file_name", "split", "sha256"])
    if (folder / "digest.txt").read_text().strip() != digest(metadata):
        yield f"{metadata}: it is not the table that digest.txt tells of"
    else:
        yield from _split_problems(folder, _cells(metadata))
    counts = [["split", "label", "count"], *([*cell, str(count)] for cell, count in count_images(rows).items())]
    if _cells(folder / "counts.csv") != counts:
        yield f"{folder / 'counts.csv'}: its counts are not those of metadata.csv"
    wanted = dict(zip(rows["file_name"], rows["sha256"], strict=True))
    there = {f"images/{found.path}" for found in files_in(folder / "images")}
    tables = {f"images/{split}/metadata.csv" for split in ("train", "test")}
    yield from _named(folder, "missing", (wanted.keys() | tables) - there)
    yield from _named(folder, "not of this dataset", there - wanted.keys() - tables)
    changed = [name for name in wanted.keys() & there if digest(folder / name) != wanted[name]]
    yield from _named(folder, "changed or damaged", changed)


def _split_problems(folder: Path, metadata: list[list[str]]) -> Iterator[str]:
    """Tell where the table in the folder of a split has not the rows of ``metadata``."""
    head, *rows = metadata
    name, split_of = head.index("file_name"), head.index("split")
    for split in SPLITS:
        table = folder / "images" / split / "metadata.csv"
        inside = [
            [value.removeprefix(f"images/{split}/") if at == name else value for at, value in enumerate(row)]
            for row in rows
            if row[split_of] == split
        ]
        if table.is_file() and _cells(table) != [head, *inside]:
            yield f"{table}: its rows are not those of metadata.csv"


def _cells(path: Path) -> list[list[str]]:
    """Return a table as it is written, with its head."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def verify_shard(shard: Path) -> list[str]:
    """Return what is wrong with one shard: that it ends early, or holds other images than the table beside it."""
    study = shard.parents[4]  # above results/<table>/<name>/<stage>/
    again = f"make it again: snakemake --cores all --force {shard.relative_to(study)}"
    try:
        held = {source_id for source_id, _ in read_shard_bytes(shard)}
    except InputError as error:
        return [f"{error}; {again}"]
    table = shard.with_suffix(".csv")
    if not table.is_file():
        return []
    rows = read_table(table, text=["source_id", "reason"], columns=["source_id", "reason"])
    told = set(rows.loc[rows["reason"] == "", "source_id"])
    return list(_named(shard, f"of {table.name} and not in it", told - held, again)) + list(
        _named(shard, f"in it and not of {table.name}", held - told, again)
    )


def verify_model(record: Path) -> list[str]:
    """Return whether a model was trained on the dataset that is there now; its record has the SHA-256 of its table."""
    study = record.parents[5]  # above results/models/<model>/<train_set>/<seed>/
    again = f"make it again: snakemake --cores all --force {record.relative_to(study)}"
    facts = _read_record(record)
    if facts is None or "metadata_sha256" not in facts:
        return [f"{record}: it is no record of a training; {again}"]
    found = study / "results/datasets" / record.parents[1].name / "digest.txt"
    if not found.is_file() or found.read_text(errors="replace").strip() == facts["metadata_sha256"]:
        return []
    return [f"{record}: the model was trained on another dataset than {found.parent} is now; {again}"]


def verify_record(record: Path) -> list[str]:
    """Return which of the results that the record of a study tells of, and of the user's files, are others now."""
    results, study = record.parent, record.parents[1]
    again = f"make it again: snakemake --cores all --force {record.relative_to(study)}"
    facts = _read_record(record)
    if facts is None or not isinstance(facts.get("results"), dict) or not isinstance(facts.get("inputs"), dict):
        return [f"{record}: it is no record of a study; {again}"]
    problems = []
    for name, known in progress(sorted(facts["results"].items()), what="files of the record"):
        path = results / name
        if not path.is_file() or digest(path) != known:
            how = "changed or damaged" if path.is_file() else "missing"
            problems.append(
                f"{path}: {how} since provenance.json was written; make it again: snakemake --cores all --force "
                f"{path.relative_to(study)}"
            )
    for key, told in facts["inputs"].items():
        path = study / told.get("path", "")
        if "sha256" in told and path.is_file() and digest(path) != told["sha256"]:
            problems.append(f"{path}: not the file that the results were made of ({key}); run the study again")
    return problems


def _read_record(record: Path) -> dict[str, Any] | None:
    try:
        facts = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        return None
    return facts if isinstance(facts, dict) else None


def _named(where: Path, what: str, names: set[str] | list[str], again: str = "") -> Iterator[str]:
    if names:
        shown = ", ".join(sorted(names)[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
        yield f"{where}: {len(names)} {what}: {shown}" + (f"; {again}" if again else "")


def main() -> None:
    """Print what is wrong, and end with 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=".")
    try:
        problems = verify_results(parser.parse_args().folder)
    except InputError as error:
        sys.exit(str(error))
    print("\n".join(problems) or "Everything is as it was made.")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
