"""Gather the benchmark files of a run in one table."""

from typing import TYPE_CHECKING

from synface.evaluate.timings import gather_timings
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
gather_timings(timings=snakemake.input.timings, table=snakemake.output.timings)
