"""Cut the edited faces of one shard out of their portraits."""

from typing import TYPE_CHECKING

from synface.compute.device import choose_device
from synface.stages.crop import crop_faces
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
crop_faces(
    frames=snakemake.input.frames,
    blended=snakemake.input.get("blended") or None,
    faces=snakemake.input.faces,
    crops=snakemake.output.crops,
    boxes=snakemake.output.boxes,
    settings=snakemake.params.settings,
    detect=snakemake.params.detect,
    # The networks are so small that a second thread only waits for the first; shards are what runs in parallel.
    device=choose_device(threads=1, shapes_repeat=False),
)
