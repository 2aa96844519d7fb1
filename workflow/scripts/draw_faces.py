"""Draw faces with known expressions into a folder laid out like a real dataset."""

from typing import TYPE_CHECKING

from drawn.dataset import draw_faces
from synface.core.logs import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
draw_faces(
    folder=snakemake.output.folder,
    settings=snakemake.params.settings,
    threads=snakemake.threads,
)
