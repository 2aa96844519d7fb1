"""Bring the planned portraits of one shard to working resolution."""

from typing import TYPE_CHECKING

from synface.stages.frames import prepare_frames
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
prepare_frames(
    images=snakemake.params.images,
    plan=snakemake.input.plan,
    shard=snakemake.wildcards.shard,
    frames=snakemake.output.frames,
    rejects=snakemake.output.rejects,
    **snakemake.params.settings,
)
