"""What is written of a set and of edits, with a judge whose answers follow from the pixels in a known way."""

import numpy as np
import pandas as pd
import pytest

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.core.shards import write_shard
from synface.faces.table import BOX
from synface.judges import faces
from synface.judges.measures import (
    measure_distances,
    measure_edits,
    measure_group_accuracy,
    measure_groups,
)
from synface.judges.reading import Reading
from synface.judges.tables import read_arrays, read_judged

POINTS = np.random.default_rng(4).uniform(0.2, 0.8, (68, 2))
COLORS = {"happiness": (200, 60, 40), "neutral": (60, 160, 90)}
"""Faces are one color; the judge below reads the red ones as happy, and knows people by their blue."""


def judge(images):
    red = np.array([image[..., 0].mean() for image in images])
    probabilities = np.full((len(images), 7), 0.02)
    index = np.where(red > 128, LABELS.index("happiness"), LABELS.index("neutral"))
    probabilities[np.arange(len(images)), index] = 0.88
    blue = np.array([image[..., 2].mean() for image in images]) / 40
    identities = np.stack([np.cos(blue), np.sin(blue)], axis=1).astype(np.float32)
    points = np.repeat(POINTS[None], len(images), 0)
    points[red > 128, 48:] += 0.02
    ages = np.where(red > 128, 30.0, 70.0).astype(np.float32)
    return Reading(
        probabilities, identities.copy(), points.astype(np.float32), identities, ages, (red / 255).astype("f4")
    )


def blind(images):
    found = judge(images)
    return Reading(found.probabilities, found.features)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr(faces, "load_judge", lambda network, *_: {"knows": judge, "blind": blind}[network])


def colored(label, person, side=20):
    return np.full((side, side, 3), (*COLORS[label][:2], 40 + 10 * person), np.uint8)


@pytest.fixture
def real(tmp_path):
    """A set of 12 faces, and what the judge read of it."""
    rows = []
    for number in range(12):
        label, split = ("happiness", "neutral")[number % 2], "train" if number < 10 else "test"
        name = f"images/{number}.png"
        (tmp_path / "real/images").mkdir(parents=True, exist_ok=True)
        (tmp_path / "real" / name).write_bytes(encode_png(colored(label, number)))
        rows.append([name, "Real", f"r{number}", split, "neutral" if number == 0 else label])
    table = pd.DataFrame(rows, columns=["file_name", "dataset", "source_id", "split", "label"])
    table.to_csv(tmp_path / "real/metadata.csv", index=False)
    read(tmp_path, "knows")
    return tmp_path / "real.csv", tmp_path / "real.npz"


def read(folder, network):
    faces.judge_set(
        metadata=folder / "real/metadata.csv",
        table=folder / "real.csv",
        arrays=folder / "real.npz",
        network=network,
        file="",
        sha256=None,
        device="cpu",
    )


def read_edits(folder, reference, network="knows"):
    """Three portraits, all neutral before; p0 and p1 become happy, p2 does not; p3 has no face."""
    plan = pd.DataFrame(
        {"source_id": ["p0", "p1", "p2", "p3"], "split": "train", "label": "happiness", "rho": [0.6, 0.9, 0.7, 0.8]}
    )
    plan.to_csv(folder / "plan.csv", index=False)
    with write_shard(folder / "frames.tar") as write:
        for number in range(4):
            frame = np.full((40, 40, 3), 255, np.uint8)
            frame[10:30, 5:25] = colored("neutral", number)
            write(f"p{number}", frame)
    with write_shard(folder / "crops.tar") as write:
        for number, label in enumerate(("happiness", "happiness", "neutral")):
            write(f"p{number}", colored(label, number))
    boxes = pd.DataFrame({"source_id": ["p0", "p1", "p2", "p3"], "reason": ["", "", "", "no face found"]})
    boxes[BOX] = [[5, 10, 25, 30]] * 3 + [[None] * 4]
    boxes.to_csv(folder / "boxes.csv", index=False)
    faces.judge_edits(
        plan=folder / "plan.csv",
        frames=[folder / "frames.tar"],
        crops=[folder / "crops.tar"],
        boxes=[folder / "boxes.csv"],
        reference=reference,
        table=folder / "edits.csv",
        arrays=folder / "edits.npz",
        name="Edited",
        network=network,
        file="",
        sha256=None,
        device="cpu",
    )
    return folder / "edits.csv", folder / "edits.npz"


def test_every_image_of_a_set_is_read(real):
    table, arrays = read_judged(real[0]), read_arrays(real[1])
    assert list(table["read"]) == ["happiness", "neutral"] * 6
    assert list(table["intended"][:3]) == [0.02, 0.88, 0.88]  # the first is labelled neutral
    assert list(table["age"][:2]) == [30.0, 70.0]
    assert {name: value.shape for name, value in arrays.items()} == {
        "features": (12, 2),
        "points": (12, 68, 2),
        "identities": (12, 2),
    }


def test_edits_are_read_before_and_after_in_the_same_place(real, tmp_path):
    table = read_judged(read_edits(tmp_path, real)[0])
    assert list(table["source_id"]) == ["p0", "p1", "p2"]
    assert list(table["read_before"]) == ["neutral"] * 3  # the box, not the white around it
    assert list(table["read"]) == ["happiness", "happiness", "neutral"]
    assert list(table["intended_before"]) == [0.02] * 3
    # Blue stays: so does the person; people are a quarter of a radian apart.
    np.testing.assert_allclose(table["own"], 1, atol=1e-4)
    np.testing.assert_allclose(
        table["others"], [(np.cos(0.25) + np.cos(0.5)) / 2, np.cos(0.25), table["others"][0]], atol=1e-3
    )
    assert list(table["nearest"]) == [1, 1, 1]
    # Real happy faces differ by the same landmarks from neutral ones, of which one in seven is a happy one.
    np.testing.assert_allclose(table["along"], [7 / 6, 7 / 6, 0], atol=1e-3)
    assert (table["skin"][:2] > 20).all()
    assert table["skin"][2] == table["around"][2] == 0


def test_a_judge_that_tells_expressions_alone_leaves_the_rest_empty(real, tmp_path):
    read(tmp_path, "blind")
    table = read_judged(read_edits(tmp_path, real, "blind")[0])
    assert table[["own", "others", "nearest", "along", "skin", "around", "age", "male", "ita"]].isna().all(axis=None)
    assert list(table["read"]) == ["happiness", "happiness", "neutral"]


def test_a_crop_without_its_frame_ends_the_run(real, tmp_path):
    read_edits(tmp_path, real)
    with write_shard(tmp_path / "frames.tar") as write:
        write("p1", np.zeros((40, 40, 3), np.uint8))
    with pytest.raises(InputError, match=r"p0 has no frame"):
        list(faces._pairs(tmp_path / "frames.tar", tmp_path / "crops.tar", tmp_path / "boxes.csv"))


def test_lift_per_class_and_intensity_and_agreement_with_labels(real, tmp_path):
    edits = read_edits(tmp_path, real)
    measure_edits(edits=[("j", "Edited", edits[0])], sets=[("j", "Real", real[0])], judged=tmp_path / "judged.csv")
    found = pd.read_csv(tmp_path / "judged.csv").set_index(["dataset", "measure", "label", "rho"])
    row = found.loc[("Edited", "lift", "happiness", "all")]
    assert (row["n"], row["before"]) == (3, 0)
    assert row["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert row["ci_low"] < row["value"] < row["ci_high"]
    assert found.loc[("Edited", "lift", "all", "0.50 to 0.75"), "value"] == 0.5  # p0 and p2
    assert found.loc[("Edited", "lift", "all", "0.75 to 1.00"), "value"] == 1  # p1
    assert found.loc[("Edited", "along", "all", "all"), "value"] == pytest.approx(7 / 9, abs=1e-3)
    assert found.loc[("Real", "agreement", "all", "all"), "value"] == pytest.approx(11 / 12, abs=1e-4)
    assert found.loc[("Real", "agreement", "neutral", "all"), "value"] == pytest.approx(6 / 7, abs=1e-4)


def test_distances_and_groups_count_what_the_dataset_has(real, tmp_path):
    edits = read_edits(tmp_path, real)
    chosen = tmp_path / "chosen.csv"
    pd.DataFrame({"source_id": ["p0", "p1", "p2"][:2]}).to_csv(chosen, index=False)
    measure_distances(
        pairs=[("j", "Real/train", "Edited/train"), ("j", "Real/train", "Real/test")],
        judged={("j", "Real"): real, ("j", "Edited"): edits},
        chosen={"Edited": chosen},
        distances=tmp_path / "distances.csv",
    )
    found = pd.read_csv(tmp_path / "distances.csv")
    assert list(zip(found["n_first"], found["n_second"], strict=True)) == [(10, 2), (10, 2)]
    assert found["kid"].isna().all()  # too few
    measure_groups(
        judged=[("j", "Real", real[0]), ("j", "Edited", edits[0])],
        chosen={"Edited": chosen},
        merged={},
        groups=tmp_path / "groups.csv",
    )
    groups = pd.read_csv(tmp_path / "groups.csv")
    ages = groups[(groups["trait"] == "age") & (groups["dataset"] == "Real")]
    assert dict(ages[ages["split"] == "train"].groupby("group")["count"].sum()) == {"20 to 39": 5, "60 and more": 5}
    assert list(ages.loc[ages["split"] == "train", "group"].unique()) == ["20 to 39", "60 and more"]
    assert groups[(groups["trait"] == "gender") & (groups["dataset"] == "Edited")]["count"].sum() == 2


def test_a_merge_has_the_groups_of_its_parts_as_often_as_their_images_come_in(real, tmp_path):
    edits = read_edits(tmp_path, real)
    chosen = tmp_path / "chosen.csv"
    pd.DataFrame({"source_id": ["p0", "p1"]}).to_csv(chosen, index=False)
    ages = pd.read_csv(real[0]).query("split == 'train'").set_index("source_id")["age"]
    young, old = ages.index[ages < 40][0], ages.index[ages >= 60][0]
    # The first comes three times; the labels are the merge's own, as where they were shuffled.
    merge = [("Real", young, "fear")] * 3 + [("Real", old, "anger"), ("Edited", "p1", "anger")]
    table = pd.DataFrame(merge, columns=["dataset", "source_id", "label"]).assign(split="train")
    table.to_csv(tmp_path / "merge.csv", index=False)
    measure_groups(
        judged=[("j", "Real", real[0]), ("j", "Edited", edits[0])],
        chosen={"Edited": chosen},
        merged={"Both": tmp_path / "merge.csv"},
        groups=tmp_path / "groups.csv",
    )
    groups = pd.read_csv(tmp_path / "groups.csv")
    both = groups[groups["dataset"] == "Both"]
    assert set(both["split"]) == {"train"}
    assert both[both["trait"] == "age"].groupby("label")["count"].sum().to_dict() == {"anger": 2, "fear": 3}
    counts = both[both["trait"] == "age"].set_index(["group", "label"])["count"]
    assert counts["20 to 39", "fear"] == 3
    assert counts["60 and more", "anger"] >= 1
    assert set(both["trait"]) == {"age", "gender", "skin tone"}


def test_accuracy_by_group_pools_seeds_and_counts_images_once(real, tmp_path):
    names = pd.read_csv(tmp_path / "real/metadata.csv")
    for seed in (1, 2):
        rows = names.assign(test_set="Real", predicted="happiness" if seed == 1 else "neutral")
        rows.to_csv(tmp_path / f"predictions{seed}.csv", index=False)
    measure_group_accuracy(
        predictions=[("m", "T", tmp_path / f"predictions{seed}.csv") for seed in (1, 2)],
        judged=[("j", "Real", real[0])],
        metadata={"Real": tmp_path / "real/metadata.csv"},
        accuracy=tmp_path / "accuracy.csv",
    )
    found = pd.read_csv(tmp_path / "accuracy.csv").set_index("group")
    # Six of twelve look young; each is right by one seed and wrong by the other.
    assert found.loc["20 to 39", "n"] == 6
    assert found.loc["20 to 39", "accuracy"] == 0.5
    assert found.loc["20 to 39", "ci_low"] == pytest.approx(0.1876, abs=1e-3)  # Wilson's of 3 in 6
