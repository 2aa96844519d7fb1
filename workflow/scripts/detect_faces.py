"""Find the face in every frame of one shard."""

from typing import TYPE_CHECKING

from synface.compute.device import choose_device
from synface.stages.detect import detect_faces
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
detect_faces(
    frames=snakemake.input.frames,
    rejects=snakemake.input.rejects,
    plan=snakemake.input.plan,
    shard=snakemake.wildcards.shard,
    faces=snakemake.output.faces,
    settings=snakemake.params.settings | {"framing": snakemake.params.framing},
    patches=snakemake.input.get("patches") or None,
    # The networks are so small that a second thread only waits for the first; shards are what runs in parallel.
    device=choose_device(threads=1, shapes_repeat=False),
)
