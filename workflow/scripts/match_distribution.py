"""Choose the images of one synthetic dataset: the reference's counts, the greatest quality."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.match import match_distribution

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
match_distribution(
    plan=snakemake.input.plan,
    crops=snakemake.input.crops,
    counts=snakemake.input.counts,
    taken=snakemake.input.taken,
    like=snakemake.params.like,
    **snakemake.params.settings,
    exact=snakemake.params.exact,
    selection=snakemake.output.selection,
    rejects=snakemake.output.rejects,
)
