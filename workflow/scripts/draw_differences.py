"""Draw the differences in accuracy to the first training set, with their intervals."""

from typing import TYPE_CHECKING

from synface.report.accuracy import draw_differences
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_differences(comparisons=snakemake.input.comparisons, figures=[snakemake.output.figure])
