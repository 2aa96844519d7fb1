"""Measure the accuracy of every model by group."""

from typing import TYPE_CHECKING

from synface.judges.measures import measure_group_accuracy
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
inputs, names = snakemake.input, snakemake.params
measure_group_accuracy(
    predictions=[(*pair, path) for pair, path in zip(names.trainings, inputs.predictions, strict=True)],
    judged=[(*pair, path) for pair, path in zip(names.judged, inputs.judged, strict=True)],
    metadata=dict(zip(names.metadata, inputs.metadata, strict=True)),
    accuracy=snakemake.output.accuracy,
)
