"""List another generator's faces for one edit."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.patches import index_patches

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
index_patches(
    folder=snakemake.params.folder,
    index=snakemake.input.index,
    patches=snakemake.output.patches,
    rejects=snakemake.output.rejects,
)
