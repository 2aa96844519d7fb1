"""List the people who are in one training set and in the sets that its models are tested on."""

from typing import TYPE_CHECKING

from synface.judges.people import find_people
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
inputs, names = snakemake.input, snakemake.params
find_people(
    metadata=inputs.metadata,
    tests=list(zip(names.test_sets, inputs.tests, strict=True)),
    judged={name: files for name, *files in zip(names.judged, inputs.judged, inputs.arrays, strict=True)},
    people=snakemake.output.people,
    name=snakemake.wildcards.train_set,
)
