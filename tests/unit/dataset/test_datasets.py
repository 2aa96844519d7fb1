import fnmatch
import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from huggingface_hub import DatasetCard
from PIL import Image

from synface.core.counts import CELLS, write_counts
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.shards import read_shard_bytes, write_shard
from synface.dataset.assembling import assemble_dataset
from synface.dataset.importing import import_dataset
from synface.dataset.merging import merge_datasets
from synface.dataset.writing import file_name, new_folder

COLUMNS = [
    *("file_name", "label", "split", "dataset", "source", "source_id", "theta", "rho", "code_x", "code_y"),
    *("left", "top", "right", "bottom", "probability", "edit", "generator", "seed", "sha256"),
]
DATA_MD = Path(__file__).resolve().parents[3] / "docs/data.md"
SPLIT_WORDS = ("train", "training", "validation", "valid", "dev", "val", "test", "testing", "eval", "evaluation")
PHOTOGRAPHS = [{"kind": "photographs", "name": "Real", "dataset": "Real", "license": "CC BY 4.0", "from": "a page"}]
MADE = [{"kind": "external", "name": "Made", "dataset": "Made", "license": "", "from": "", "made_by": "OtherGAN"}]
EDITED = [
    {"kind": "edited portraits", "name": "ffhq", "dataset": "Syn", "license": "CC BY-NC-SA 4.0", "from": ""},
    {"kind": "generator", "name": "linear", "dataset": "Syn", "license": "", "from": "", "learned_from": ["AffectNet"]},
    {"kind": "counts", "name": "Real", "dataset": "Syn", "license": "", "from": ""},
]
FACTS = {
    "source": "ffhq",
    "edit": "varied",
    "generator": "linear",
    "seed": 3,
    "like": "Real",
    "fraction": 0.5,
    "color": {"method": "lab-skin"},
    "blend": {"method": "alpha", "border": 0.15},
}


def outputs(folder, name):
    root = folder / name
    return {
        "images": root / "images",
        "metadata": root / "metadata.csv",
        "counts": root / "counts.csv",
        "card": root / "README.md",
        "name": name,
    }


def jpeg(value, mode="RGB"):
    buffer = io.BytesIO()
    Image.new(mode, (12, 10), value).save(buffer, "JPEG")
    return buffer.getvalue()


def read(folder, name):
    return pd.read_csv(folder / name / "metadata.csv", dtype={"source_id": str})


def hashes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def real_set(root):
    """Class folders with 4 training and 2 test images of each emotion; every second one is grey."""
    for split, number in (("train", 4), ("test", 2)):
        for place, label in enumerate(LABELS):
            (root / split / label).mkdir(parents=True)
            for image in range(number):
                data = jpeg(place * 30, "L") if image % 2 else jpeg((place * 30, image * 50, 9))
                (root / split / label / f"{image}.jpg").write_bytes(data)
    return root


def import_real(folder, name="Real", **changes):
    settings = {
        "layout": "class-folders",
        "split": "all",
        "path": folder / "raw",
        "rejects": folder / name / "rejects.csv",
        "origins": MADE if changes.get("made_by") else PHOTOGRAPHS,
    }
    import_dataset(**settings | outputs(folder, name) | changes)
    return read(folder, name)


def assemble(folder, name="Syn", shards=2, split_of=lambda number: "test" if number % 3 == 0 else "train", facts=FACTS):
    folder.mkdir(exist_ok=True)
    rows = [
        {
            "source_id": f"{number:05d}",
            "split": split_of(number),
            "label": LABELS[number % 7],
            "theta": 0.25,
            "rho": 1.0,
            "code_x": 0.968912,
            "code_y": 0.247404,
            "shard": number % shards,
            "left": 1.25,
            "top": 2.0,
            "right": 90.0,
            "bottom": 80.5,
            "probability": 0.999,
            "overlap": 0.8,
        }
        for number in range(42)
    ]
    selection = pd.DataFrame(rows)
    selection.to_csv(folder / "selection.csv", index=False)
    for shard in range(shards):
        with write_shard(folder / f"{shard}.tar") as write:
            for number in range(50):  # eight more than were selected
                if number % shards == shard:
                    write(f"{number:05d}", np.full((10, 10, 3), number, np.uint8))
    crops = [folder / f"{shard}.tar" for shard in range(shards)]
    told = {"facts": facts, "origins": EDITED}
    assemble_dataset(selection=folder / "selection.csv", crops=crops, **told, **outputs(folder, name))
    return read(folder, name)


@pytest.fixture
def real(tmp_path):
    real_set(tmp_path / "raw")
    return tmp_path


class TestFileName:
    def test_class_folder_sorts_like_the_class_index(self):
        names = [file_name("test", label, "x", ".png") for label in LABELS]
        assert names == sorted(names)
        assert names[3] == "images/test/3_happiness/x.png"

    @pytest.mark.parametrize(
        "stem", ["train_00001", "test-3", "A.val_2", "my_test", "eval", "x-dev-1", "latest_trainer", "5test5"]
    )
    def test_no_name_reads_as_a_split_to_hugging_face(self, stem):
        # The patterns that the library looks for in file names (datasets 5.2, data_files.py).
        name = Path(file_name("train", "fear", stem, ".png")).name
        for word in SPLIT_WORDS:
            for pattern in (f"{word}[-._ 0-9]*", f"*[-._ 0-9]{word}[-._ 0-9]*"):
                assert not fnmatch.fnmatchcase(name, pattern)
        assert name.lower() == f"{stem}.png".lower()


class TestNewFolder:
    def test_replaces_an_old_one_and_a_failure_leaves_nothing(self, tmp_path):
        (tmp_path / "images").mkdir()
        (tmp_path / "images" / "old").touch()
        with pytest.raises(FileNotFoundError), new_folder(tmp_path / "images") as folder:
            (folder / "half" / "way").touch()
        assert [path.name for path in tmp_path.rglob("*")] == ["images", "old"]
        with new_folder(tmp_path / "images") as folder:
            (folder / "new").touch()
        assert [path.name for path in tmp_path.rglob("*")] == ["images", "new"]


class TestImport:
    def test_files_are_copied_byte_for_byte_and_all_facts_are_there(self, real):
        rows = import_real(real)
        assert list(rows) == COLUMNS
        assert len(rows) == 42
        assert set(rows["file_name"]) == {
            f"images/{p.parts[-3]}/{p.parts[-2]}/{p.name}" for p in real.glob("Real/images/*/*/*")
        }
        for row in rows.itertuples():
            split, label, number = row.source_id.split("-")
            assert (split, label) == (row.split, row.label)
            assert (real / "Real" / row.file_name).read_bytes() == (
                real / "raw" / split / label / f"{number}.jpg"
            ).read_bytes()
        counts = pd.read_csv(real / "Real" / "counts.csv")
        assert counts["count"].tolist() == [4] * 7 + [2] * 7
        assert rows["theta"].isna().all()
        assert set(rows["source"]) == {"Real"}

    def test_what_cannot_be_read_is_listed_with_its_reason(self, real):
        (real / "raw" / "train" / "fear" / "9.jpg").write_bytes(b"no image")
        (real / "raw" / "train" / "fear" / "0.jpg").write_bytes(jpeg(1)[:200])
        (real / "raw" / "train" / "contempt").mkdir()
        (real / "raw" / "train" / "contempt" / "a.jpg").write_bytes(jpeg(1))
        assert len(import_real(real)) == 41
        rejects = pd.read_csv(real / "Real" / "rejects.csv").set_index("path")
        assert sorted(rejects.index) == ["train/contempt/a.jpg", "train/fear/0.jpg", "train/fear/9.jpg"]
        assert rejects.loc["train/fear/9.jpg", "reason"].startswith("not a readable image")
        assert rejects.loc["train/contempt/a.jpg", "reason"] == "contempt is none of the seven emotions"
        card = (real / "Real" / "README.md").read_text()
        assert "1: contempt is none of the seven emotions" in card
        assert "2: not a readable image" in card

    def test_listed_and_missing(self, tmp_path):
        raw = tmp_path / "raw"
        (raw / "EmoLabel").mkdir(parents=True)
        (raw / "Image" / "aligned").mkdir(parents=True)
        lines = [f"train_0000{number}.jpg {number}\n" for number in range(1, 8)]
        (raw / "EmoLabel" / "list_patition_label.txt").write_text("".join([*lines, lines[3]]))
        for number in range(2, 8):
            (raw / "Image" / "aligned" / f"train_0000{number}_aligned.jpg").write_bytes(jpeg(number))
        rows = import_real(tmp_path, layout="raf-db")
        assert sorted(rows["source_id"]) == [f"train_0000{number}" for number in range(2, 8)]
        rejects = pd.read_csv(tmp_path / "Real" / "rejects.csv")
        assert rejects["path"].tolist() == ["Image/aligned/train_00001.jpg", "Image/aligned/train_00004_aligned.jpg"]
        assert rejects["reason"].tolist() == [
            "is listed and is not there (EmoLabel/list_patition_label.txt, line 1)",
            "is listed again",
        ]
        assert "train 12,271 (here 6)" in (tmp_path / "Real" / "README.md").read_text()

    def test_more_than_half_unreadable_is_an_error_and_leaves_no_dataset(self, real):
        for path in list((real / "raw").rglob("*.jpg"))[:22]:
            path.write_bytes(b"broken")
        with pytest.raises(InputError, match="of 42 labelled images only 20 can be used"):
            import_real(real)
        assert not (real / "Real" / "metadata.csv").exists()
        assert not (real / "Real" / "images").exists()

    def test_split_val_becomes_test_alone(self, real):
        assert set(import_real(real, split="val")["split"]) == {"test"}
        assert len(read(real, "Real")) == 14


class TestExternal:
    def make(self, folder, **changes):
        """20 faces of fear and 6 of anger, made elsewhere, with a prompt for each."""
        rows = []
        for number in range(26):
            label, split = ("fear", "train") if number < 20 else ("anger", "test")
            (folder / "made" / split).mkdir(parents=True, exist_ok=True)
            (folder / "made" / split / f"{number}.jpg").write_bytes(jpeg((number, 5, 7)))
            rows.append([f"{split}/{number}.jpg", label, split, f"a face, {label}", "CC0"])
        columns = ["file_name", "label", "split", "prompt", "license"]
        pd.DataFrame(rows, columns=columns).to_csv(folder / "made/metadata.csv", index=False)
        like = dict.fromkeys(CELLS, 0) | {("train", "fear"): 10, ("test", "anger"): 4}
        write_counts(like, folder / "like.csv")
        given = {"layout": "hugging-face", "path": folder / "made", "made_by": "OtherGAN", "keep": ["prompt"]}
        files = folder / "Made/files.csv"
        return import_real(folder, "Made", **given | {"like": folder / "like.csv", "files": files} | changes)

    def test_it_is_as_many_as_the_set_it_imitates_and_says_who_made_it(self, tmp_path):
        rows = self.make(tmp_path)
        assert rows.groupby(["split", "label"]).size().to_dict() == {("train", "fear"): 10, ("test", "anger"): 4}
        assert set(rows["generator"]) == {"OtherGAN"}
        assert set(rows["edit"]) == {"external"}
        rejects = pd.read_csv(tmp_path / "Made/rejects.csv")
        assert rejects["reason"].value_counts()["is beyond the counts of the set that is imitated"] == 12
        kept = pd.read_csv(tmp_path / "Made/files.csv").dropna(subset="file_name").set_index("file_name")
        assert kept["prompt"].to_dict() == {row.file_name: f"a face, {row.label}" for row in rows.itertuples()}
        card = (tmp_path / "Made/README.md").read_text()
        assert "Faces made by `OtherGAN`" in card
        assert "Photographs of faces" not in card

    def test_a_fraction_of_them_or_all(self, tmp_path):
        assert len(self.make(tmp_path, fraction=0.5)) == 5 + 2
        assert len(self.make(tmp_path, like=None)) == 26

    def test_too_few_are_told_by_class(self, tmp_path):
        with pytest.raises(InputError, match="train fear 2, test anger 3 lacking"):
            self.make(tmp_path, fraction=2.2)

    def test_a_column_that_is_not_there_is_told(self, tmp_path):
        with pytest.raises(InputError, match="expected the column 'seed'"):
            self.make(tmp_path, keep=["seed"])


def test_own_synthetic_sets_come_in_as_external_alone(tmp_path):
    made = assemble(tmp_path)
    given = {"layout": "auto", "path": tmp_path / "Syn"}
    with pytest.raises(
        InputError, match=r"datasets.Again.natural.path: .*Syn is a dataset of synface with edited faces"
    ):
        import_real(tmp_path, "Again", **given)
    again = import_real(tmp_path, "Again", **given, made_by="linear")
    kept = again.merge(made, on=["source_id", "split", "label", "sha256"])
    assert len(kept) == len(again) == len(made) == 42
    assert pd.read_csv(tmp_path / "Again" / "rejects.csv").empty


class TestAssemble:
    def test_png_bytes_are_those_of_the_shards(self, tmp_path):
        rows = assemble(tmp_path)
        assert list(rows) == COLUMNS
        data = dict(item for shard in range(2) for item in read_shard_bytes(tmp_path / f"{shard}.tar"))
        for row in rows.itertuples():
            assert (tmp_path / "Syn" / row.file_name).read_bytes() == data[row.source_id]
        assert sorted(rows["source_id"]) == [f"{number:05d}" for number in range(42)]
        assert rows.groupby(["edit", "generator", "seed", "source", "dataset"]).size().to_dict() == {
            ("varied", "linear", 3, "ffhq", "Syn"): 42
        }
        assert set(rows["bottom"]) == {80.5}

    def test_shards_change_no_byte(self, tmp_path):
        assemble(tmp_path / "a", shards=1)
        assemble(tmp_path / "b", shards=5)
        assert hashes(tmp_path / "a" / "Syn") == hashes(tmp_path / "b" / "Syn")

    @pytest.mark.parametrize("crops", [[0], [0, 1, 1]])
    def test_image_in_no_shard_or_in_two(self, tmp_path, crops):
        assemble(tmp_path)
        with pytest.raises(InputError, match=r"21 selected images are in no shard|already in an earlier shard"):
            assemble_dataset(
                selection=tmp_path / "selection.csv",
                crops=[tmp_path / f"{shard}.tar" for shard in crops],
                facts=FACTS,
                origins=EDITED,
                **outputs(tmp_path, "Bad"),
            )
        assert not (tmp_path / "Bad" / "metadata.csv").exists()

    def test_card_has_head_counts_and_recipe(self, tmp_path):
        assemble(tmp_path)
        card = (tmp_path / "Syn" / "README.md").read_text()
        assert DatasetCard(card).data.pretty_name == "Syn"
        assert "- synthetic\n" in card
        assert "| surprise | 4 | 2 | 6 |" in card
        assert "| **all** | **28** | **14** | **42** |" in card
        assert "- blend: method alpha, border 0.15" in card
        assert "photographs of real people, edited" in card

    def test_card_says_by_what_faces_were_chosen(self, tmp_path):
        choice = {"keep": {"judge": "reader", "at_least": 0.5}, "balance": ["skin", "rho"]}
        assemble(tmp_path, facts={**FACTS, **choice})
        card = (tmp_path / "Syn" / "README.md").read_text()
        assert (
            "Only faces in which the judge `reader` reads that emotion with a probability of at least 0.5 were" in card
        )
        assert "Of each emotion, faces were balanced by skin and rho as far as there are some." in card
        assert "- keep: judge reader, at_least 0.5" in card


class TestMerge:
    @pytest.fixture
    def both(self, real):
        import_real(real)
        assemble(real)
        return real

    def merge(self, folder, *parts, name="Hybrid", seed=1, repeat=1, labels="kept"):
        merge_datasets(
            inputs=[(folder / part / "metadata.csv", folder / part / "images") for part, _ in parts],
            parts=[{"dataset": part, "fraction": fraction, "repeat": repeat} for part, fraction in parts],
            seed=seed,
            origins=[*PHOTOGRAPHS, *EDITED],
            labels=labels,
            **outputs(folder, name),
        )
        return read(folder, name)

    def test_rows_add_up_and_bytes_are_kept(self, both):
        merged = self.merge(both, ("Real", 1.0), ("Syn", 1.0))
        assert len(merged) == 84
        origin = pd.concat([read(both, "Real"), read(both, "Syn")])
        kept = merged.merge(origin, on=["dataset", "source_id"], suffixes=("", "_before"))
        assert len(kept) == 84
        for row in kept.itertuples():
            assert (both / "Hybrid" / row.file_name).read_bytes() == (
                both / row.dataset / row.file_name_before
            ).read_bytes()
            assert Path(row.file_name).name.startswith(f"{row.dataset}.")
        for fact in ("label", "split", "source", "theta", "code_y", "probability", "edit", "seed"):
            assert kept[fact].equals(kept[f"{fact}_before"].astype(kept[fact].dtype).rename(fact)), fact

    def test_fraction_holds_per_class_and_split(self, both):
        merged = self.merge(both, ("Real", 0.5), ("Syn", 0.25))
        sizes = merged.groupby(["dataset", "split"]).size().to_dict()
        # 7 classes of 4 and 2 real images at 0.5; of 4 and 2 synthetic ones at 0.25, 0.5 rounding up to 1
        assert sizes == {("Real", "train"): 14, ("Real", "test"): 7, ("Syn", "train"): 7, ("Syn", "test"): 7}
        assert (merged.groupby(["dataset", "split", "label"]).size().groupby(["dataset", "split"]).nunique() == 1).all()

    def test_larger_fraction_keeps_the_images_of_a_smaller_one(self, both):
        few, many = self.merge(both, ("Syn", 0.25)), self.merge(both, ("Syn", 0.75), name="More")
        assert set(few["source_id"]) < set(many["source_id"])
        other = self.merge(both, ("Syn", 0.25), name="Other", seed=2)
        assert set(other["source_id"]) != set(few["source_id"])

    def test_training_images_come_as_often_as_asked_and_test_images_once(self, both):
        merged = self.merge(both, ("Real", 1.0), repeat=3)
        sizes = merged.groupby(["split", "source_id"]).size()
        assert set(sizes["train"]) == {3}
        assert set(sizes["test"]) == {1}
        assert merged["file_name"].is_unique
        for row in merged.itertuples():
            original = read(both, "Real").set_index("source_id").loc[row.source_id, "file_name"]
            assert (both / "Hybrid" / row.file_name).read_bytes() == (both / "Real" / original).read_bytes()
        assert "its training images 3 times" in (both / "Hybrid/README.md").read_text()

    def test_shuffled_labels_keep_the_counts_of_each_part_and_the_test_images(self, both):
        kept, shuffled = (
            self.merge(both, ("Real", 1.0), ("Syn", 1.0), labels=labels).set_index(["dataset", "source_id"])
            for labels in ("kept", "shuffled")
        )
        train = kept["split"] == "train"
        label = shuffled["label"].reindex(kept.index)
        assert (label[~train] == kept["label"][~train]).all()
        # 28 images of seven equal classes in each part: a seventh is expected to keep its label.
        assert (label[train] == kept["label"][train]).mean() < 0.5
        counts = shuffled.groupby(["dataset", "split", "label"]).size()
        assert counts.equals(kept.groupby(["dataset", "split", "label"]).size())
        assert "control, not for use" in (both / "Hybrid" / "README.md").read_text()

    def test_a_fraction_above_one_takes_training_images_again(self, both):
        merged = self.merge(both, ("Real", 2.5))
        times = merged[merged["split"] == "train"].groupby(["label", "source_id"]).size()
        # Of four images of a class all come twice, and half of them a third time.
        assert sorted(times["fear"]) == [2, 2, 3, 3]
        assert not merged[merged["split"] == "test"].duplicated("source_id").any()
        assert merged["file_name"].is_unique

    def test_merge_of_a_merge_keeps_the_origin(self, both):
        self.merge(both, ("Real", 0.5))
        merged = self.merge(both, ("Hybrid", 1.0), ("Syn", 1.0), name="Both")
        assert set(merged["dataset"]) == {"Real", "Syn"}

    def test_kinds_of_rows_are_mixed(self, both):
        merged = self.merge(both, ("Real", 1.0), ("Syn", 1.0))
        assert all(merged["dataset"][start : start + 21].nunique() == 2 for start in range(0, 84, 21))

    def test_same_portrait_in_train_and_test_is_refused(self, both):
        assemble(both / "other", name="Syn2", split_of=lambda number: "train")
        (both / "other" / "Syn2").rename(both / "Syn2")
        with pytest.raises(InputError, match=r"14 portraits would be in train and in test.*00000 of ffhq"):
            self.merge(both, ("Syn", 1.0), ("Syn2", 1.0))

    def test_same_portrait_twice_on_one_side_is_fine(self, both):
        assemble(both / "other", name="Syn2")
        (both / "other" / "Syn2").rename(both / "Syn2")
        assert len(self.merge(both, ("Syn", 1.0), ("Syn2", 1.0))) == 84

    def test_same_image_twice_is_refused(self, both):
        with pytest.raises(InputError, match="21 images would come in twice"):
            self.merge(both, ("Real", 0.5), ("Real", 1.0))


class TestReaders:
    @pytest.fixture
    def merged(self, real):
        import_real(real)
        assemble(real)
        return TestMerge().merge(real, ("Real", 1.0), ("Syn", 1.0)), real / "Hybrid"

    def test_torchvision_numbers_the_classes_like_emotion(self, merged):
        from torchvision.datasets import ImageFolder

        rows, folder = merged
        labels = dict(zip(rows["file_name"], rows["label"], strict=True))
        for split, number in (("train", 56), ("test", 28)):
            dataset = ImageFolder(folder / "images" / split, allow_empty=True)
            assert [name.split("_")[1] for name in dataset.classes] == list(LABELS)
            assert len(dataset) == number
            for path, index in dataset.samples:
                assert LABELS[index] == labels[Path(path).relative_to(folder).as_posix()]

    def test_snippets_of_the_card_run(self, merged, tmp_path, monkeypatch):
        rows, folder = merged
        monkeypatch.chdir(folder.parent)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
        snippets = [part.split("```")[0] for part in (folder / "README.md").read_text().split("```python\n")[1:]]
        names: dict = {}
        for snippet in snippets:
            exec(snippet, names)
        assert len(names["train"]) == (rows["split"] == "train").sum() == 56
        assert len(names["test"]) == 28
        assert {split: len(part) for split, part in names["dataset"].items()} == {"train": 56, "test": 28}

    def test_snippets_of_the_documentation_run(self, merged, tmp_path, monkeypatch):
        rows, folder = merged
        (tmp_path / "datasets").mkdir()
        for ours, theirs in (("Real", "RAF-DB"), ("Syn", "SynFace15V")):
            (folder.parent / ours).rename(tmp_path / "datasets" / theirs)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
        section = DATA_MD.read_text().split("\n## Datasets that travel\n")[1].split("\n## ")[0]
        names: dict = {}
        for snippet in section.split("```python\n")[1:]:
            exec(snippet.split("```")[0], names)
        assert len(names["hybrid"]) == (rows["split"] == "train").sum() == 56
        assert names["label"] in LABELS
        assert (len(names["train"]), len(names["test"])) == (28, 14)

    def load(self, folder, tmp_path):
        import datasets

        return datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))

    def test_hugging_face_reads_every_image_with_every_fact(self, merged, tmp_path, monkeypatch):
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        rows, folder = merged
        loaded = self.load(folder, tmp_path)
        assert list(loaded) == ["train", "test"]
        assert loaded["train"].features["label"].names == list(LABELS)
        for split, part in loaded.items():
            expected = rows[rows["split"] == split].reset_index(drop=True)
            assert part.column_names == ["image", *COLUMNS[1:]]
            found = part.remove_columns("image").to_pandas()
            assert [LABELS[index] for index in found["label"]] == expected["label"].tolist()
            assert found["source_id"].tolist() == expected["source_id"].tolist()
            assert np.allclose(found["code_x"], expected["code_x"], equal_nan=True)
            assert part[0]["image"].size in ((12, 10), (10, 10))

    def test_hugging_face_joins_a_natural_and_a_synthetic_set(self, merged, tmp_path, monkeypatch):
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        import datasets

        _, folder = merged
        parts = [self.load(folder.parent / name, tmp_path)["train"] for name in ("Real", "Syn")]
        joined = datasets.concatenate_datasets(parts)
        assert len(joined) == 56
        assert parts[0].features == parts[1].features
        assert [parts[0][0]["rho"], joined[-1]["rho"], joined[-1]["seed"]] == [None, 1.0, 3.0]
