"""Assemble one synthetic dataset from the selected crops."""

from typing import TYPE_CHECKING

from synface.dataset.assembling import assemble_dataset
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
assemble_dataset(
    selection=snakemake.input.selection,
    crops=snakemake.input.crops,
    images=snakemake.output.images,
    metadata=snakemake.output.metadata,
    counts=snakemake.output.counts,
    card=snakemake.output.card,
    digest=snakemake.output.digest,
    name=snakemake.wildcards.dataset,
    facts=snakemake.params.facts,
    origins=snakemake.params.origins,
)
