"""Count the blemished faces of every edit and class."""

from typing import TYPE_CHECKING

from synface.report.blemishes import tabulate_blemishes
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
generators = snakemake.params.generators
tabulate_blemishes(
    blemishes=dict(zip(generators, snakemake.input.blemishes, strict=True)),
    generators=generators,
    table=snakemake.output.table,
)
