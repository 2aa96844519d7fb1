"""Give the edited faces of one shard the colors of the original ones."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.color import transfer_color

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
transfer_color(
    edited=snakemake.input.edited,
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    recolored=snakemake.output.recolored,
    settings=snakemake.params.settings,
)
