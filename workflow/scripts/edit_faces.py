"""Give every detected face of one shard its planned emotion."""

from typing import TYPE_CHECKING

from synface.stages.edit import edit_faces
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
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
