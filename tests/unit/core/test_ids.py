"""The ids of images."""

import random
import string

from synface.core.ids import source_ids


def test_ids_that_would_be_equal_are_made_different_whatever_the_order():
    paths = ["a/b.png", "a-b.png", "a b.png", "A_B.png", "c.png"]
    ids = source_ids(paths)
    assert len({name.lower() for name in ids.values()}) == 5
    assert ids["c.png"] == "c"
    assert ids == source_ids(reversed(paths))


def test_ids_are_safe_as_file_names():
    generator = random.Random(0)
    paths = {
        "".join(generator.choices(string.printable + "äß漢", k=generator.randint(1, 300))) + ".png" for _ in range(200)
    }
    for name in source_ids(paths).values():
        assert set(name) <= set(string.ascii_letters + string.digits + "_-")
        assert 0 < len(name) <= 140
