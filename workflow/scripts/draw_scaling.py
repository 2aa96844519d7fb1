"""Draw accuracy over the number of training images, and the curve of the real ones."""

from typing import TYPE_CHECKING

from synface.report.scaling import draw_scaling
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_scaling(points=snakemake.input.points, curves=snakemake.input.curves, figures=[snakemake.output.figure])
