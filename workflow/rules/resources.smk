# What jobs ask a cluster for, from the size of their work; synface.study.resources has the numbers. Where the table that
# says the size is not written yet, Snakemake shows <TBD> and asks again before it submits the job.

from synface.study import resources


def per_attempt(amount):
    """Return a function: ``amount`` of a resource, and as much again for every further attempt."""

    def ask(wildcards, attempt):
        return attempt * amount

    return ask


def minutes_for(table, seconds):
    """Return a function: the minutes for every row of input tables at so many seconds, more on a further attempt."""

    def ask(wildcards, input, attempt):
        tables = input.get(table)
        rows = sum(map(resources.count_rows, [tables] if isinstance(tables, str) else tables))
        return resources.minutes_per_image(rows, seconds, attempt)

    return ask


def minutes_for_shard(seconds):
    """Return a function: the minutes for one shard of an edit's plan."""

    def ask(wildcards, input, attempt):
        images = resources.count_rows(input.plan) / study.shards(wildcards.edit)
        return resources.minutes_per_image(images, seconds, attempt)

    return ask


def threads_to_train_poster(wildcards):
    model = study.config.models[wildcards.model]
    # A narrow network hardly gains from a second thread; a second training beside it gains all of it.
    return model.threads or (4 if model.width >= 0.5 else 1)


def threads_to_train_ganmut(wildcards):
    return study.config.generators[wildcards.generator].threads or 4


def threads_to_train_landmarks(wildcards):
    return study.config.landmarks[wildcards.network].threads or 4


def threads_to_train_action_units(wildcards):
    return study.config.action_units[wildcards.network].threads or 4


def minutes_to_train_poster(wildcards, input):
    return resources.poster_minutes(
        resources.count_rows(input.metadata), **study.settings("models", wildcards.model, "train")
    )


def megabytes_to_train_poster(wildcards, input, attempt):
    size = study.config.models[wildcards.model].input_size
    return resources.poster_megabytes(resources.count_rows(input.metadata), input_size=size, attempt=attempt)


def minutes_to_train_ganmut(wildcards):
    return resources.ganmut_minutes(**study.settings("generators", wildcards.generator, "ganmut"))


def megabytes_to_train_ganmut(wildcards, input, attempt):
    images = resources.count_rows(input.metadata)
    return resources.ganmut_megabytes(
        images, attempt=attempt, **study.settings("generators", wildcards.generator, "ganmut")
    )
