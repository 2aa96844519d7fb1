"""Fit accuracy over the number of real training images, and tell what synthetic ones are worth."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.evaluate.scaling import fit_scaling

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
fit_scaling(
    evaluations=snakemake.params.evaluations,
    predictions=dict(zip(map(tuple, snakemake.params.trainings), snakemake.input.predictions, strict=True)),
    metadata=dict(zip(snakemake.params.datasets, snakemake.input.metadata, strict=True)),
    points=snakemake.output.points,
    curves=snakemake.output.curves,
)
