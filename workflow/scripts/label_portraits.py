"""Label the faces of unedited portraits by a trained model."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.label import label_portraits

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
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
