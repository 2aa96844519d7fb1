"""Verifying: whether what lies in the results is still what was made, byte for byte.

    python -m synface.dataset.verifying [FOLDER]

FOLDER is the study's, the working directory by default. Every image of every dataset is compared with its SHA-256 in
metadata.csv, the tables with each other and with digest.txt, and every shard with the table beside it. Snakemake itself
sees that a file is there, not what is in it.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from synface.core.counts import count_images, read_counts
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
    return problems


def verify_dataset(folder: Path) -> list[str]:
    """Return what is wrong with one dataset, each with the command that makes it again."""
    again = f"make it again: snakemake --cores all --force results/datasets/{folder.name}/digest.txt"
    try:
        return [f"{problem}; {again}" for problem in _dataset_problems(folder)]
    except (InputError, OSError, ValueError) as error:
        told = f"{folder}: {error.strerror} ({error.filename})" if isinstance(error, OSError) else str(error)
        return [f"{told}; {again}"]


def _dataset_problems(folder: Path) -> Iterator[str]:
    metadata = folder / "metadata.csv"
    rows = read_table(metadata, text=["file_name", "split", "sha256"], columns=["file_name", "split", "sha256"])
    if (folder / "digest.txt").read_text().strip() != digest(metadata):
        yield f"{metadata}: it is not the table that digest.txt tells of"
    if read_counts(folder / "counts.csv") != count_images(rows):
        yield f"{folder / 'counts.csv'}: its counts are not those of metadata.csv"
    wanted = dict(zip(rows["file_name"], rows["sha256"], strict=True))
    there = {f"images/{found.path}" for found in files_in(folder / "images")}
    tables = {f"images/{split}/metadata.csv" for split in ("train", "test")}
    yield from _named(folder, "missing", (wanted.keys() | tables) - there)
    yield from _named(folder, "not of this dataset", there - wanted.keys() - tables)
    changed = [name for name in wanted.keys() & there if digest(folder / name) != wanted[name]]
    yield from _named(folder, "changed or damaged", changed)


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
