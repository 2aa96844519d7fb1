"""Import one natural set."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.dataset.importing import import_dataset

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
import_dataset(
    path=snakemake.input.path,
    images=snakemake.output.images,
    metadata=snakemake.output.metadata,
    counts=snakemake.output.counts,
    card=snakemake.output.card,
    rejects=snakemake.output.rejects,
    name=snakemake.wildcards.dataset,
    **snakemake.params.settings,
)
