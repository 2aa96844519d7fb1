import pytest

from synface.core.emotions import AFFECTNET, GANMUT, LABELS, RAF_DB, Emotion
from synface.core.errors import InputError


def test_labels_are_in_raf_db_order():
    assert LABELS == ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral")
    assert [Emotion.from_label(label) for label in LABELS] == [0, 1, 2, 3, 4, 5, 6]


def test_affectnet_codes_map_as_published():
    # 0 neutral, 1 happy, 2 sad, 3 surprise, 4 fear, 5 disgust, 6 anger
    assert [AFFECTNET[code] for code in range(7)] == [6, 3, 4, 0, 1, 2, 5]
    assert [GANMUT[code] for code in range(7)] == [6, 3, 4, 0, 1, 2, 5]
    assert 7 not in AFFECTNET


def test_raf_db_codes_count_from_one():
    names = {1: "surprise", 2: "fear", 3: "disgust", 4: "happiness", 5: "sadness", 6: "anger", 7: "neutral"}
    assert {code: emotion.label for code, emotion in RAF_DB.items()} == names


def test_unknown_label_is_told_with_the_known_ones():
    with pytest.raises(InputError, match=r"'joy'.*surprise, fear.*neutral"):
        Emotion.from_label("joy")
