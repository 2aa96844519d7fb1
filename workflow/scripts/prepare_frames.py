"""Bring the planned portraits of one shard to working resolution."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.frames import prepare_frames

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
prepare_frames(
    images=snakemake.params.images,
    plan=snakemake.input.plan,
    shard=snakemake.wildcards.shard,
    frames=snakemake.output.frames,
    rejects=snakemake.output.rejects,
    **snakemake.params.settings,
)
