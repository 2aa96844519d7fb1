"""Draw the plane of lazy against overfit edits."""

from typing import TYPE_CHECKING

from synface.report.plane import draw_plane
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_plane(plane=snakemake.input.plane, figures=[snakemake.output.figure])
