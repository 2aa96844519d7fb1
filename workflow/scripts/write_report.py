"""Write the report page."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.page import write_report

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
inputs, names = snakemake.input, snakemake.params


def named(key: str) -> dict[str, str]:
    """Return the files of one kind by the names that the parameter of the same key gives them."""
    return dict(zip(names.get(key, []), inputs.get(key, []), strict=True))


write_report(
    template=inputs.template,
    page=snakemake.output.page,
    settings=names.settings,
    config=names.config,
    counts=named("counts"),
    rejects=[(*entry, path) for entry, path in zip(names.rejects, inputs.rejects, strict=True)],
    contact_sheets=named("contact_sheets"),
    gamuts=named("gamuts"),
    distributions=inputs.distributions,
    summary=inputs.summary,
    comparisons=inputs.comparisons,
    differences=inputs.differences,
    training=named("training"),
    confusions=[(*pair, path) for pair, path in zip(names.confusions, inputs.confusions, strict=True)],
    published=named("published"),
    timings=inputs.get("timings"),
)
