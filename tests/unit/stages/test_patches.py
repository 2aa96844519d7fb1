"""Another generator's faces: found, matched with portraits, dealt by what there is, and put into their frames."""

from collections import Counter

import cv2
import numpy as np
import pandas as pd
import pytest
from imaging import portrait, read_images, write_images
from scipy.optimize import linear_sum_assignment

from synface.core.counts import CELLS, SPLITS, write_counts
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.core.tables import read_table
from synface.faces.detector import load_detector
from synface.faces.framing import bring_into
from synface.faces.table import ELSEWHERE, Face, read_faces, write_faces
from synface.stages.blend import blend_faces
from synface.stages.color import transfer_color
from synface.stages.deal import ALL, deal, deal_portraits
from synface.stages.detect import detect_faces
from synface.stages.frames import prepare_frames
from synface.stages.patches import index_patches, likeness, take_patches
from synface.stages.plan import plan_edit

GREY = np.full((40, 30, 3), 99, np.uint8)


def write_index(path, sizes):
    """Write the index of portraits, path -> (width, height); ids are paths with - for /."""
    rows = [
        (name.removesuffix(".png").replace("/", "-"), name, width, height, f"hash of {name}", "train")
        for name, (width, height) in sizes.items()
    ]
    columns = ["source_id", "path", "width", "height", "sha256", "split"]
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return path


def index(tmp_path, files, portraits=("00000/00041.png", "00000/00042.png", "a/1.png", "b/1.png"), size=(300, 400)):
    folder = tmp_path / "edited"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data if isinstance(data, bytes) else encode_png(data))
    index_patches(
        folder=folder,
        index=write_index(tmp_path / "index.csv", dict.fromkeys(portraits, size)),
        patches=tmp_path / "patches.csv",
        rejects=tmp_path / "rejects.csv",
    )
    text = ["source_id", "path"]
    found, rejects = (read_table(tmp_path / name, text=text) for name in ("patches.csv", "rejects.csv"))
    return found, dict(zip(rejects["path"], rejects["reason"], strict=True))


def test_every_file_is_a_face_of_a_portrait_or_is_listed_with_its_reason(tmp_path):
    files = {
        "happiness/00000-00042.png": GREY,  # by source_id
        "3_Sad/00000/00041.jpg": GREY,  # by its path
        "Angry/00042.png": GREY,  # by its name
        "fear/a-1.png": GREY,
        "fear/1.png": GREY,
        "fear/00043.png": GREY,
        "contempt/00042.png": GREY,
        "happy/00042.webp": GREY,
        "fear/00041.png": b"<html>",
        "fear/00042.png": np.zeros((40, 40, 3), np.uint8),
        "notes.txt": b"text",
    }
    found, rejects = index(tmp_path, files)
    assert found[["source_id", "label", "path"]].to_numpy().tolist() == [
        ["00000-00041", "sadness", "3_Sad/00000/00041.jpg"],
        ["00000-00042", "anger", "Angry/00042.png"],
        ["00000-00042", "happiness", "happiness/00000-00042.png"],
        ["a-1", "fear", "fear/a-1.png"],
    ]
    assert found["left"].isna().all()
    assert rejects == {
        "contempt/00042.png": "its class is none of the seven emotions (contempt)",
        "fear/00041.png": "not a readable image (unknown format)",
        "fear/00042.png": "has other proportions than its portrait: a face that was cut out needs its box in "
        "patches.csv (40 x 40, portrait 300 x 400)",
        "fear/00043.png": "no portrait of the source is called so (00043)",
        "fear/1.png": "several portraits are called so; use the source_id (a-1, b-1)",
        "happy/00042.webp": "is another face of its portrait and class (happiness/00000-00042.png)",
        "notes.txt": "is in no folder of a class",
    }
    assert len(found) + len(rejects) == len(files)


TABLE = "portrait;class;file;left;top;right;bottom\n"


def test_a_table_names_files_and_boxes(tmp_path):
    rows = "00042.png;happy;x/1.png;30;60;240;270\n00041;fear;x/2.png;;;;\n00042;fear;gone.png;0;0;9;9\n"
    files = {"patches.csv": (TABLE + rows).encode("utf-16"), "x/1.png": GREY, "x/2.png": GREY, "x/3.png": GREY}
    found, rejects = index(tmp_path, files)
    assert found["source_id"].tolist() == ["00000-00041", "00000-00042"]
    assert found[["left", "top", "right", "bottom"]].iloc[1].tolist() == pytest.approx([0.1, 0.2, 0.8, 0.9])
    assert found["left"].isna().tolist() == [True, False]
    assert rejects == {"gone.png": "cannot be opened (No such file or directory)", "x/3.png": "is not in patches.csv"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"patches.csv": b"portrait,label\n1,2\n"}, r"patches\.csv: no column class, file; found portrait, label; exp"),
        (
            {"patches.csv": TABLE.encode() + b"42;fear;../../x.png;;;;\n"},
            r"patches\.csv, line 2: the name .* leads out",
        ),
        (
            {"patches.csv": TABLE.encode() + b"42;fear;x.png;9;0;3;9\n"},
            r"line 2: found the box 9, 0, 3, 9; expected le",
        ),
        ({"patches.csv": TABLE.encode()}, "expected a row for each image, found none"),
        ({"fear/77.png": GREY, "fear/78.png": GREY}, r"none of 2 files is .* \(2: no portrait of the source is called"),
    ],
)
def test_what_is_wrong_with_all_of_it_is_one_sentence(tmp_path, files, told):
    with pytest.raises(InputError, match=told):
        index(tmp_path, files)


def test_the_folder_must_be_one(tmp_path):
    (tmp_path / "edited").write_bytes(b"PK")
    with pytest.raises(InputError, match="expected the folder of edited faces, found a file; unpack it"):
        index(tmp_path, {})


def can_be_dealt(offers, needed, split):
    """Whether a matching of portraits with places fills all places, by SciPy's assignment."""
    places = [label for label in LABELS for _ in range(needed[split, label])]
    fits = np.array([[bool(offer >> LABELS.index(label) & 1) for label in places] for offer in offers], float)
    if not places:
        return True
    rows, columns = linear_sum_assignment(fits.reshape(len(offers), len(places)), maximize=True)
    return fits[rows, columns].sum() == len(places)


def test_portraits_are_dealt_whenever_that_is_possible_and_only_to_what_they_were_edited_to():
    rng = np.random.default_rng(5)
    outcomes = Counter()
    for _ in range(300):
        number = int(rng.integers(4, 14))
        table = pd.DataFrame({"source_id": [f"p{place}" for place in range(number)], "split": "train"})
        offers = dict(
            zip(
                table["source_id"],
                map(int, rng.integers(0, ALL + 1, number) & rng.integers(0, ALL + 1, number)),
                strict=True,
            )
        )
        needed = dict.fromkeys(CELLS, 0)
        for label in rng.choice(LABELS, number - 2):
            needed["train", str(label)] += 1
        possible = can_be_dealt(list(offers.values()), needed, "train")
        outcomes[possible] += 1
        if not possible:
            with pytest.raises(InputError, match=r"edits\.a\.patches: too few edited faces"):
                deal(table, needed, 1, "edits.a", "sources.b", offers)
            continue
        labels = deal(table, needed, 1, "edits.a", "sources.b", offers)
        assert Counter(labels.values()) == {label: needed["train", label] for label in LABELS if needed["train", label]}
        assert all(offers[item] >> LABELS.index(label) & 1 for item, label in labels.items())
    assert min(outcomes.values()) > 50


def test_portraits_that_have_every_face_are_dealt_as_by_a_generator():
    table = pd.DataFrame({"source_id": [f"p{place}" for place in range(60)], "split": ["train"] * 40 + ["test"] * 20})
    needed = dict.fromkeys(CELLS, 2)
    alike = deal(table, needed, 1, "edits.a", "sources.b", dict.fromkeys(table["source_id"], ALL))
    assert alike == deal(table, needed, 1, "edits.a", "sources.b")


def deal_with(tmp_path, faces, counts, fraction):
    """Deal 40 portraits of either split; ``faces`` tells which labels the portraits with a number have."""
    rows = [(f"{split}{number}", f"{number}.png", number, split) for split in SPLITS for number in range(40)]
    pd.DataFrame(rows, columns=["source_id", "path", "sha256", "split"]).to_csv(tmp_path / "index.csv", index=False)
    listed = [(f"{split}{number}", label) for split in SPLITS for number in range(40) for label in faces(number)]
    pd.DataFrame(listed, columns=["source_id", "label"]).to_csv(tmp_path / "patches.csv", index=False)
    write_counts(dict.fromkeys(CELLS, 0) | counts, tmp_path / "counts.csv")
    deal_portraits(
        index=tmp_path / "index.csv",
        demands=[("Set", tmp_path / "counts.csv", fraction)],
        dealt=tmp_path / "dealt.csv",
        taken=tmp_path / "demands.csv",
        spares=0.0,
        seed=1,
        edit="outside",
        source="ffhq",
        patches=tmp_path / "patches.csv",
    )
    return read_table(tmp_path / "dealt.csv")["label"].value_counts().to_dict()


def test_the_largest_fraction_is_what_the_rarest_face_allows(tmp_path):
    counts = {("train", "fear"): 40, ("train", "neutral"): 20}
    found = deal_with(tmp_path, lambda number: ["fear"] if number < 10 else ["neutral"], counts, "largest")
    # 10 of 40 faces of fear: a quarter, of neutral 5; 0.2624 of 40 is still 10, of 20 is 5.
    assert found == {"fear": 10, "neutral": 5}


def test_a_face_that_is_lacking_is_told(tmp_path):
    with pytest.raises(
        InputError, match=r"^edits\.outside\.patches: .*of the test portraits 3 have to become anger, and 0 h"
    ):
        deal_with(tmp_path, lambda number: ["fear", "neutral"], {("test", "anger"): 3, ("test", "fear"): 2}, 1.0)


@pytest.fixture
def world(tmp_path, request):
    """Portraits of 200 pixels in frames of 160, three or as many as a test asks for; returns how to edit them."""
    source, folder = tmp_path / "source", tmp_path / "edited"
    names = [f"{number:05d}" for number in range(getattr(request, "param", 3))]
    source.mkdir()
    for name in names:
        (source / f"{name}.png").write_bytes(encode_png(portrait(name, 200)))
    write_index(tmp_path / "index.csv", {f"{name}.png": (200, 200) for name in names})
    rows = [(name, f"{name}.png", name, "train", "fear") for name in names]
    pd.DataFrame(rows, columns=["source_id", "path", "sha256", "split", "label"]).to_csv(
        tmp_path / "dealt.csv", index=False
    )
    paths = {name: tmp_path / name for name in ("frames.tar", "faces.csv", "patches.csv", "edited.tar", "plan.csv")}
    plan_edit(dealt=tmp_path / "dealt.csv", gamut=None, plan=paths["plan.csv"], settings={}, shards=1)

    def edit(files, table=None):
        for name, image in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(encode_png(image))
        if table is not None:
            (folder / "patches.csv").write_text("portrait,class,file,left,top,right,bottom\n" + table)
        index_patches(
            folder=folder, index=tmp_path / "index.csv", patches=paths["patches.csv"], rejects=tmp_path / "r.csv"
        )
        planned = {"plan": paths["plan.csv"], "shard": 0}
        prepare_frames(images=source, frames=paths["frames.tar"], rejects=tmp_path / "f.csv", resolution=160, **planned)
        detect_faces(
            frames=paths["frames.tar"],
            rejects=tmp_path / "f.csv",
            faces=paths["faces.csv"],
            settings={"min_face": 0.2, "min_probability": 0.9, "framing": "mtcnn-square"},
            patches=paths["patches.csv"],
            **planned,
        )
        take_patches(
            folder=folder,
            patches=paths["patches.csv"],
            frames=paths["frames.tar"],
            faces=paths["faces.csv"],
            edited=paths["edited.tar"],
            **planned,
        )
        return read_images(paths["frames.tar"]), *read_faces(paths["faces.csv"]), read_images(paths["edited.tar"])

    edit.names, edit.folder = names, tmp_path
    return edit


def test_a_plan_of_faces_edited_elsewhere_has_no_codes(world):
    lines = (world.folder / "plan.csv").read_text().splitlines()
    assert lines[:2] == [
        "source_id,path,sha256,split,label,theta,rho,code_x,code_y,shard",
        "00000,00000.png,00000,train,fear,,,,,0",
    ]


def test_faces_that_are_the_original_ones_give_back_the_portraits(world):
    frames, faces, _, edited = world({f"fear/{name}.png": portrait(name, 200) for name in world.names})
    assert list(edited) == world.names

    assert list(edited) == world.names

    def of_portrait(name):
        left, top, right, bottom = faces[name].box
        return frames[name][top:bottom, left:right]

    shards = {name: world.folder / f"{name}.tar" for name in ("edited", "recolored", "blended", "frames")}
    shared = {"frames": shards["frames"], "faces": world.folder / "faces.csv"}
    blend = {"method": "alpha", "border": 0.15}
    blend_faces(patches=shards["edited"], blended=shards["blended"], settings=blend, **shared)
    for name, face in read_images(shards["blended"]).items():
        np.testing.assert_array_equal(face, of_portrait(name))
    color = {"method": "lab-skin", "region": "face", "robust": False, "strength": 1.0}
    transfer_color(edited=shards["edited"], recolored=shards["recolored"], settings=color, **shared)
    blend_faces(patches=shards["recolored"], blended=shards["blended"], settings=blend, **shared)
    for name, face in read_images(shards["blended"]).items():
        assert np.abs(face.astype(int) - of_portrait(name)).max() <= 1


def test_faces_of_another_size_are_resized(world):
    frames, faces, _, edited = world(
        {
            "fear/00001.png": portrait("00001", 80),
            "fear/00000.png": portrait("00000", 640),
            "fear/00002.png": portrait("00002", 160),
        }
    )
    for name, image in edited.items():
        left, top, right, bottom = faces[name].box
        assert image.shape == (bottom - top, right - left, 3)
        assert np.abs(image.astype(float) - frames[name][top:bottom, left:right]).mean() < 6
    assert faces["00001"].box[2] - faces["00001"].box[0] > 40


def test_a_face_that_was_cut_out_goes_where_its_box_is(world):
    # In the portraits' own pixels, of which four of the frame are five.
    boxes = {"00000": (50, 50, 150, 175), "00001": (-20, 25, 180, 225), "00002": (0, 0, 25, 25)}
    files, table = {}, ""
    for name, (left, top, right, bottom) in boxes.items():
        padded = cv2.copyMakeBorder(portrait(name, 200), 40, 40, 40, 40, cv2.BORDER_REFLECT_101)
        files[f"x{name}.png"] = padded[top + 40 : bottom + 40, left + 40 : right + 40]
        table += f"{name},fear,x{name}.png,{left},{top},{right},{bottom}\n"
    frames, faces, reasons, edited = world(files, table)
    assert faces["00000"].box == (40, 40, 120, 140)
    assert faces["00001"].box == (0, 20, 144, 160)  # what leaves the portrait is cut off
    assert reasons == {"00002": ELSEWHERE}
    for name, image in edited.items():
        left, top, right, bottom = faces[name].box
        assert np.abs(image.astype(float) - frames[name][top:bottom, left:right]).mean() < 4


@pytest.mark.parametrize("world", [12], indirect=True)
def test_faces_that_were_cut_out_are_not_taken_for_whole_portraits(world):
    def cut(name):
        image = portrait(name, 200)
        (face,) = load_detector(min_face=0.2).detect([image])[0]
        return bring_into(image, face.box, "mtcnn-square", 128)

    with pytest.raises(InputError, match=r"edited: the edited faces are not in the place of the portraits' .* of 12,"):
        world({f"fear/{name}.png": cut(name) for name in world.names})
    assert not (world.folder / "edited.tar").exists()


def test_likeness_is_the_correlation_of_greys():
    image = np.random.default_rng(1).integers(0, 256, (16, 16, 3), np.uint8)
    other = np.random.default_rng(2).integers(0, 256, (16, 16, 3), np.uint8)
    greys = [each.astype(float) @ [0.299, 0.587, 0.114] for each in (image, other)]
    assert likeness(image, other) == pytest.approx(np.corrcoef(greys[0].ravel(), greys[1].ravel())[0, 1], abs=0.01)
    assert likeness(image, image // 2 + 60) == pytest.approx(1, abs=0.001)
    assert np.isnan(likeness(image, np.full_like(image, 7)))


def test_a_face_that_has_gone_since_is_an_error(world, tmp_path):
    world({f"fear/{name}.png": portrait(name, 160) for name in world.names})
    (tmp_path / "edited/fear/00001.png").unlink()
    with pytest.raises(InputError, match=r"fear/00001\.png: cannot be opened .* run again"):
        take_patches(
            folder=tmp_path / "edited",
            patches=tmp_path / "patches.csv",
            plan=tmp_path / "plan.csv",
            shard=0,
            frames=write_images(tmp_path / "f.tar", {"00001": portrait("00001", 160)}),
            faces=write_one_face(tmp_path / "one.csv"),
            edited=tmp_path / "e.tar",
        )


def write_one_face(path):
    write_faces({"00001": Face((20, 20, 90, 100), 0.99, np.zeros((5, 2)))}, path)
    return path
