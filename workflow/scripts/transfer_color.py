"""Give the edited faces of one shard the colors of the original ones."""

from typing import TYPE_CHECKING

from synface.stages.color import transfer_color
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
transfer_color(
    edited=snakemake.input.edited,
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    recolored=snakemake.output.recolored,
    settings=snakemake.params.settings,
)
