"""The rerun matrix: for each key of the configuration, exactly the rules that a change of it runs again.

Which stages receive a key, the description of the configuration says; which rules lie behind a stage, this table.
"""

import pytest
from workflow_study import STUDY, changed

from synface.study.config import TABLES, Configuration
from synface.study.description import all_keys

PAGE = {"write_report", "write_provenance", "all"}
COMPARISON = {"compare", "draw_accuracy", "draw_differences", "gather_timings", *PAGE}
EVALUATION = {"evaluate_model", "draw_confusion", *COMPARISON}
TRAINING = {"train_poster", "draw_training", *EVALUATION}
AUDITED = {"audit_copies", *TRAINING}
MERGE = {"merge_datasets", "measure_geometry", "draw_distributions", *AUDITED}
MATCH = {"match_distribution", "assemble_dataset", *MERGE}
LABEL = {"label_portraits", "draw_contact_sheet", *MATCH} - {"merge_datasets"}
TEACHER = {*AUDITED, *LABEL}  # Unedited is labelled by the same model
CROP = {"crop_faces", "draw_contact_sheet", *MATCH}
BLEND = {"blend_faces", *CROP}
COLOR = {"transfer_color", *BLEND}
EDIT = {"edit_faces", "measure_blemishes", "tabulate_blemishes", *COLOR}
DETECT = {"detect_faces", *EDIT}
FRAMES = {"prepare_frames", *DETECT}
PLAN = {"plan_edit", "draw_gamut", *FRAMES}
DEAL = {"deal_portraits", *PLAN}
IMPORT = {"import_dataset", "measure_geometry", "draw_distributions", "audit_copies", *EVALUATION}

# What runs again when a stage of the entries below receives another setting.
BEHIND = {
    "drawings/affectnet": {"drawing": {"draw_faces", *IMPORT}},
    "sources/portraits": {"sources": {"index_source", "label_portraits", *DEAL}},
    "generators/ganmut": {"ganmut": PAGE},  # no experiment uses this generator
    "edits/fixed": {"plan": {"label_portraits", *PLAN} - {"transfer_color", "merge_datasets"}},
    "edits/varied": {"deal": DEAL, "plan": PLAN, "frames": FRAMES, "detect": DETECT, "edit": EDIT, "crop": CROP},
    "datasets/Varied": {"color": COLOR, "blend": BLEND, "crop": CROP, "deal": DEAL, "match": MATCH},
    "datasets/Hybrid": {"dataset": MERGE},
    "datasets/Unedited": {"label": LABEL},
    "datasets/Affect": {"dataset": IMPORT},
    "landmarks/narrow": {"landmarks": {"train_landmarks", *TEACHER}},
    "action_units/narrow": {"action_units": {"train_action_units", *TEACHER}},
    "models/poster": {"train": TEACHER, "evaluate": EVALUATION},
    "statistics": {"evaluate": COMPARISON},
    "report": {"report": PAGE},
}

CHANGED_SETTINGS = {
    "drawings/affectnet/seed": 3,
    "sources/portraits/test_fraction": 0.42,
    "sources/portraits/seed": 2,
    "generators/ganmut/iterations": 3,
    "edits/fixed/rho": 0.8,
    "edits/varied/rho": [0.4, 1.0],
    "edits/varied/neutral_rho": [0.0, 0.2],
    "edits/varied/theta_jitter": 10,
    "edits/varied/ranges": {"fear": {"theta": [100, 140]}},
    "edits/varied/spares": 0.2,
    "edits/varied/seed": 2,
    "edits/varied/resolution": 96,
    "edits/varied/detect/min_face": 0.25,
    "edits/varied/detect/min_probability": 0.8,
    "edits/varied/batch_size": 2,
    "edits/varied/precision": "bfloat16",
    "datasets/Varied/synthetic/color/strength": 0.5,
    "datasets/Varied/synthetic/blend/border": 0.3,
    "datasets/Varied/synthetic/crop/margin": 0.1,
    "datasets/Varied/synthetic/fraction": 0.6,
    "datasets/Varied/synthetic/test_fraction": 0.6,
    "datasets/Varied/synthetic/prefer": "random",
    "datasets/Varied/synthetic/balance": ["rho"],
    "datasets/Hybrid/seed": 2,
    "datasets/Unedited/synthetic/unedited/min_confidence": 0.1,
    "datasets/Affect/natural/split": "all",
    "landmarks/narrow/epochs": 2,
    "landmarks/narrow/seed": 2,
    "action_units/narrow/epochs": 2,
    "models/poster/epochs": 2,
    "models/poster/lr": 1e-4,
    "models/poster/random_erasing/probability": 0.1,
    "models/poster/test_batch_size": 8,
    "statistics/margin": 0.05,
    "report/title": "Another title",
}

# Names and files are no settings: what they lead to runs again.
CHANGED_NAMES = {
    "edits/varied/shards": (3, PLAN),
    "edits/varied/framing": ("dlib-like", DETECT),
    "datasets/Hybrid/merge": (["Raf", {"dataset": "Varied", "fraction": 0.6}], MERGE),
    "experiments/tiny/seeds": ([1, 2], TRAINING),
    "leaks": ("tell", {"import_dataset", "measure_geometry", *DEAL, *LABEL, *TEACHER}),
    # The figure of the distributions lies behind an audit (Unedited is labelled by a model that was trained): a dry run
    # does not show it, the run looks again when the audit is done.
    "experiments/tiny/test_on": (["Raf"], {"audit_copies", *EVALUATION}),
}

STAGES = {path: stages for path, _, _, stages in all_keys(Configuration, "", None)}


def stages_of(key: str) -> tuple[str, ...]:
    """Return the stages that the description gives a key; in its paths, a name of the user's is *."""
    parts = key.split("/")
    if parts[0] in TABLES:
        parts[1] = "*"
    path = ".".join(parts)
    return next(stages for known, stages in STAGES.items() if known == path or known.startswith(f"{path}."))


@pytest.mark.parametrize("key", CHANGED_SETTINGS)
def test_a_changed_setting_reruns_exactly_the_rules_behind_its_stages(would_rerun, key):
    entry = next(entry for entry in BEHIND if key.startswith(f"{entry}/"))
    expected = set().union(*(BEHIND[entry][stage] for stage in stages_of(key)))
    assert set(would_rerun(changed(STUDY, key, CHANGED_SETTINGS[key]))) == expected


@pytest.mark.parametrize("key", CHANGED_NAMES)
def test_a_changed_name_reruns_exactly_what_is_made_of_it(would_rerun, key):
    value, rules = CHANGED_NAMES[key]
    assert set(would_rerun(changed(STUDY, key, value))) == rules


def test_every_stage_and_every_table_is_in_the_matrix():
    received = {stage for key in CHANGED_SETTINGS for stage in stages_of(key)}
    assert received == {stage for stages in STAGES.values() for stage in stages or ()}
    assert {key.split("/")[0] for key in (*CHANGED_SETTINGS, *CHANGED_NAMES)} == {*STUDY, "leaks", "report"}


def test_another_blending_reruns_its_dataset_and_what_is_trained_on_it(would_rerun):
    jobs = would_rerun(changed(STUDY, "datasets/Varied/synthetic/blend", {"method": "alpha", "border": 0.3}))
    for rule in ("blend_faces", "crop_faces", "match_distribution", "assemble_dataset", "draw_contact_sheet"):
        assert {job["dataset"] for job in jobs[rule]} == {"Varied"}
    # Hybrid is what the experiment trains on that holds Varied; Raf and Fixed are not trained again.
    assert {job["train_set"] for rule in ("train_poster", "evaluate_model") for job in jobs[rule]} == {"Hybrid"}


def test_keys_in_another_order_rerun_nothing_but_the_page(would_rerun):
    crossed = {**STUDY, "models": {"poster": dict(reversed(STUDY["models"]["poster"].items()))}}
    assert set(would_rerun(crossed)) <= PAGE


def test_a_new_dataset_that_no_experiment_asks_for_reruns_nothing_but_the_page(would_rerun):
    assert set(would_rerun(changed(STUDY, "datasets/Raf2", {"merge": ["Raf"]}))) <= PAGE
