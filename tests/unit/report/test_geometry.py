import pandas as pd
import pytest

from synface.report.geometry import describe_geometry, list_differing


def row(name, side=0.9, eyes=0.4, height=0.38, measured=100):
    return {
        "name": name,
        "measured": measured,
        "looked_at": 100,
        "side": (side, 0.1),
        "eye_distance": (eyes, 0.05),
        "eye_height": (height, 0.02),
        "roll": (0.0, 3.0),
    }


COMPARED = pd.DataFrame({"train_set": ["Syn"], "baseline": ["Raf"], "test_set": ["Affect"]})


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"side": 0.98}, None),
        ({"side": 1.0}, "faces fill 90 % of the side, there 100 %"),
        ({"eyes": 0.35}, "eyes are apart by 40 % of the side, there 35 %"),
        ({"height": 0.49}, "eyes lie at 38 % of the height, there 49 %"),
        ({"side": 2.0, "measured": 0}, None),
    ],
)
def test_sets_that_are_compared_and_differ_by_more_than_a_tenth_are_told(changed, told):
    found = list_differing([row("Raf"), row("Syn", **changed), row("Other", side=3.0)], COMPARED)
    assert len(found) == (told is not None)
    assert all(f"Raf shows faces otherwise than Syn: {told}." in sentence for sentence in found)


def test_training_and_test_sets_are_compared_too():
    found = list_differing([row("Raf"), row("Affect", side=0.5)], COMPARED)
    assert [sentence.split(":")[0] for sentence in found] == ["Affect shows faces otherwise than Raf"]


def test_a_set_that_differs_from_several_is_told_once():
    sets = [row("Raf", side=0.94, eyes=0.44), row("Syn", side=1.01), row("Affect", side=0.83)]
    (sentence,) = list_differing(sets, COMPARED)
    assert sentence.startswith(
        "Affect shows faces otherwise than Raf and Syn: faces fill 83 % of the side, there 94 to 101 %. A difference"
    )


def test_the_table_is_read_as_it_was_written(tmp_path):
    measures = ["side", "eye_distance", "eye_height", "roll"]
    table = pd.DataFrame({"measure": measures, "mean": [1, 2, 3, 4], "sd": 0.5, "measured": 7, "looked_at": 9})
    table.to_csv(tmp_path / "geometry.csv", index=False)
    (found,) = describe_geometry({"Raf": tmp_path / "geometry.csv"})
    assert (found["name"], found["measured"], found["looked_at"], found["roll"]) == ("Raf", 7, 9, (4.0, 0.5))
