"""Merge parts of several datasets into one."""

from typing import TYPE_CHECKING

from synface.dataset.merging import merge_datasets
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
merge_datasets(
    inputs=zip(snakemake.input.metadata, snakemake.input.images, strict=True),
    parts=snakemake.params.settings["merge"],
    seed=snakemake.params.settings["seed"],
    origins=snakemake.params.origins,
    labels=snakemake.params.settings["labels"],
    images=snakemake.output.images,
    metadata=snakemake.output.metadata,
    counts=snakemake.output.counts,
    card=snakemake.output.card,
    digest=snakemake.output.digest,
    name=snakemake.wildcards.dataset,
)
