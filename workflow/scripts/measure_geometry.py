"""Measure how faces lie in the pictures of one dataset."""

from typing import TYPE_CHECKING

from synface.faces.geometry import measure_geometry
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
measure_geometry(metadata=snakemake.input.metadata, geometry=snakemake.output.geometry)
