"""Who is told to be on both sides: known identities in a plane, planted."""

import numpy as np
import pandas as pd

from synface.judges.people import SAME, find_people
from synface.judges.tables import SET, write_arrays
from synface.report.facts import count_people


def at(distance):
    """An identity so far from that of person 0."""
    return [1 + distance, 2.0]


def write(folder, dataset, rows, **arrays):
    """Write a dataset of (source id, split) and what a judge read of it; return its metadata and that."""
    table = pd.DataFrame(rows, columns=["source_id", "split"]).assign(label="fear", dataset=dataset)
    table["file_name"] = [f"{dataset}/{source_id}.png" for source_id in table["source_id"]]
    table.to_csv(folder / f"{dataset}.metadata.csv", index=False)
    table.reindex(columns=SET).to_csv(folder / f"{dataset}.csv", index=False)
    write_arrays({name: np.array(values) for name, values in arrays.items()}, folder / f"{dataset}.npz")
    return folder / f"{dataset}.metadata.csv", (folder / f"{dataset}.csv", folder / f"{dataset}.npz")


def test_people_are_found_by_themselves_and_through_their_portraits(tmp_path):
    near, far = SAME - 0.01, SAME + 0.01
    test, judged_test = write(
        tmp_path, "Test", [("t0", "test"), ("t1", "test"), ("t2", "train")], identities=[at(0), at(10), at(20)]
    )
    real, judged_real = write(
        tmp_path,
        "Real",
        [("same", "train"), ("other", "train"), ("nobody", "train"), ("test", "test")],
        identities=[at(near), at(far), at(20), at(0)],
    )
    # After the edit nobody would know them.
    edited, judged_edited = write(
        tmp_path, "Edited", [("p0", "train"), ("p1", "train")], identities=[at(50), at(0)], portraits=[at(10.1), at(60)]
    )
    merged = pd.concat([pd.read_csv(real), pd.read_csv(edited), pd.read_csv(real)])  # the real ones are repeated
    merged.to_csv(tmp_path / "merged.csv", index=False)
    find_people(
        metadata=tmp_path / "merged.csv",
        tests=[("Test", test)],
        judged={"Test": judged_test, "Real": judged_real, "Edited": judged_edited},
        people=tmp_path / "people.csv",
        name="Merged",
    )
    found = pd.read_csv(tmp_path / "people.csv", keep_default_na=False)
    assert found[["file_name", "through", "test_set", "like"]].to_numpy().tolist() == [
        ["Edited/p0.png", "portrait", "Test", "Test/t1.png"],
        ["Real/same.png", "", "Test", "Test/t0.png"],
    ]
    np.testing.assert_allclose(found["distance"], [0.1, near], atol=1e-3)
    assert count_people([("Merged", tmp_path / "people.csv")]) == [
        {"train_set": "Merged", "test_set": "Test", "pictures": 1, "portraits": 1, "tests": 2}
    ]


def test_a_set_that_no_judge_read_is_not_looked_at(tmp_path):
    test, _ = write(tmp_path, "Test", [("t0", "test")], identities=[at(0)])
    real, judged = write(tmp_path, "Real", [("same", "train")], identities=[at(0)])
    find_people(
        metadata=real, tests=[("Test", test)], judged={"Real": judged}, people=tmp_path / "people.csv", name="Real"
    )
    assert len(pd.read_csv(tmp_path / "people.csv")) == 0
    assert count_people([("Real", tmp_path / "people.csv")]) == []
