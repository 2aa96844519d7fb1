"""Fit accuracy over the number of real training images, and tell what synthetic ones are worth."""

from typing import TYPE_CHECKING

from synface.evaluate.scaling import fit_scaling
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
fit_scaling(
    evaluations=snakemake.params.evaluations,
    predictions=dict(zip(map(tuple, snakemake.params.trainings), snakemake.input.predictions, strict=True)),
    metadata=dict(zip(snakemake.params.datasets, snakemake.input.metadata, strict=True)),
    points=snakemake.output.points,
    curves=snakemake.output.curves,
)
