"""What travels with a dataset: its card, its license and its Croissant, each read by the library that others use."""

import hashlib
import json

import mlcroissant
import numpy as np
import pandas as pd
import pytest
import yaml
from huggingface_hub import DatasetCard
from PIL import Image

from synface.core.counts import CELLS
from synface.core.emotions import LABELS
from synface.core.images import encode_png
from synface.dataset.card import write_card
from synface.dataset.describing import describe_dataset
from synface.dataset.kinds import BESIDE, KINDS
from synface.dataset.license import UNKNOWN
from synface.dataset.writing import file_name, write_images, write_tables
from synface.study import origins as study_origins

RECIPE = {"color": {"method": "lab"}, "fraction": 0.5, "empty": None}


def origin(kind, name="Faces", terms="", **facts):
    return {"kind": kind, "name": name, "dataset": "Set", "license": terms, "from": "", **facts}


def make(folder, *origins):
    """A described dataset: two images of each class and split, the synthetic facts of half of them given."""
    rows = [
        {"label": label, "split": split, "source_id": f"{label}{number}", "rho": 0.25 if number else None}
        for split, label in CELLS
        for number in range(2)
    ]
    for row in rows:
        row["file_name"] = file_name(row["split"], row["label"], f"{row['split']}.{row['source_id']}", ".png")
    pixels = [np.full((8, 9, 3), number, np.uint8) for number in range(len(rows))]
    named = zip((row["file_name"] for row in rows), map(encode_png, pixels), strict=True)
    sums = write_images(named, folder / "images")
    metadata = folder / "metadata.csv"
    write_tables(pd.DataFrame(rows), sums, images=folder / "images", metadata=metadata, counts=folder / "counts.csv")
    told = {"name": folder.name, "what": "Some faces.", "recipe": RECIPE, "origins": origins}
    describe_dataset(folder / "README.md", metadata=metadata, digest=folder / "digest.txt", **told)
    return pd.read_csv(metadata)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TestCroissant:
    @pytest.fixture
    def made(self, tmp_path):
        edited = origin("edited portraits", "ffhq", "CC BY-NC-SA 4.0", licenses=["by", "cc0"])
        generator = origin("generator", "linear", learned_from=["AffectNet"])
        return make(tmp_path / "Set", edited, generator, origin("counts", "Real")), tmp_path / "Set"

    def test_mlcroissant_has_nothing_against_it_but_what_only_a_publisher_knows(self, made):
        read = mlcroissant.Dataset(str(made[1] / "croissant.json"))
        issues = read.metadata.ctx.issues
        assert not issues.errors
        assert sorted(warning.split('"')[1].rpartition("/")[2] for warning in issues.warnings) == [
            "citeAs",
            "datePublished",
        ]
        assert str(read.metadata.ctx.conforms_to.value).endswith("/1.1")

    def test_mlcroissant_reads_every_image_with_its_facts(self, made):
        rows, folder = made
        records = list(mlcroissant.Dataset(str(folder / "croissant.json")).records("images"))
        assert len(records) == len(rows) == 28
        expected = rows.set_index("file_name")
        for record in records:
            name = record["images/file_name"].decode()
            assert record["images/label"].decode() == expected.loc[name, "label"]
            assert record["images/split"].decode() == expected.loc[name, "split"]
            assert record["images/rho"] in ((0.25,) if expected.loc[name, "rho"] == 0.25 else (None,))
            with Image.open(folder / name) as image:
                assert (np.asarray(record["images/image"]) == np.asarray(image)).all()
        classes = mlcroissant.Dataset(str(folder / "croissant.json")).records("classes")
        assert [each["classes/name"] for each in classes] == list(LABELS)

    def test_checksums_are_those_of_the_files(self, made):
        _, folder = made
        told = json.loads((folder / "croissant.json").read_text())
        tables = {each["contentUrl"]: each["sha256"] for each in told["distribution"] if "sha256" in each}
        assert tables == {name: sha256(folder / name) for name in tables}
        assert set(tables) == {path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")}
        assert told["version"] == f"1.0.0+{sha256(folder / 'metadata.csv')[:12]}"

    def test_lineage_recipe_and_responsible_use_are_told(self, made):
        read = mlcroissant.Dataset(str(made[1] / "croissant.json")).metadata
        assert read.license == [
            "`ffhq`: portraits whose faces were edited; of them the portraits under by, cc0: CC BY-NC-SA 4.0",
            f"`linear`: the generator that edited the faces; labels learned from AffectNet: {UNKNOWN}",
        ]
        assert read.data_preprocessing_protocol == ["color: method lab", "fraction: 0.5"]
        assert "real people" in read.personal_sensitive_information[0]
        assert read.machine_annotation_tools[0].startswith("`linear`")
        told = json.loads((made[1] / "croissant.json").read_text())
        assert [each["name"] for each in told["prov:wasDerivedFrom"]] == ["ffhq", "linear", "Real"]
        assert told["prov:wasGeneratedBy"]["description"] == "color: method lab\nfraction: 0.5"

    def test_every_kind_of_images_is_described(self, tmp_path):
        for kind in KINDS:
            make(tmp_path / kind, origin(kind))
            read = mlcroissant.Dataset(str(tmp_path / kind / "croissant.json"))
            assert not read.metadata.ctx.issues.errors


class TestCard:
    def card(self, folder, *origins):
        make(folder / "Set", *origins)
        return DatasetCard.load(folder / "Set/README.md")

    def test_the_head_is_what_hugging_face_reads(self, tmp_path):
        data = self.card(tmp_path, origin("photographs", terms="CC BY 4.0")).data
        assert data.pretty_name == "Set"
        assert data.task_categories == ["image-classification"]
        assert data.size_categories == ["n<1K"]
        assert (data.license, data.get("license_link")) == ("other", "LICENSE")
        assert data.get("configs")[0]["data_files"][1] == {"split": "test", "path": "images/test/**"}
        head = (tmp_path / "Set/README.md").read_text().split("---\n")[1]
        assert yaml.safe_load(head)["pretty_name"] == "Set"

    def test_a_license_that_nobody_has_told_is_unknown(self, tmp_path):
        card = self.card(tmp_path, origin("photographs"))
        assert card.data.license == "unknown"
        assert f"license {UNKNOWN}" in card.text

    @pytest.mark.parametrize(
        ("kind", "synthetic", "real", "said"),
        [
            ("photographs", False, True, "how annotators read a face"),
            ("drawings", True, False, "they show no person"),
            ("external", True, False, "somebody else's generator"),
            ("edited portraits", True, True, "edited to show emotions that they did not show"),
            ("edited drawings", True, False, "they show no person"),
            ("portraits", False, True, "Labels were given by a model"),
            ("drawn portraits", True, False, "Labels were given by a model"),
        ],
    )
    def test_words_are_true_of_each_kind(self, tmp_path, kind, synthetic, real, said):
        card = self.card(tmp_path, origin(kind))
        assert said in card.text
        assert ("synthetic" in card.data.tags) == synthetic
        assert ("respect" in card.text.lower()) == real  # requests for removal, where people are shown
        if kind != "edited portraits":
            assert "edited to show" not in card.text
        if kind != "photographs":
            assert "annotators" not in card.text
        assert "natural" not in card.text

    def test_a_merge_tells_of_all_its_kinds(self, tmp_path):
        card = self.card(tmp_path, origin("photographs", "Real"), origin("external", "Made", made_by="OtherGAN"))
        use = card.text.split("## Use")[1]
        assert "- `Real`, photographs of faces" in use
        assert "- `Made`, faces that somebody else's generator made" in use
        assert "made by `OtherGAN`" in card.text

    def test_shuffled_labels_are_told(self, tmp_path):
        card = self.card(tmp_path, origin("photographs", shuffled=True), origin("drawings", "Drawn"))
        photographs, drawings = card.text.split("## Use")[1].split("\n- ")[1:]
        assert "were shuffled" in photographs
        assert "shuffled" not in drawings
        read = mlcroissant.Dataset(str(tmp_path / "Set/croissant.json")).metadata
        assert "were shuffled" in read.data_annotation_protocol[0]

    def test_the_digest_is_told(self, tmp_path):
        card = self.card(tmp_path, origin("drawings"))
        assert sha256(tmp_path / "Set/metadata.csv") in card.text
        assert (tmp_path / "Set/digest.txt").read_text().strip() == sha256(tmp_path / "Set/metadata.csv")

    def test_an_empty_class_counts_zero(self, tmp_path):
        counts = dict.fromkeys(CELLS, 0) | {("train", "fear"): 12_000}
        told = {"name": "X", "what": "What.", "recipe": {"empty": None}, "origins": [], "digest": ""}
        write_card(tmp_path / "README.md", counts=counts, **told)
        card = (tmp_path / "README.md").read_text()
        assert "| fear | 12,000 | 0 | 12,000 |" in card
        assert "10K<n<100K" in card
        assert "- empty" not in card


class TestLicense:
    def test_each_origin_has_its_own_and_none_is_invented(self, tmp_path):
        asked = origin("photographs", "Real", "research only") | {"from": "a page"}
        make(tmp_path / "Set", asked, origin("drawings", "Drawn"), origin("teacher", "Old"), origin("counts", "Like"))
        text = (tmp_path / "Set/LICENSE").read_text()
        assert "`Real`: photographs of faces, labelled by people\n    license: research only\n    from: a page" in text
        assert f"license: {UNKNOWN}; drawn by the study's own code" in text
        assert f"none of its images came in that way\n    license: {UNKNOWN}\n" in text
        assert "Like" not in text  # numbers of images have no license
        assert "CC" not in text

    def test_terms_that_are_known_stand_beside_an_unknown_license(self, tmp_path):
        make(tmp_path / "Set", origin("photographs") | {"terms": "it may not be passed on"})
        assert f"{UNKNOWN}; it may not be passed on" in (tmp_path / "Set/LICENSE").read_text()


def test_a_failure_leaves_no_mark_that_all_is_complete(tmp_path):
    with pytest.raises(KeyError):
        make(tmp_path / "Set", {"kind": "photographs"})
    assert not (tmp_path / "Set/digest.txt").exists()


def test_every_kind_that_a_study_tells_of_has_its_words():
    assert set(study_origins.IMAGES) == set(KINDS)
    assert set(study_origins.BESIDE) == set(BESIDE)
