"""Draw accuracy over the number of training images, and the curve of the real ones."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.scaling import draw_scaling

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
draw_scaling(points=snakemake.input.points, curves=snakemake.input.curves, figures=[snakemake.output.figure])
