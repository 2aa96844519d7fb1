"""Record what all results of a study were made of, and which they are."""

from typing import TYPE_CHECKING

from synface.report.provenance import write_provenance
from synface.report.release import release
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
write_provenance(
    record=snakemake.output.record,
    results=snakemake.input,
    configuration=snakemake.params.config,
    code=snakemake.params.scripts,
    given=snakemake.params.given,
    lists=snakemake.params.lists,
    release=release(),
)
