"""Draw the differences in accuracy to the first training set, with their intervals."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.accuracy import draw_differences

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
draw_differences(comparisons=snakemake.input.comparisons, figures=[snakemake.output.figure])
