"""Assemble one synthetic dataset from the selected crops."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.dataset.assembling import assemble_dataset

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
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
)
