"""Draw what every stage does to faces of one synthetic data set."""

from typing import TYPE_CHECKING

from synface.logs import log_to
from synface.report.contact_sheet import draw_contact_sheet

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
stages = ("frames", "edited", "recolored", "composites", "crops")
draw_contact_sheet(
    plan=snakemake.input.plan,
    faces=snakemake.input.faces,
    crop_boxes=snakemake.input.crop_boxes,
    stages={stage: snakemake.input.get(stage, []) for stage in stages},
    figure=snakemake.output.figure,
)
