"""List another generator's faces for one edit."""

from typing import TYPE_CHECKING

from synface.stages.patches import index_patches
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
index_patches(
    folder=snakemake.params.folder,
    index=snakemake.input.index,
    patches=snakemake.output.patches,
    rejects=snakemake.output.rejects,
)
