# Input functions: where a rule's inputs lie, given its wildcards and the study. Named for what they return.


def portraits(wildcards):
    return study.config.sources[wildcards.source].images


def portraits_to_edit(wildcards):
    return study.config.sources[study.config.edits[wildcards.edit].source].images


def license_file(wildcards):
    return study.config.sources[wildcards.source].license_file


def content_of_license_file(wildcards):
    path = license_file(wildcards)
    return content(f"sources.{wildcards.source}.license_file", path) if path else ""


def content_of_portraits(wildcards):
    name = f"sources.{wildcards.source}"
    return content(name, portraits(wildcards), hashes=hashes_written("sources", wildcards.source))


def index_to_edit(wildcards):
    return f"results/sources/{study.config.edits[wildcards.edit].source}/index.csv"


def framing_to_edit(wildcards):
    return study.framing_of(wildcards.edit)


def generator_to_edit_with(wildcards):
    return f"results/generators/{study.generator_of(wildcards.edit)}/generator.safetensors"


def gamut_to_plan_with(wildcards):
    generator = study.generator_of(wildcards.edit)
    return f"results/generators/{generator}/gamut.json" if generator else []


def patches_given(wildcards):
    return study.patches_of(wildcards.edit)


def content_of_patches(wildcards):
    name = f"edits.{wildcards.edit}"
    return content(name, patches_given(wildcards), hashes=hashes_written("edits", wildcards.edit))


def patches_to_take(wildcards):
    """Return the list of another generator's faces; nothing where a GANmut edits."""
    return f"results/edits/{wildcards.edit}/patches.csv" if patches_given(wildcards) else []


def counts_to_fill(wildcards):
    return [f"results/datasets/{like}/counts.csv" for like, *_ in study.demands(wildcards.edit)]


def sets_to_fill(wildcards):
    return [like for like, *_ in study.demands(wildcards.edit)]


def fractions_to_fill(wildcards):
    return [fraction for _, fraction, _ in study.demands(wildcards.edit)]


def test_fractions_to_fill(wildcards):
    return [fraction for *_, fraction in study.demands(wildcards.edit)]


def source_to_edit(wildcards):
    return study.config.edits[wildcards.edit].source


def counts_behind(wildcards):
    """Return the counts of the sets whose shares of train and test a source's split follows; none where it is given."""
    return [f"results/datasets/{like}/counts.csv" for like in study.sets_behind(wildcards.source)]


def deals_behind(wildcards):
    """Return what is dealt for the edits that a generator is trained for: it is told before when portraits lack."""
    return [f"results/edits/{edit}/dealt.csv" for edit in edits_of_generator(wildcards)]


def shards_to_plan(wildcards):
    return study.shards(wildcards.edit)


def of_edit(pattern):
    """Return an input function for a file of the edit behind a synthetic dataset, with its other wildcards."""

    def find(wildcards):
        return pattern.format(edit=study.synthetic(wildcards.dataset).edit, **wildcards)

    return find


def shards_of_edit(pattern):
    """Return an input function for a file of every shard of an edit."""

    def find(wildcards):
        return [pattern.format(edit=wildcards.edit, shard=shard) for shard in range(study.shards(wildcards.edit))]

    return find


def all_shards(pattern):
    """Return an input function for a file of every shard of a synthetic dataset."""

    def find(wildcards):
        shards = range(study.shards(study.synthetic(wildcards.dataset).edit))
        return [pattern.format(dataset=wildcards.dataset, shard=shard) for shard in shards]

    return find


def published_generator(wildcards):
    return study.config.generators[wildcards.generator].checkpoint


def content_of_generator(wildcards):
    return content(f"generators.{wildcards.generator}", published_generator(wildcards))


def start_of_generator(wildcards):
    """Return the weights that the training of a generator starts from, or None."""
    start = study.config.generators[wildcards.generator].start_from
    return start.checkpoint if start else None


def content_of_start(wildcards):
    path = start_of_generator(wildcards)
    return content(f"generators.{wildcards.generator}.start_from", path) if path else ""


def pairs_of_generator(wildcards):
    return study.config.generators[wildcards.generator].pairs


def content_of_pairs(wildcards):
    path = pairs_of_generator(wildcards)
    return content(f"generators.{wildcards.generator}.pairs", path, whole=True) if path else ""


def marks_of(dataset):
    """Return what only this kind of dataset's maker writes.

    Snakemake compares a job's parameters only where all of its outputs were made before. Asking for all of them makes
    a dataset again that was a merge and is now natural; the same goes for generators.
    """
    return [f"results/datasets/{dataset}/rejects.csv"] if study.imported(dataset) else []


def marks_of_generator(wildcards):
    generator = study.generator_of(wildcards.edit)
    is_trained = generator in study.names("generators", "train_on")
    return [f"results/generators/{generator}/history.csv"] if is_trained else []


def digests_of(names):
    """Return an input function for the digests of datasets, by which one sees that what is in them has changed."""

    def find(wildcards):
        return [f"results/datasets/{name}/digest.txt" for name in names(wildcards)]

    return find


def marks_of_all(names):
    def find(wildcards):
        return [mark for name in names(wildcards) for mark in marks_of(name)]

    return find


def published_model(wildcards):
    return study.config.models[wildcards.model].checkpoint


def content_of_model(wildcards):
    return content(f"models.{wildcards.model}", published_model(wildcards))


def set_to_train_on(wildcards):
    return [wildcards.train_set]


def sets_to_merge(wildcards):
    return [part.dataset for part in study.config.datasets[wildcards.dataset].merge]


def set_of_labelled(wildcards):
    return [study.config.generators[wildcards.generator].train_on]


def sets_to_audit(wildcards):
    return [wildcards.train_set, *audited_sets(wildcards)]


def labelled(file):
    """Return an input function for a file of the dataset that a generator is trained on."""

    def find(wildcards):
        return f"results/datasets/{study.config.generators[wildcards.generator].train_on}/{file}"

    return find


def patches_to_blend(wildcards):
    """Return the recolored faces, or the edited ones themselves where no color is transferred."""
    if study.synthetic(wildcards.dataset).color.method == "none":
        return of_edit("results/edits/{edit}/edited/{shard}.tar")(wildcards)
    return f"results/synthetic/{wildcards.dataset}/recolored/{wildcards.shard}.tar"


def blended_to_crop(wildcards):
    """Return the blended faces; portraits that are cropped as they are have none."""
    return f"results/synthetic/{wildcards.dataset}/blended/{wildcards.shard}.tar" if is_edited(wildcards) else []


def is_edited(wildcards):
    return wildcards.dataset not in study.unedited


def model_to_label_with(wildcards):
    return teacher_of(wildcards.dataset)


def teacher_of(dataset):
    teacher = study.synthetic(dataset).unedited
    return f"results/models/{teacher.model}/{teacher.train_set}/seed{teacher.seed}/model.safetensors"


def plan_to_match(wildcards):
    """Return the plan of the edit, or the one with a model's labels."""
    if is_edited(wildcards):
        return of_edit("results/edits/{edit}/plan.csv")(wildcards)
    return f"results/synthetic/{wildcards.dataset}/plan.csv"


def crops_to_match(wildcards):
    if is_edited(wildcards):
        return all_shards("results/synthetic/{dataset}/crops/{shard}.csv")(wildcards)
    return [f"results/synthetic/{wildcards.dataset}/boxes.csv"]


def detect_settings(wildcards):
    return study.settings("edits", study.synthetic(wildcards.dataset).edit, "crop")


def judge_that_keeps(wildcards):
    return study.judge_that_keeps(wildcards.dataset)


def reading_of(judge):
    """Return an input function: what the judge, a function of the wildcards, read in a synthetic dataset's faces."""

    def find(wildcards):
        return f"results/judges/{judge(wildcards)}/{wildcards.dataset}.csv" if judge(wildcards) else []

    return find


def judge_of_groups(wildcards):
    return study.judge_of_groups(wildcards.dataset)


def seed_to_match(wildcards):
    """Return the seed of a random choice, which is that of the edit: a dataset that is drawn anew is chosen anew."""
    recipe = study.synthetic(wildcards.dataset)
    return study.config.edits[recipe.edit].seed if recipe.prefer == "random" else None


def set_to_match(wildcards):
    return study.synthetic(wildcards.dataset).like


def counts_to_match(wildcards):
    return f"results/datasets/{set_to_match(wildcards)}/counts.csv"


def given_faces(wildcards):
    return study.imported(wildcards.dataset).path


def maker_of_faces(wildcards):
    return study.maker_of(wildcards.dataset)


def origins_of_dataset(wildcards):
    return origins_of(study, wildcards.dataset)


def counts_to_imitate(wildcards):
    like = study.set_imitated_by(wildcards.dataset)
    return [f"results/datasets/{like}/counts.csv"] if like else []


def content_of_faces(wildcards):
    name = f"datasets.{wildcards.dataset}"
    return content(name, given_faces(wildcards), hashes=hashes_written("datasets", wildcards.dataset))


def synthetic_facts(wildcards):
    return study.facts_of(wildcards.dataset)


def merged(file):
    """Return an input function for a file of every part of a merged dataset."""

    def find(wildcards):
        return [f"results/datasets/{part.dataset}/{file}" for part in study.config.datasets[wildcards.dataset].merge]

    return find


def marked_faces(wildcards):
    return study.config.landmarks[wildcards.network].images


def content_of_marked_faces(wildcards):
    return content(f"landmarks.{wildcards.network}", marked_faces(wildcards), whole=True)


def coded_faces(wildcards):
    return study.config.action_units[wildcards.network].images


def content_of_coded_faces(wildcards):
    return content(f"action_units.{wildcards.network}", coded_faces(wildcards), whole=True)


def pretrained(part):
    """Return a function: the weights of a part that a model starts from, or None."""

    def find(wildcards):
        return getattr(study.config.models[wildcards.model].pretrained, part)

    return find


def made_of(path):
    """Return an input function for what ``path``, a function of the wildcards, tells, where the workflow makes it."""

    def find(wildcards):
        return made(path(wildcards)) if path(wildcards) else []

    return find


def place_of(path):
    """Return a function: where lies what ``path`` tells; None for nothing."""

    def find(wildcards):
        return place(path(wildcards)) if path(wildcards) else None

    return find


def content_of_pretrained(wildcards):
    paths = {part: pretrained(part)(wildcards) for part in ("ir50", "mobilefacenet")}
    return {part: content(f"models.{wildcards.model}.{part}", path) for part, path in paths.items() if path}


def tested(file):
    """Return an input function for a file of every dataset that a trained model is tested on."""

    def find(wildcards):
        return [f"results/datasets/{name}/{file}" for name in test_sets(wildcards)]

    return find


def test_sets(wildcards):
    train_set, seed = wildcards.get("train_set", ELSEWHERE), int(wildcards.get("seed", 0))
    return study.tests_of(wildcards.model, train_set, seed)


def audit_behind(wildcards):
    """Return the audit of what a model was trained on; of what is elsewhere there is none."""
    elsewhere = wildcards.train_set == ELSEWHERE
    return [] if elsewhere else f"results/audits/{wildcards.train_set}/copies.csv"


def orders_to_report(wildcards):
    return expand("results/evaluations/{model}/elsewhere/seed0/orders.csv", model=study.published_in_use)


def audited_sets(wildcards):
    return study.tested_with(wildcards.train_set)


def audited(file):
    """Return an input function for a file of every dataset that a model trained on a set is tested on."""

    def find(wildcards):
        return [f"results/datasets/{name}/{file}" for name in audited_sets(wildcards)]

    return find


def judged_people(suffix):
    """Return an input function for what the identity judge read behind a training set and its test sets."""

    def find(wildcards):
        names = study.judged_parts(wildcards.train_set)
        return [f"results/judges/{study.identity_judge}/{name}.{suffix}" for name in names]

    return find


def parts_to_know_people_in(wildcards):
    return study.judged_parts(wildcards.train_set)


def people_to_report(wildcards):
    """Return who is on both sides, by training set; nothing without a judge that knows people again."""
    return [f"results/audits/{name}/people.csv" for name in study.training_sets if study.identity_judge]


def edits_to_audit(wildcards):
    """Return the edits behind a training set whose portraits may be test pictures."""
    made = [name for name in study.parts_of(wildcards.train_set) if name in study.names("datasets", "synthetic")]
    return list(dict.fromkeys(study.synthetic(name).edit for name in made))


def indexes_to_audit(wildcards):
    return [f"results/sources/{study.config.edits[edit].source}/index.csv" for edit in edits_to_audit(wildcards)]


def frames_to_audit(wildcards):
    """Return the shards of frames of those edits, one edit after another."""
    return [path for paths in _frames_of_edits(wildcards) for path in paths]


def _frames_of_edits(wildcards):
    pattern = "results/edits/{}/frames/{}.tar"
    return [[pattern.format(edit, shard) for shard in range(study.shards(edit))] for edit in edits_to_audit(wildcards)]


def shards_to_audit(wildcards):
    return [len(paths) for paths in _frames_of_edits(wildcards)]


def audits_to_report(wildcards):
    return [f"results/audits/{name}/copies.csv" for name in study.training_sets]


def judge_settings(wildcards):
    """Return which network a judge is, and the hash of its file; where it lies changes nothing."""
    return _network_of(study.config.judges[wildcards.judge])


def _network_of(judge):
    return {"network": judge.network, "sha256": judge.sha256}


def judge_file(wildcards):
    return study.config.judges[wildcards.judge].file


def content_of_judge(wildcards):
    return content(f"judges.{wildcards.judge}", judge_file(wildcards))


FIRST_JUDGE = next(iter(study.config.judges), None)


def first_judge(wildcards):
    """Return name and network of the judge that reads the faces of a gamut; None without judges."""
    return {"name": FIRST_JUDGE, **_network_of(study.config.judges[FIRST_JUDGE])} if FIRST_JUDGE else None


def first_judge_file(wildcards):
    return study.config.judges[FIRST_JUDGE].file if FIRST_JUDGE else None


def content_of_first_judge(wildcards):
    return content(f"judges.{FIRST_JUDGE}", first_judge_file(wildcards)) if FIRST_JUDGE else ""


def frames_to_judge(wildcards):
    edit = study.synthetic(wildcards.dataset).edit
    return [f"results/edits/{edit}/frames/{shard}.tar" for shard in range(study.shards(edit))]


def judged_reference(suffix):
    """Return an input function for what the judge read of the natural set that a synthetic one imitates."""

    def find(wildcards):
        return f"results/judges/{wildcards.judge}/{set_to_match(wildcards)}.{suffix}"

    return find


def judged(kind, suffix="csv"):
    """Return an input function for what every judge read of every set of a kind: ``edits`` or ``sets``."""

    def find(wildcards):
        return [f"results/judges/{judge}/{name}.{suffix}" for judge, name in study.judged[kind]]

    return find


def judged_tests(wildcards):
    return [f"results/judges/{judge}/{name}.csv" for judge, name in study.judged_tests]


def tables_of_judges(wildcards):
    """Return the tables of what judges found; none without judges."""
    return [f"results/tables/{name}.csv" for name in study.judge_tables]


def of_trainings(trainings, pattern):
    return [pattern.format(model=each.model, train_set=each.train_set, seed=each.seed) for each in trainings]


def trained(pattern):
    """Return an input function for a file of every training that an experiment asks for, here or elsewhere."""

    def find(wildcards):
        return of_trainings(study.trainings, pattern)

    return find


def all_provenance(wildcards):
    return of_trainings(study.trainings_here, "results/models/{model}/{train_set}/seed{seed}/provenance.json")


all_predictions = trained("results/evaluations/{model}/{train_set}/seed{seed}/predictions.csv")
all_metrics = trained("results/evaluations/{model}/{train_set}/seed{seed}/metrics.json")
trained_models = trained("results/models/{model}/{train_set}/seed{seed}/model.safetensors")


# What every dataset has beside its images.
FILES_OF_DATASETS = ("digest.txt", "metadata.csv", "counts.csv", "README.md", "LICENSE", "croissant.json")


def lists_of_inputs():
    """Return where the files of the user's folders are listed with their hashes, by the keys of the folders."""
    needed = study.needed
    found = {f"sources.{source}.images": f"results/sources/{source}/index.csv" for source in needed["sources"]}
    found |= {
        f"edits.{edit}.patches": f"results/edits/{edit}/patches.csv"
        for edit in needed["edits"]
        if study.patches_of(edit)
    }
    for dataset in needed["datasets"]:
        if study.imported(dataset):
            key = f"datasets.{dataset}.{study.config.datasets[dataset].MARK}.path"
            found[key] = f"results/datasets/{dataset}/files.csv"
    return found


def predictions_to_scale(wildcards):
    pattern = "results/evaluations/{model}/{train_set}/seed{seed}/predictions.csv"
    return of_trainings(study.scaled_trainings, pattern)


def runs_of_model(wildcards):
    return [{"name": recipe_of(each.train_set)} for each in study.trainings_of(wildcards.model)]


def histories_of_model(wildcards):
    pattern = "results/models/{model}/{train_set}/seed{seed}/history.csv"
    return of_trainings(study.trainings_of(wildcards.model), pattern)


def confusions_of_seeds(wildcards):
    pattern = "results/evaluations/{model}/{train_set}/seed{seed}/confusions.csv"
    return of_trainings(study.trainings_of(wildcards.model, wildcards.train_set), pattern)


def confusions(suffix):
    """Return an input function for a file of every model and training set."""

    def find(wildcards):
        return [f"results/figures/confusion/{model}/{train_set}.{suffix}" for model, train_set in study.pairs]

    return find


def first_shard_of_edit(pattern):
    """Return an input function for a file of the first shard of the edit behind a synthetic dataset: a sample."""

    def find(wildcards):
        return pattern.format(edit=study.synthetic(wildcards.dataset).edit, shard=0)

    return find


def edited_to_show(wildcards):
    return first_shard_of_edit("results/edits/{edit}/edited/{shard}.tar")(wildcards) if is_edited(wildcards) else []


def blended_to_show(wildcards):
    return f"results/synthetic/{wildcards.dataset}/blended/0.tar" if is_edited(wildcards) else []


def recolored_to_show(wildcards):
    transferred = is_edited(wildcards) and study.synthetic(wildcards.dataset).color.method != "none"
    return [f"results/synthetic/{wildcards.dataset}/recolored/0.tar"] if transferred else []


def frames_to_show(wildcards):
    return f"results/edits/{study.first_edit_by(wildcards.generator)}/frames/0.tar"


def faces_to_show(wildcards):
    return f"results/edits/{study.first_edit_by(wildcards.generator)}/faces/0.csv"


def edits_of_generator(wildcards):
    return study.edits_by(wildcards.generator)


def plans_of_generator(wildcards):
    return [f"results/edits/{edit}/plan.csv" for edit in edits_of_generator(wildcards)]


def source_to_show(wildcards):
    return study.config.edits[study.first_edit_by(wildcards.generator)].source


def plans_to_show(wildcards):
    """Return the plan behind every synthetic dataset that is shown: of the edit, or with a model's labels."""
    pattern = "results/synthetic/{}/plan.csv"
    return [
        pattern.format(name) if name in study.unedited else f"results/edits/{study.synthetic(name).edit}/plan.csv"
        for name in study.synthetic_to_show.values()
    ]


def published_tables(wildcards):
    """Return the study's tables, when an experiment asks to be set beside them."""
    return ["results/tables/table_5_1.csv", "results/tables/table_5_3.csv"] if study.published_experiments else []


def blemishes_table(wildcards):
    return ["results/tables/blemishes.csv"] if study.edits_to_show else []


def scaling_tables(wildcards):
    """Return the points and the curves, when an experiment asks what synthetic images are worth."""
    return ["results/tables/scaling.csv", "results/tables/scaling_curves.csv"] if study.scaled_evaluations else []


def plane_figure(wildcards):
    return ["results/figures/edit_plane.svg"] if study.places_edits else []


def scaling_figure(wildcards):
    return ["results/figures/scaling.svg"] if study.scaled_evaluations else []


def published_headings(wildcards):
    return ["Table 5.1", "Table 5.3"] if study.published_experiments else []


def rejects_to_report(wildcards):
    return [study.rejects_of(*entry) for entry in study.rejecting]


def timings_to_gather(wildcards):
    """Return the timing of every job behind the study's tables.

    A training that is finished is not begun again for a timing that was deleted; the table then lacks it.
    """
    needed = study.needed
    found = expand("results/timings/drawing/{drawing}.tsv", drawing=needed["drawings"])
    found += expand("results/timings/sources/{source}.tsv", source=needed["sources"])
    found += expand("results/timings/dataset/{dataset}.tsv", dataset=needed["datasets"])
    for edit in needed["edits"]:
        found += [f"results/timings/patches/{edit}.tsv"] if study.patches_of(edit) else []
        shards = range(study.shards(edit))
        stages = ("frames", "detect", "edit")
        found += expand("results/timings/{stage}/{edit}/{shard}.tsv", stage=stages, edit=edit, shard=shards)
        found += expand("results/timings/{stage}/{edit}.tsv", stage=("deal", "plan"), edit=edit)
    found += expand("results/timings/blemishes/{edit}.tsv", edit=study.edits_to_show)
    for dataset in study.synthetic_in_use:
        shards = range(study.shards(study.synthetic(dataset).edit))
        found.append(f"results/timings/match/{dataset}.tsv")
        if dataset in study.unedited:
            found += expand("results/timings/crop/{dataset}/{shard}.tsv", dataset=dataset, shard=shards)
            found.append(f"results/timings/label/{dataset}.tsv")
            continue
        recolored = study.synthetic(dataset).color.method != "none"
        stages = ("color", "blend", "crop") if recolored else ("blend", "crop")
        found += expand("results/timings/{stage}/{dataset}/{shard}.tsv", stage=stages, dataset=dataset, shard=shards)
    found += [f"results/timings/judge/{judge}/{name}.tsv" for judge, name in study.readings]
    found += expand("results/timings/audit/{train_set}.tsv", train_set=study.training_sets)
    found += expand("results/timings/geometry/{dataset}.tsv", dataset=study.datasets_to_show.values())
    found += trained("results/timings/evaluate/{model}/{train_set}/seed{seed}.tsv")(wildcards)
    for timing, result in timings_of_trainings():
        if Path(placed(timing)).exists() or not Path(placed(result)).exists():
            found.append(timing)
    return [*found, "results/timings/evaluate/compare.tsv"]


def timings_of_trainings():
    """Yield (timing, what was trained) of every training behind the study's tables."""
    for network in study.needed["landmarks"]:
        yield f"results/timings/landmarks/{network}.tsv", f"results/landmarks/{network}/mobilefacenet.safetensors"
    for network in study.needed["action_units"]:
        yield f"results/timings/action_units/{network}.tsv", f"results/action_units/{network}/ir50.safetensors"
    for generator in study.needed["generators"]:
        if generator in study.names("generators", "train_on"):
            yield f"results/timings/ganmut/{generator}.tsv", f"results/generators/{generator}/generator.safetensors"
    for each in study.trainings_here:
        place = f"{each.model}/{each.train_set}/seed{each.seed}"
        yield f"results/timings/train/{place}.tsv", f"results/models/{place}/model.safetensors"
