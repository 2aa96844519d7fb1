"""Draw the confusion matrices of one model and training set, one per test set, over all seeds."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.confusion import draw_confusion

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
names = snakemake.wildcards
draw_confusion(
    confusions=snakemake.input.confusions,
    title=f"{names.model}: trained on {names.train_set}",
    figures=[snakemake.output.figure],
    table=snakemake.output.table,
)
