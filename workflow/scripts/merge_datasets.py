"""Merge parts of several datasets into one."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.dataset.merging import merge_datasets

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
merge_datasets(
    inputs=zip(snakemake.input.metadata, snakemake.input.images, strict=True),
    parts=snakemake.params.settings["merge"],
    seed=snakemake.params.settings["seed"],
    labels=snakemake.params.settings["labels"],
    images=snakemake.output.images,
    metadata=snakemake.output.metadata,
    counts=snakemake.output.counts,
    card=snakemake.output.card,
    digest=snakemake.output.digest,
    name=snakemake.wildcards.dataset,
)
