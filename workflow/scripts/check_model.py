"""Look whether a published model's labels or color channels are in another order than was said."""

from typing import TYPE_CHECKING

from synface.evaluate.orders import check_orders
from synface.poster.loading import load_poster
from synface.poster.predict import predict
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
predict(
    model=snakemake.input.model,
    tests=dict(zip(snakemake.params.test_sets, snakemake.input.metadata, strict=True)),
    predictions=snakemake.output.swapped,
    batch_size=snakemake.params.settings["test_batch_size"],
    most=500,
    swapped=True,
    threads=snakemake.threads,
)
network = load_poster(snakemake.input.model)
check_orders(
    predictions=snakemake.input.predictions,
    swapped=snakemake.output.swapped,
    orders=snakemake.output.orders,
    where=f"models.{snakemake.wildcards.model}",
    class_names=network.class_names,
    color_order=network.color_order,
)
