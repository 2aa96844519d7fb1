"""Exports, each read again by a library that others use."""

import hashlib
import io
import json
import re
import tarfile
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import pytest
from huggingface_hub import DatasetCard
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.dataset.describing import describe_dataset
from synface.dataset.exports.dataset import in_shards
from synface.dataset.exports.known import FORMATS, export_dataset
from synface.dataset.importing import import_dataset
from synface.dataset.writing import file_name, write_images, write_tables

ROOT = Path(__file__).resolve().parents[3]
ORIGINS = [{"kind": "external", "name": "Set", "dataset": "Set", "license": "mine", "from": "", "made_by": "OtherGAN"}]


def smooth(number):
    rows, columns = np.mgrid[:24, :20]
    return np.stack([rows * 5, columns * 6, np.full_like(rows, number * 3)], axis=2).astype(np.uint8)


def jpeg(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    """A dataset of 28 training and 14 test images, JPEG without a rho and PNG with one."""
    rows, contents = [], []
    for number in range(42):
        split, label = "train" if number < 28 else "test", LABELS[number % 7]
        suffix, rho = (".jpg", None) if number % 2 else (".png", number / 8)
        name = file_name(split, label, f"Set.{number}", suffix)
        rows.append({"file_name": name, "label": label, "split": split, "source_id": str(number), "rho": rho})
        contents.append((name, jpeg(smooth(number)) if number % 2 else encode_png(smooth(number))))
    made = tmp_path / "Set"
    sums = write_images(contents, made / "images")
    metadata = made / "metadata.csv"
    write_tables(pd.DataFrame(rows), sums, images=made / "images", metadata=metadata, counts=made / "counts.csv")
    told = {"name": "Set", "what": "Faces.", "recipe": {"a": 1}, "origins": ORIGINS}
    describe_dataset(made / "README.md", metadata=metadata, digest=made / "digest.txt", **told)
    return made


def table(folder):
    return pd.read_csv(folder / "metadata.csv", dtype={"source_id": str})


def pixels_of(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def load(target, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return datasets.load_dataset(str(target), cache_dir=str(tmp_path / "cache"))


def hashes(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class TestParquet:
    def test_hugging_face_reads_images_classes_and_facts(self, folder, tmp_path, monkeypatch):
        export_dataset(folder, tmp_path / "out/Set", form="parquet")
        loaded = load(tmp_path / "out/Set", tmp_path, monkeypatch)
        expected = table(folder)
        assert {split: len(part) for split, part in loaded.items()} == {"train": 28, "test": 14}
        for split, part in loaded.items():
            assert isinstance(part.features["image"], datasets.Image)
            assert part.features["label"] == datasets.ClassLabel(names=list(LABELS))
            rows = expected[expected["split"] == split]
            for row, wanted in zip(part, rows.to_dict("records"), strict=True):
                assert LABELS[row["label"]] == wanted["label"]
                assert (np.asarray(row["image"]) == pixels_of(folder / wanted["file_name"])).all()
                assert row["source_id"] == wanted["source_id"]
                assert row["rho"] == (None if np.isnan(wanted["rho"]) else wanted["rho"])

    def test_it_is_what_hugging_face_itself_would_write(self, folder, tmp_path, monkeypatch):
        import pyarrow.parquet as pq

        export_dataset(folder, tmp_path / "out/Set", form="parquet")
        part = load(folder, tmp_path, monkeypatch)["test"]
        part.to_parquet(tmp_path / "theirs.parquet")
        ours = pq.read_table(tmp_path / "out/Set/data/test-00000-of-00001.parquet")
        theirs = pq.read_table(tmp_path / "theirs.parquet")
        assert ours.schema.remove_metadata() == theirs.schema.remove_metadata()
        told = [json.loads(each.schema.metadata[b"huggingface"]) for each in (ours, theirs)]
        assert told[0] == told[1]

    def test_synface_reads_it_again(self, folder, tmp_path):
        export_dataset(folder, tmp_path / "out/Set", form="parquet")
        again = {name: tmp_path / "again" / name for name in ("images", "metadata.csv", "counts.csv")}
        import_dataset(
            layout="hugging-face",
            path=tmp_path / "out/Set",
            images=again["images"],
            metadata=again["metadata.csv"],
            counts=again["counts.csv"],
            card=tmp_path / "again/README.md",
            rejects=tmp_path / "again/rejects.csv",
            name="again",
            split="all",
            origins=ORIGINS,
            made_by="OtherGAN",
        )
        assert again["counts.csv"].read_text() == (folder / "counts.csv").read_text()


class TestRafDb:
    def test_list_and_images_are_as_published(self, folder, tmp_path):
        export_dataset(folder, tmp_path / "out", form="raf-db")
        rows = pd.read_csv(tmp_path / "out/metadata.csv").set_index("name")
        published = ["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"]  # 1 to 7
        lines = (tmp_path / "out/basic/EmoLabel/list_patition_label.txt").read_text().splitlines()
        assert len(lines) == 42
        for line in lines:
            name, code = re.fullmatch(r"((?:train_\d{5})|(?:test_\d{4}))\.jpg ([1-7])", line).groups()
            assert published[int(code) - 1] == rows.loc[name, "label"]
            assert name.startswith(rows.loc[name, "split"])
            found, original = (
                tmp_path / f"out/basic/Image/aligned/{name}_aligned.jpg",
                folder / rows.loc[name, "file_name"],
            )
            with Image.open(found) as image:
                assert image.format == "JPEG"
            if original.suffix == ".jpg":
                assert found.read_bytes() == original.read_bytes()
            else:
                assert np.abs(pixels_of(found).astype(int) - pixels_of(original)).mean() < 1

    def import_from(self, path, place):
        import_dataset(
            layout="raf-db",
            path=path,
            **{key: place / name for key, name in {"images": "images", "metadata": "metadata.csv"}.items()},
            counts=place / "counts.csv",
            card=place / "README.md",
            rejects=place / "rejects.csv",
            name=place.name,
            split="all",
            origins=[ORIGINS[0] | {"kind": "photographs"}],
        )

    def test_synface_reads_it_with_the_same_counts_and_exports_the_same_again(self, folder, tmp_path):
        export_dataset(folder, tmp_path / "out", form="raf-db")
        self.import_from(tmp_path / "out/basic", tmp_path / "Again")
        assert (tmp_path / "Again/counts.csv").read_text() == (folder / "counts.csv").read_text()
        assert (tmp_path / "Again/rejects.csv").read_text().count("\n") == 1
        export_dataset(tmp_path / "Again", tmp_path / "out2", form="raf-db")
        assert hashes(tmp_path / "out2/basic") == hashes(tmp_path / "out/basic")


class TestWebDataset:
    def test_the_tars_hold_image_class_and_facts_of_each(self, folder, tmp_path):
        export_dataset(folder, tmp_path / "out", form="webdataset")
        expected = table(folder)
        for split, number in (("train", 28), ("test", 14)):
            with tarfile.open(tmp_path / f"out/data/{split}-000000.tar") as archive:
                members = archive.getmembers()
                assert {(each.mtime, each.uid, each.uname) for each in members} == {(0, 0, "")}
                content = [(each.name, archive.extractfile(each).read()) for each in members]
            assert len(content) == 3 * number
            rows = expected[expected["split"] == split].to_dict("records")
            for place, row in enumerate(rows):
                (image, data), (label, code), (facts, told) = content[3 * place : 3 * place + 3]
                assert [image, label, facts] == [f"{place:08d}.{end}" for end in ("png", "cls", "json")]
                assert LABELS[int(code)] == row["label"]
                assert json.loads(told)["file_name"] == row["file_name"]
                assert (pixels_of(io.BytesIO(data)) == pixels_of(folder / row["file_name"])).all()

    def test_hugging_face_reads_it(self, folder, tmp_path, monkeypatch):
        export_dataset(folder, tmp_path / "out/Set", form="webdataset")
        loaded = load(tmp_path / "out/Set", tmp_path, monkeypatch)
        assert {split: len(part) for split, part in loaded.items()} == {"train": 28, "test": 14}
        assert loaded["train"].features["cls"].names == list(LABELS)
        expected = table(folder).set_index("file_name")
        for row in loaded["test"]:
            assert LABELS[row["cls"]] == expected.loc[row["json"]["file_name"], "label"]
            assert row["png"].size == (20, 24)


@pytest.mark.parametrize("form", FORMATS)
class TestAll:
    def test_the_same_dataset_gives_the_same_bytes(self, form, folder, tmp_path):
        for name in ("a", "b"):
            export_dataset(folder, tmp_path / name, form=form)
        assert hashes(tmp_path / "a") == hashes(tmp_path / "b")

    def test_a_damaged_image_is_told_and_nothing_is_left(self, form, folder, tmp_path):
        damaged = folder / table(folder)["file_name"].iloc[-1]
        damaged.write_bytes(damaged.read_bytes()[:-9])
        with pytest.raises(InputError, match=re.escape(str(damaged))):
            export_dataset(folder, tmp_path / "out/Set", form=form)
        assert list((tmp_path / "out").iterdir()) == []

    def test_card_and_license_go_with_it(self, form, folder, tmp_path):
        export_dataset(folder, tmp_path / "Set", form=form)
        assert (tmp_path / "Set/LICENSE").read_bytes() == (folder / "LICENSE").read_bytes()
        card = DatasetCard.load(tmp_path / "Set/README.md")
        assert card.data.license == "other"
        assert "somebody else's generator" in card.text
        assert "images/train" not in card.text


def test_shards_hold_at_most_so_many_bytes_and_everything_once():
    sizes = [40, 40, 40, 200, 10, 10]
    shards = in_shards(sizes, 100)
    assert [sizes[shard] for shard in shards] == [[40, 40], [40], [200], [10, 10]]
    assert in_shards([5], 100) == [slice(0, 1)]


def test_the_rule_knows_every_form():
    rule = (ROOT / "workflow/rules/export.smk").read_text()
    assert re.search(r'format="([^"]+)"', rule)[1].split("|") == list(FORMATS)
