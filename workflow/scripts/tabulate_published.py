"""Put the study's published accuracies beside ours."""

from typing import TYPE_CHECKING

from synface.evaluate.published import tabulate_published
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
tabulate_published(
    published=snakemake.input.published,
    summary=snakemake.input.summary,
    experiments=snakemake.params.experiments,
    tables={"5.1": snakemake.output.table_5_1, "5.3": snakemake.output.table_5_3},
)
