"""Compare every model on every test set: accuracies over seeds and which differences are real."""

from typing import TYPE_CHECKING

from synface.evaluate.compare import compare
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
compare(
    evaluations=snakemake.params.evaluations,
    predictions=dict(zip(map(tuple, snakemake.params.trainings), snakemake.input.predictions, strict=True)),
    contrasts=snakemake.params.contrasts,
    lineage={each["dataset"]: each for each in snakemake.params.lineage},
    settings=snakemake.params.settings,
    accuracy=snakemake.output.accuracy,
    summary=snakemake.output.summary,
    per_class=snakemake.output.per_class,
    metrics=snakemake.output.metrics,
    comparisons=snakemake.output.comparisons,
    metric_comparisons=snakemake.output.metric_comparisons,
)
