"""Choose the images of one synthetic dataset: the reference's counts, the greatest quality."""

from typing import TYPE_CHECKING

from synface.stages.match import match_distribution
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
match_distribution(
    plan=snakemake.input.plan,
    crops=snakemake.input.crops,
    counts=snakemake.input.counts,
    taken=snakemake.input.taken,
    like=snakemake.params.like,
    **snakemake.params.settings,
    exact=snakemake.params.exact,
    seed=snakemake.params.seed,
    judge=snakemake.params.judge,
    kept=snakemake.input.kept or None,
    groups=snakemake.input.groups or None,
    selection=snakemake.output.selection,
    rejects=snakemake.output.rejects,
)
