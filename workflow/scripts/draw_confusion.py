"""Draw the confusion matrices of one model and training set, one per test set, over all seeds."""

from typing import TYPE_CHECKING

from synface.report.confusion import draw_confusion
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
names = snakemake.wildcards
draw_confusion(
    confusions=snakemake.input.confusions,
    title=f"{names.model}: trained on {names.train_set}",
    figures=[snakemake.output.figure],
    table=snakemake.output.table,
)
