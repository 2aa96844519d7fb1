"""Measure how much the faces of an edit are smeared and speckled."""

from typing import TYPE_CHECKING

from synface.stages.blemishes import measure_blemishes
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
measure_blemishes(
    plan=snakemake.input.plan,
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    edited=snakemake.input.edited,
    blemishes=snakemake.output.blemishes,
)
