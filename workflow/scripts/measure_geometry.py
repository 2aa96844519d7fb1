"""Measure how faces lie in the pictures of one dataset."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.faces.geometry import measure_geometry

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
measure_geometry(metadata=snakemake.input.metadata, geometry=snakemake.output.geometry)
