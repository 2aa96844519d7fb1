"""Draw the confusion matrix of one model on one test set, over all seeds."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.confusion import draw_confusion

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
names = snakemake.wildcards
draw_confusion(
    confusions=snakemake.input.confusions,
    title=f"{names.model}: trained on {names.dataset}, tested on {names.testset}",
    figures=[snakemake.output.figure],
    table=snakemake.output.table,
)
