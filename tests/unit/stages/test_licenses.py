import json

import pandas as pd
import pytest
from pictures import picture

from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.stages.licenses import LICENSES, read_licenses
from synface.stages.sources import index_source

# As in ffhq-dataset-v2.json.
ADDRESSES = {
    "by": "https://creativecommons.org/licenses/by/2.0/",
    "by-nc": "https://creativecommons.org/licenses/by-nc/2.0/",
    "public-domain": "https://creativecommons.org/publicdomain/mark/1.0/",
    "cc0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "us-government": "http://www.usa.gov/copyright.shtml/government-works",
}


@pytest.fixture
def ffhq(tmp_path):
    """Six portraits; the file has five of them, each under another license."""
    entries = {}
    for number in range(6):
        (tmp_path / "ffhq/00000").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"ffhq/00000/{number:05d}.png").write_bytes(encode_png(picture(number, 40)))
    for number, address in enumerate(ADDRESSES.values()):
        image = {"file_path": f"images1024x1024/00000/{number:05d}.png"}
        entries[str(number)] = {"metadata": {"author": "A", "license_url": address}, "image": image}
    (tmp_path / "ffhq-dataset-v2.json").write_text(json.dumps(entries))
    return tmp_path


def test_every_license_has_its_word(ffhq):
    found = read_licenses(ffhq / "ffhq-dataset-v2.json")
    assert [entry.license for entry in found.values()] == list(ADDRESSES)
    assert set(LICENSES) == set(ADDRESSES)


def test_what_is_removed_or_not_asked_for_is_left_out_and_listed(ffhq):
    tables = {"index": ffhq / "index.csv", "rejects": ffhq / "rejects.csv"}
    given = {"images": ffhq / "ffhq", "test_fraction": 0.5, "seed": 1, "license_file": ffhq / "ffhq-dataset-v2.json"}
    index_source(**tables, **given, licenses=["by", "cc0"])
    assert pd.read_csv(tables["index"])["path"].tolist() == ["00000/00000.png", "00000/00003.png"]
    reasons = pd.read_csv(tables["rejects"]).set_index("path")["reason"]
    assert reasons["00000/00001.png"] == "its license is none that is asked for (by-nc)"
    assert reasons["00000/00005.png"].startswith("is not in the list of licenses: removed")
    assert len(reasons) == 4


@pytest.mark.parametrize("text", ["", "[]", "{}x", '{"0": {"metadata": {}}}', '{"0": 3}'])
def test_another_file_is_told(tmp_path, text):
    (tmp_path / "licenses.json").write_text(text)
    with pytest.raises(InputError, match=r"expected ffhq-dataset-v2.json"):
        read_licenses(tmp_path / "licenses.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_licenses(tmp_path / "absent.json")
