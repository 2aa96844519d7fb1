# Input functions: where a rule's inputs lie, given its wildcards and the configuration. Named for what they return.


def edit_of(wildcards):
    return config["datasets"][wildcards.dataset]["synthetic"]["edit"]


def shards_of(edit):
    return range(config["edits"][edit]["shards"])


def portraits(wildcards):
    return provided(config["sources"][wildcards.source]["images"])


def portraits_to_edit(wildcards):
    return provided(config["sources"][config["edits"][wildcards.edit]["source"]]["images"])


def index_to_edit(wildcards):
    return f"results/sources/{config['edits'][wildcards.edit]['source']}/index.csv"


def generator_to_edit_with(wildcards):
    return f"results/generators/{config['edits'][wildcards.edit]['generator']}/generator.safetensors"


def gamut_to_plan_with(wildcards):
    return f"results/generators/{config['edits'][wildcards.edit]['generator']}/gamut.json"


def counts_to_fill(wildcards):
    return [f"results/datasets/{like}/counts.csv" for like, _ in study.demands(config, wildcards.edit)]


def fractions_to_fill(wildcards):
    return [fraction for _, fraction in study.demands(config, wildcards.edit)]


def of_edit(pattern):
    """Return an input function for a file of the edit behind a synthetic dataset, with its other wildcards."""

    def find(wildcards):
        return pattern.format(edit=edit_of(wildcards), **wildcards)

    return find


def all_shards(pattern):
    """Return an input function for a file of every shard of a synthetic dataset."""

    def find(wildcards):
        return expand(pattern, dataset=wildcards.dataset, shard=shards_of(edit_of(wildcards)))

    return find


def published_generator(wildcards):
    return provided(config["generators"][wildcards.generator]["checkpoint"])


def labelled_faces(wildcards):
    return f"results/datasets/{config['generators'][wildcards.generator]['train_on']}/metadata.csv"


def labelled_images(wildcards):
    return f"results/datasets/{config['generators'][wildcards.generator]['train_on']}/images"


def patches_to_blend(wildcards):
    """Return the recolored faces, or the edited ones themselves where no color is transferred."""
    if config["datasets"][wildcards.dataset]["synthetic"]["color"]["method"] == "none":
        return of_edit("results/edits/{edit}/edited/{shard}.tar")(wildcards)
    return f"results/synthetic/{wildcards.dataset}/recolored/{wildcards.shard}.tar"


def detect_settings(wildcards):
    return config["edits"][edit_of(wildcards)]["detect"]


def counts_to_match(wildcards):
    return f"results/datasets/{config['datasets'][wildcards.dataset]['synthetic']['like']}/counts.csv"


def natural_faces(wildcards):
    return provided(config["datasets"][wildcards.dataset]["natural"]["path"])


def natural_settings(wildcards):
    natural = config["datasets"][wildcards.dataset]["natural"]
    return {key: natural[key] for key in ("layout", "split")}


def synthetic_facts(wildcards):
    """Return what is known of every image of a synthetic dataset, for its metadata."""
    synthetic = config["datasets"][wildcards.dataset]["synthetic"]
    edit = config["edits"][synthetic["edit"]]
    return {**synthetic, "source": edit["source"], "generator": edit["generator"], "seed": edit["seed"]}


def merged_metadata(wildcards):
    parts = config["datasets"][wildcards.dataset]["merge"]
    return [f"results/datasets/{part['dataset']}/metadata.csv" for part in parts]


def merged_images(wildcards):
    parts = config["datasets"][wildcards.dataset]["merge"]
    return [f"results/datasets/{part['dataset']}/images" for part in parts]


def marked_faces(wildcards):
    return provided(config["landmarks"][wildcards.net]["train_on"])


def pretrained_weights(wildcards):
    weights = config["models"][wildcards.model]["pretrained"]
    return [provided(path) for path in weights.values() if path]


def first_shard_of_edit(pattern):
    """Return an input function for a file of the first shard of the edit behind a synthetic dataset: a sample."""

    def find(wildcards):
        return pattern.format(edit=edit_of(wildcards), shard=0)

    return find


def recolored_to_show(wildcards):
    transferred = config["datasets"][wildcards.dataset]["synthetic"]["color"]["method"] != "none"
    return [f"results/synthetic/{wildcards.dataset}/recolored/0.tar"] if transferred else []


def first_edit_by(generator):
    return next(name for name, edit in config["edits"].items() if edit["generator"] == generator)


def frames_to_show(wildcards):
    return f"results/edits/{first_edit_by(wildcards.generator)}/frames/0.tar"


def faces_to_show(wildcards):
    return f"results/edits/{first_edit_by(wildcards.generator)}/faces/0.csv"


def plans_to_show(wildcards):
    datasets = study.synthetic_in_use(config)
    return [f"results/edits/{config['datasets'][name]['synthetic']['edit']}/plan.csv" for name in datasets]


def evaluated(file):
    """Return an input function for a file of every evaluation that an experiment asks for."""

    def find(wildcards):
        cells = study.evaluations(config)
        return [
            "results/evaluations/{model}/{train_set}/seed{seed}/{test_set}/".format(**cell) + file for cell in cells
        ]

    return find


all_predictions = evaluated("predictions.csv")
all_metrics = evaluated("metrics.json")


def trained_models(wildcards):
    cells = study.evaluations(config)
    return ["results/models/{model}/{train_set}/seed{seed}/model.safetensors".format(**cell) for cell in cells]


def runs_of_model(wildcards):
    return study.trainings(config, wildcards.model)


def histories_of_model(wildcards):
    pattern = f"results/models/{wildcards.model}/{{name}}/seed{{seed}}/history.csv"
    return [pattern.format(**run) for run in runs_of_model(wildcards)]


def confusions_of_seeds(wildcards):
    seeds = study.seeds_of(config, wildcards.model, wildcards.dataset, wildcards.testset)
    pattern = "results/evaluations/{model}/{dataset}/seed{seed}/{testset}/confusion.csv"
    return [pattern.format(seed=seed, **wildcards) for seed in seeds]


def confusion_tables(wildcards):
    pattern = "results/figures/confusion/{model}/{train_set}/{test_set}.csv"
    return [pattern.format(**pair) for pair in study.evaluated_pairs(config)]


def all_confusion_figures(wildcards):
    pattern = "results/figures/confusion/{model}/{train_set}/{test_set}.svg"
    return [pattern.format(**pair) for pair in study.evaluated_pairs(config)]


def published_tables(wildcards):
    """Return the study's tables, when an experiment asks to be set beside them."""
    asked = any(experiment["published"] for experiment in config["experiments"].values())
    return ["results/tables/table_5_1.csv", "results/tables/table_5_3.csv"] if asked else []


def published_headings(wildcards):
    return ["Table 5.1", "Table 5.3"] if published_tables(wildcards) else []


def rejects_to_report(wildcards):
    return [study.rejects_of(config, name) for name in study.rejecting(config)]
