"""Draw faces with known expressions into a folder laid out like a real dataset."""

from typing import TYPE_CHECKING

from drawn.dataset import draw_faces
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_faces(
    folder=snakemake.output.folder,
    settings=snakemake.params.settings,
    threads=snakemake.threads,
)
