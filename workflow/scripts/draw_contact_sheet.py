"""Draw what every stage does to faces of one synthetic dataset."""

from typing import TYPE_CHECKING

from synface.report.contact_sheet import draw_contact_sheet
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake


def shards(name: str) -> list[str]:
    """Return the files of an input that is one file, several, or absent."""
    files = snakemake.input.get(name, [])
    return [files] if isinstance(files, str) else list(files)


begin_job(snakemake.log[0], snakemake.params.code)
draw_contact_sheet(
    plan=snakemake.input.plan,
    faces=shards("faces"),
    crop_boxes=shards("crop_boxes"),
    stages={stage: shards(stage) for stage in ("frames", "edited", "recolored", "blended", "crops")},
    figure=snakemake.output.figure,
)
