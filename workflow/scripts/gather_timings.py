"""Gather the benchmark files of a run in one table."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.evaluate.timings import gather_timings

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
gather_timings(timings=snakemake.input.timings, table=snakemake.output.timings)
