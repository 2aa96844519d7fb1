"""Let a judge read the faces of a synthetic dataset before and after their edit."""

from typing import TYPE_CHECKING

from synface.judges.faces import judge_edits
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
judge_edits(
    plan=snakemake.input.plan,
    frames=snakemake.input.frames,
    crops=snakemake.input.crops,
    boxes=snakemake.input.boxes,
    reference=(snakemake.input.reference, snakemake.input.reference_arrays),
    table=snakemake.output.table,
    arrays=snakemake.output.arrays,
    name=snakemake.wildcards.dataset,
    file=snakemake.params.file,
    threads=snakemake.threads,
    **snakemake.params.settings,
)
