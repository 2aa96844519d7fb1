"""Import one labelled set, natural or external."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.dataset.importing import import_dataset
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
import_dataset(
    path=snakemake.params.path,
    images=snakemake.output.images,
    metadata=snakemake.output.metadata,
    counts=snakemake.output.counts,
    card=snakemake.output.card,
    rejects=snakemake.output.rejects,
    files=snakemake.output.files,
    digest=snakemake.output.digest,
    failed=Path(snakemake.output.rejects).with_name("rejects.failed.csv"),
    leaks=snakemake.params.leaks,
    origins=snakemake.params.origins,
    made_by=snakemake.params.made_by,
    like=next(iter(snakemake.input.get("counts", [])), None),
    name=snakemake.wildcards.dataset,
    **snakemake.params.settings,
)
