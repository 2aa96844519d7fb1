"""List the copies in one training set, of its own pictures and of test pictures."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from synface.dataset.audit import audit_training_set
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
frames = iter(snakemake.input.frames)
shards = [list(islice(frames, number)) for number in snakemake.params.shards]
audit_training_set(
    metadata=snakemake.input.metadata,
    tests=list(zip(snakemake.params.test_sets, snakemake.input.tests, strict=True)),
    copies=snakemake.output.copies,
    failed=Path(snakemake.output.copies).with_name("copies.failed.csv"),
    leaks=snakemake.params.leaks,
    name=snakemake.wildcards.train_set,
    portraits=dict(zip(snakemake.params.edits, zip(snakemake.input.indexes, shards, strict=True), strict=True)),
)
