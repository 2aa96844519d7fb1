import io

import numpy as np
import pytest

from synface.core.errors import InputError
from synface.core.parts import Joined, parts_in, whole_of


def test_parts_read_as_the_whole(tmp_path):
    rng = np.random.default_rng(0)
    data = rng.bytes(1000)
    paths = []
    for number, (start, end) in enumerate(((0, 300), (300, 300), (300, 301), (301, 1000))):
        paths.append(tmp_path / f"{number}")
        paths[-1].write_bytes(data[start:end])
    whole = io.BytesIO(data)
    with io.BufferedReader(Joined(paths), 16) as joined:
        assert joined.read() == data
        for _ in range(200):
            place, length = int(rng.integers(-1100, 1200)), int(rng.integers(0, 900))
            if place >= 0:
                assert joined.seek(place) == whole.seek(place)
            else:
                place = max(place, -1000)
                assert joined.seek(place, io.SEEK_END) == whole.seek(place, io.SEEK_END)
            assert joined.read(length) == whole.read(length)
            assert joined.tell() == whole.tell()


def test_parts_are_known_by_their_names(tmp_path):
    names = ["b/x.zip.002", "b/x.zip.001", "x.zip.001", "y.ZIP.001", "z.zip", "a.001", "a.7z.001"]
    assert parts_in(names, tmp_path) == {
        "b/x.zip": ["b/x.zip.001", "b/x.zip.002"],
        "x.zip": ["x.zip.001"],
        "y.ZIP": ["y.ZIP.001"],
    }
    assert [whole_of(name) for name in ("a/b.zip.010", "b.zip", "b.001")] == ["a/b.zip", None, None]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ["x.zip.001", "x.zip.002", "x.zip.004"],
            r"x\.zip\.003: a part of the zip file is missing; found 3 parts up to 004",
        ),
        (["x.zip.002"], r"x\.zip\.001: a part of the zip file is missing"),
        (
            ["in/x.z01", "in/x.zip"],
            r"in/x\.z01: a zip file in volumes .* `zip --split-size 0 x\.zip --out x-whole\.zip`",
        ),
    ],
)
def test_what_cannot_be_joined_is_told(tmp_path, names, told):
    with pytest.raises(InputError, match=told):
        parts_in(names, tmp_path)
