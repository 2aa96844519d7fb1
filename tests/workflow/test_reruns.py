"""The rerun matrix: for each key of the configuration, exactly the rules that a change of it runs again."""

import pytest
from workflow_study import STUDY, changed

PAGE = {"write_report", "all"}
COMPARISON = {"compare", "draw_accuracy", "draw_differences", *PAGE}
EVALUATION = {"predict", "score", "draw_confusion", "gather_timings", *COMPARISON}
TRAINING = {"train_poster", "draw_training", *EVALUATION}
MERGE = {"merge_datasets", "draw_distributions", *TRAINING}
MATCH = {"match_distribution", "assemble_dataset", *MERGE}
CROP = {"crop_faces", "draw_contact_sheet", *MATCH}
BLEND = {"blend_faces", *CROP}
COLOR = {"transfer_color", *BLEND}
EDIT = {"edit_faces", *COLOR}
DETECT = {"detect_faces", *EDIT}
FRAMES = {"prepare_frames", *DETECT}
PLAN = {"plan_edit", *FRAMES}

# The gamut atlas shows a portrait of the first edit that uses its generator, which is `fixed`.
MATRIX = {
    "drawings/affectnet/seed": (3, {"draw_faces", "import_dataset", "draw_distributions", *EVALUATION}),
    "sources/portraits/test_fraction": (0.42, {"index_source", "draw_gamut_atlas", *PLAN}),
    "sources/portraits/seed": (2, {"index_source", "draw_gamut_atlas", *PLAN}),
    "generators/ganmut/iterations": (3, PAGE),  # no experiment uses this generator
    "edits/fixed/rho": (0.8, {"draw_gamut_atlas", *PLAN} - {"transfer_color", "merge_datasets"}),
    "edits/varied/rho": ([0.4, 1.0], PLAN),
    "edits/varied/neutral_rho": ([0.0, 0.2], PLAN),
    "edits/varied/theta_jitter": (10, PLAN),
    "edits/varied/ranges": ({"fear": {"theta": [100, 140]}}, PLAN),
    "edits/varied/spares": (0.2, PLAN),
    "edits/varied/seed": (2, PLAN),
    "edits/varied/shards": (3, PLAN),
    "edits/varied/resolution": (96, FRAMES),
    "edits/varied/detect/min_face": (0.25, DETECT),
    "edits/varied/detect/min_probability": (0.8, DETECT),
    "edits/varied/detect/square": (False, DETECT),
    "edits/varied/batch_size": (2, EDIT),
    "edits/varied/precision": ("bfloat16", EDIT),
    "datasets/Varied/synthetic/color": ({"method": "lab", "strength": 0.5}, COLOR),
    "datasets/Varied/synthetic/blend": ({"method": "alpha", "border": 0.3}, BLEND),
    "datasets/Varied/synthetic/crop": ({"margin": 0.1}, CROP),
    "datasets/Varied/synthetic/fraction": (0.6, PLAN),
    "datasets/Hybrid/merge": (["Raf", {"dataset": "Varied", "fraction": 0.6}], MERGE),
    "datasets/Affect/natural/split": ("all", {"import_dataset", "draw_distributions", *EVALUATION}),
    "landmarks/narrow/epochs": (2, {"train_landmarks", *TRAINING}),
    "landmarks/narrow/seed": (2, {"train_landmarks", *TRAINING}),
    "models/poster/epochs": (2, TRAINING),
    "models/poster/lr": (1e-4, TRAINING),
    "models/poster/test_batch_size": (8, EVALUATION),
    "experiments/tiny/seeds": ([1, 2], TRAINING),
    "experiments/tiny/test_on": (["Raf"], {"draw_distributions", "gather_timings", *COMPARISON}),
    "statistics/margin": (0.05, COMPARISON),
    "report/title": ("Another title", PAGE),
}


@pytest.mark.parametrize("key", MATRIX)
def test_a_changed_key_reruns_exactly_what_depends_on_it(would_rerun, key):
    value, rules = MATRIX[key]
    assert set(would_rerun(changed(STUDY, key, value))) == rules


def test_every_table_is_in_the_matrix():
    assert {key.split("/")[0] for key in MATRIX} == {*STUDY, "report"}


def test_another_blending_reruns_its_dataset_and_what_is_trained_on_it(would_rerun):
    jobs = would_rerun(changed(STUDY, "datasets/Varied/synthetic/blend", {"method": "alpha", "border": 0.3}))
    for rule in ("blend_faces", "crop_faces", "match_distribution", "assemble_dataset", "draw_contact_sheet"):
        assert {job["dataset"] for job in jobs[rule]} == {"Varied"}
    # Hybrid is what the experiment trains on that holds Varied; Raf and Fixed are not trained again.
    assert {job["dataset"] for rule in ("train_poster", "predict") for job in jobs[rule]} == {"Hybrid"}


def test_keys_in_another_order_rerun_nothing_but_the_page(would_rerun):
    crossed = {**STUDY, "models": {"poster": dict(reversed(STUDY["models"]["poster"].items()))}}
    assert set(would_rerun(crossed)) <= PAGE


def test_a_new_dataset_that_no_experiment_asks_for_reruns_nothing_but_the_page(would_rerun):
    assert set(would_rerun(changed(STUDY, "datasets/Raf2", {"merge": ["Raf"]}))) <= PAGE
