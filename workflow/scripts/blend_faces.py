"""Blend the edited faces of one shard into their frames."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.blend import blend_faces

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
blend_faces(
    patches=snakemake.input.patches,
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    composites=snakemake.output.composites,
    settings=snakemake.params.settings,
)
