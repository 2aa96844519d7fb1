"""Take the faces of one shard as another generator has edited them."""

from typing import TYPE_CHECKING

from synface.stages.patches import take_patches
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
take_patches(
    folder=snakemake.params.folder,
    patches=snakemake.input.patches,
    plan=snakemake.input.plan,
    shard=int(snakemake.wildcards.shard),
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    edited=snakemake.output.edited,
)
