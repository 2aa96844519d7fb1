"""Blend the edited faces of one shard into their portraits."""

from typing import TYPE_CHECKING

from synface.stages.blend import blend_faces
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
blend_faces(
    patches=snakemake.input.patches,
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    blended=snakemake.output.blended,
    settings=snakemake.params.settings,
)
