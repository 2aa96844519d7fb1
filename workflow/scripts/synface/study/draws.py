"""Datasets drawn anew: the same recipe with other portraits, codes and parts, as entries of their own."""

from collections.abc import Mapping
from dataclasses import replace

from synface.settings.dataset import Dataset, ExternalSet, NaturalSet, SyntheticSet
from synface.settings.edit import Edit
from synface.study.config import Configuration

MARK = "~"  # in no name that a user gives


def recipe_of(dataset: str) -> str:
    """Return the name in the catalogue of what ``dataset`` is a draw of; its own, where it is none."""
    return dataset.split(MARK)[0]


def with_draws(config: Configuration) -> tuple[Configuration, Mapping[tuple[str, int], str]]:
    """Return ``config`` with an entry for every draw that an experiment asks for, and the draws' names.

    The names are by (dataset, dataset seed). A dataset on which the seed has no influence, such as a natural one, and
    one whose own seeds are equal to it, is itself the draw. The new names are ``{name}~{seed}``, for edits too.
    """
    edits: dict[str, Edit] = dict(config.edits)
    datasets: dict[str, Dataset] = dict(config.datasets)

    def draw(name: str, seed: int) -> str:
        entry, drawn = config.datasets[name], f"{name}{MARK}{seed}"
        if isinstance(entry, NaturalSet | ExternalSet):
            return name
        if isinstance(entry, SyntheticSet):
            edit = entry.synthetic.edit
            if config.edits[edit].seed == seed:
                return name
            edits[f"{edit}{MARK}{seed}"] = replace(config.edits[edit], seed=seed)
            datasets[drawn] = SyntheticSet(synthetic=replace(entry.synthetic, edit=f"{edit}{MARK}{seed}"))
            return drawn
        merge = [replace(part, dataset=draw(part.dataset, seed)) for part in entry.merge]
        seeded = entry.labels == "shuffled" or any(part.fraction != 1 for part in merge)
        chosen = seed if seeded else entry.seed
        if (merge, chosen) == (entry.merge, entry.seed):
            return name
        datasets[drawn] = replace(entry, merge=merge, seed=chosen)
        return drawn

    draws = {
        (name, seed): draw(name, seed)
        for experiment in config.experiments.values()
        for name in experiment.train_on
        for seed in experiment.dataset_seeds or ()
    }
    return replace(config, edits=edits, datasets=datasets), draws
