"""Label the faces of unedited portraits by a trained model."""

from typing import TYPE_CHECKING

from synface.stages.label import label_portraits
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
label_portraits(
    plan=snakemake.input.plan,
    crops=snakemake.input.crops,
    boxes=snakemake.input.boxes,
    model=snakemake.input.model,
    labelled_plan=snakemake.output.plan,
    labelled_boxes=snakemake.output.boxes,
    threads=snakemake.threads,
    **snakemake.params.settings,
)
