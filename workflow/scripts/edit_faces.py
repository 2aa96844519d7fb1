"""Give every detected face of one shard its planned emotion."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.edit import edit_faces

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
edit_faces(
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    plan=snakemake.input.plan,
    generator=snakemake.input.generator,
    edited=snakemake.output.edited,
    shard=int(snakemake.wildcards.shard),
    **snakemake.params.settings,
    threads=snakemake.threads,
)
