import hashlib
import io
import os
import zipfile

import cv2
import numpy as np
import pandas as pd
import pytest
from pictures import picture
from PIL import Image

from synface.core.counts import CELLS, write_counts
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.core.tables import read_table
from synface.stages.sources import index_source, open_source, share_for_testing


def image_bytes(width=6, height=4, kind="PNG", value=0):
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), value, np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def index(images, tmp_path, test_fraction=0.2, seed=1):
    index_source(
        images=images,
        index=tmp_path / "index.csv",
        rejects=tmp_path / "rejects.csv",
        test_fraction=test_fraction,
        seed=seed,
    )
    text = {"source_id": str, "path": str}
    return pd.read_csv(tmp_path / "index.csv", dtype=text), pd.read_csv(tmp_path / "rejects.csv", dtype=text)


def test_a_picture_that_is_there_several_times_is_one_portrait(tmp_path):
    # As download_ffhq.py leaves them: two sizes side by side, and a backup of some.
    faces = tmp_path / "faces"
    for number in range(12):
        large = picture(number, 128)
        write_files(faces, {f"images1024x1024/{number:05d}.png": encode_png(large)})
        small = cv2.resize(large, (64, 64), interpolation=cv2.INTER_AREA)
        write_files(faces, {f"thumbnails128x128/{number:05d}.png": encode_png(small)})
    write_files(
        faces, {"backup/a.png": encode_png(picture(3, 128)), "backup/b.png": encode_png(picture(4, 128)[:, ::-1])}
    )
    found, rejects = index(faces, tmp_path, test_fraction=0.5)
    assert found["path"].tolist() == [
        *["backup/a.png", "backup/b.png"],
        *(f"images1024x1024/{number:05d}.png" for number in range(12) if number not in (3, 4)),
    ]
    assert len(rejects) == 14
    reasons = rejects.set_index("path")["reason"]
    assert reasons["thumbnails128x128/00003.png"] == "is a copy of another portrait (backup/a.png)"
    assert reasons["thumbnails128x128/00007.png"] == "is a copy of another portrait (images1024x1024/00007.png)"


@pytest.mark.parametrize("threads", [1, 4])
def test_threads_change_nothing(tmp_path, threads):
    write_files(tmp_path / "faces", {f"{seed}.png": encode_png(picture(seed, 40)) for seed in range(9)})
    settings = {"images": tmp_path / "faces", "test_fraction": 0.5, "seed": 1}
    index_source(index=tmp_path / "i.csv", rejects=tmp_path / "r.csv", threads=threads, **settings)
    rows = read_table(tmp_path / "i.csv", text=["source_id"])
    assert rows["source_id"].tolist() == [str(seed) for seed in range(9)]


def test_the_split_follows_the_sets_that_are_imitated(tmp_path):
    write_files(tmp_path / "faces", {f"{number}.png": image_bytes(value=number) for number in range(40)})
    cells = dict.fromkeys(CELLS, 0)
    write_counts(cells | {("train", "fear"): 60, ("test", "fear"): 20}, tmp_path / "a.csv")
    write_counts(cells | {("train", "fear"): 10, ("test", "anger"): 6}, tmp_path / "b.csv")
    # a asks for a quarter, b for 7 of 18, spares included.
    for counts, expected in (([], 8), (["a.csv"], 10), (["a.csv", "b.csv"], 16)):
        index_source(
            images=tmp_path / "faces",
            index=tmp_path / "index.csv",
            rejects=tmp_path / "rejects.csv",
            test_fraction=None,
            seed=1,
            counts=[tmp_path / name for name in counts],
        )
        assert (pd.read_csv(tmp_path / "index.csv")["split"] == "test").sum() == expected


@pytest.mark.parametrize("portraits", [28, 30, 60, 399])
def test_few_portraits_are_split_so_that_each_class_has_an_image_in_either_split(tmp_path, portraits):
    # RAF-DB's own counts: a fifth of 30 portraits would be 6 for seven classes.
    train, test = [1290, 281, 717, 4772, 1982, 705, 2524], [329, 74, 160, 1185, 478, 162, 680]
    write_counts(dict(zip(CELLS, [*train, *test], strict=True)), tmp_path / "raf.csv")
    tested = round(portraits * share_for_testing([tmp_path / "raf.csv"], portraits))
    assert tested >= 14  # one of each class, and a spare of each
    assert portraits - tested >= 14
    assert share_for_testing([tmp_path / "raf.csv"], 70_000) == pytest.approx(0.2, abs=0.001)


def test_zip_files_in_a_folder_are_looked_into(tmp_path):
    (tmp_path / "faces/parts").mkdir(parents=True)
    write_zip(
        tmp_path / "faces/parts/00000.zip", {"a/1.png": image_bytes(), "2.png": image_bytes(value=2), "x.txt": b""}
    )
    (tmp_path / "faces/broken.zip").write_bytes(b"PK nothing")
    write_files(tmp_path / "faces", {"3.png": image_bytes(value=3)})
    found, rejects = index(tmp_path / "faces", tmp_path)
    assert found["path"].tolist() == ["3.png", "parts/00000.zip/2.png", "parts/00000.zip/a/1.png"]
    assert rejects["path"].tolist() == ["broken.zip"]
    with open_source(tmp_path / "faces") as read:
        assert read("parts/00000.zip/2.png") == image_bytes(value=2)
        with pytest.raises(InputError, match=r"4.png in .*is not in the zip file any more"):
            read("parts/00000.zip/4.png")
    assert found["sha256"][0] == hashlib.sha256(image_bytes(value=3)).hexdigest()


def write_parts(folder, name, files, size):
    """Write a zip file in parts of ``size`` bytes; return how many."""
    data = write_zip(folder / name, files).read_bytes()
    (folder / name).unlink()
    starts = range(0, len(data), size)
    for number, start in enumerate(starts, start=1):
        (folder / f"{name}.{number:03d}").write_bytes(data[start : start + size])
    return len(starts)


def test_a_zip_file_in_parts_is_read_as_the_whole(tmp_path):
    files = {f"images1024x1024/00000/{number:05d}.png": encode_png(picture(number, 40)) for number in range(9)}
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    write_zip(tmp_path / "whole/ffhq.zip", files)
    assert write_parts(tmp_path / "parts", "ffhq.zip", files, 4000) > 5  # an image lies across parts
    expected, _ = index(tmp_path / "whole", tmp_path)
    found, rejects = index(tmp_path / "parts", tmp_path)
    assert found.equals(expected)
    assert rejects.empty
    with open_source(tmp_path / "parts") as read:
        for path, data in files.items():
            assert read(f"ffhq.zip/{path}") == data
    assert len(list((tmp_path / "parts").iterdir())) > 5  # nothing was written beside them


def test_a_part_that_is_missing_is_one_sentence(tmp_path):
    faces = tmp_path / "faces"
    faces.mkdir()
    number = write_parts(
        faces, "ffhq.zip", {f"{number}.png": encode_png(picture(number, 40)) for number in range(9)}, 4000
    )
    with pytest.raises(InputError, match=r"ffhq\.zip\.001: expected a folder .* found a part of one; give the folder"):
        index(faces / "ffhq.zip.001", tmp_path)
    (faces / f"ffhq.zip.{number:03d}").rename(tmp_path / "last")
    with pytest.raises(InputError, match=rf"ffhq\.zip: its {number - 1} parts, .* do not make up a zip file"):
        index(faces, tmp_path)
    (tmp_path / "last").rename(faces / f"ffhq.zip.{number:03d}")
    (faces / "ffhq.zip.002").unlink()
    with pytest.raises(InputError, match=r"ffhq\.zip\.002: a part of the zip file is missing"):
        index(faces, tmp_path)
    write_zip(faces / "ffhq.zip", {"1.png": image_bytes()})
    (faces / "ffhq.zip.002").write_bytes(b"")
    with pytest.raises(InputError, match=r"ffhq\.zip: is there whole and in parts"):
        index(faces, tmp_path)


@pytest.mark.parametrize("zipped", [False, True])
def test_what_ffhq_has_under_one_number_is_one_portrait_however_many_there_are(tmp_path, monkeypatch, zipped):
    monkeypatch.setattr("synface.stages.sources.find_copies", lambda _pictures: [])  # their numbers alone tell
    sizes = {"images1024x1024": 128, "thumbnails128x128": 32, "in-the-wild-images": 160}
    for folder, size in sizes.items():
        # The photograph behind a portrait is another picture.
        shown = {number: picture(number + 50 * (size == 160), 160) for number in range(4)}
        files = {
            f"00000/{number:05d}.png": encode_png(cv2.resize(image, (size, size)))
            for number, image in shown.items()
            if (folder, number) not in {("images1024x1024", 2), ("images1024x1024", 3), ("thumbnails128x128", 3)}
        }
        if zipped:
            (tmp_path / "ffhq").mkdir(exist_ok=True)
            write_zip(tmp_path / f"ffhq/{folder}.zip", files)
        else:
            write_files(tmp_path / "ffhq" / folder, files)
    found, rejects = index(tmp_path / "ffhq", tmp_path)
    end = ".zip" if zipped else ""
    assert found["path"].tolist() == [
        f"images1024x1024{end}/00000/00000.png",
        f"images1024x1024{end}/00000/00001.png",
        f"in-the-wild-images{end}/00000/00003.png",
        f"thumbnails128x128{end}/00000/00002.png",
    ]
    assert len(rejects) == 5
    assert rejects["reason"].str.startswith("is a copy of another portrait (").all()


def test_what_is_no_file_is_listed_and_never_opened(tmp_path):
    faces = write_files(tmp_path / "faces", {"a.png": image_bytes()})
    os.mkfifo(faces / "pipe.png")
    (faces / "gone.png").symlink_to("nowhere.png")
    (faces / os.fsdecode(b"latin-\xe9.png")).write_bytes(image_bytes())
    found, rejects = index(faces, tmp_path)
    assert found["path"].tolist() == ["a.png"]
    assert rejects["path"].tolist() == ["gone.png", r"latin-\xe9.png", "pipe.png"]


def write_files(folder, files):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def write_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


FFHQ = {
    "images1024x1024/00000/00000.png": image_bytes(),
    "images1024x1024/00000/00001.png": image_bytes(8, 8),
    "images1024x1024/01000/01000.png": image_bytes(5, 9),
    "images1024x1024/LICENSE.txt": b"CC",
    "ffhq-dataset-v2.json": b"{}",
    "LICENSE": b"terms",
    "__MACOSX/images1024x1024/._00000.png": b"junk",
    "images1024x1024/.hidden.png": b"junk",
}


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_ffhq_as_folder_and_as_zip(tmp_path, kind):
    images = write_files(tmp_path / "ffhq", FFHQ) if kind == "folder" else write_zip(tmp_path / "ffhq.zip", FFHQ)
    found, rejects = index(images, tmp_path)
    prefix = "images1024x1024-"
    assert found["source_id"].tolist() == [f"{prefix}00000-00000", f"{prefix}00000-00001", f"{prefix}01000-01000"]
    assert found[["width", "height"]].to_numpy().tolist() == [[6, 4], [8, 8], [5, 9]]
    assert rejects.empty
    with open_source(images) as read:
        assert [read(path) for path in found["path"]] == [FFHQ[path] for path in found["path"]]


def test_what_is_no_image_is_rejected_with_its_reason(tmp_path):
    huge = b"P6\n20000 20000\n255\n"
    files = {
        "a.jpg": image_bytes(kind="JPEG"),
        "b.jpg": b"<html>",
        "c.png": b"",
        "d.ppm": huge,
        "e": image_bytes(),
        "f": b"?",
    }
    found, rejects = index(write_files(tmp_path / "in", files), tmp_path)
    assert found["path"].tolist() == ["a.jpg", "e"]
    assert rejects["path"].tolist() == ["b.jpg", "c.png", "d.ppm", "f"]
    assert rejects["reason"].str.startswith("not a readable image").tolist() == [True, True, False, True]
    assert "20000 x 20000" in rejects["reason"][2]


def test_postscript_is_not_interpreted(tmp_path):
    files = {"a.png": image_bytes(), "b.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"}
    _, rejects = index(write_files(tmp_path / "in", files), tmp_path)
    assert rejects["path"].tolist() == ["b.eps"]


def test_split_takes_the_share_and_ignores_names_of_other_files(tmp_path):
    files = {f"{number:03d}.png": image_bytes() for number in range(50)}
    found, _ = index(write_files(tmp_path / "in", files), tmp_path, test_fraction=0.29)
    assert (found["split"] == "test").sum() == 15  # 14.5, half up
    (tmp_path / "in" / "notes.txt").write_text("no portrait")
    again, _ = index(tmp_path / "in", tmp_path, test_fraction=0.29)
    assert again.equals(found)
    other, _ = index(tmp_path / "in", tmp_path, test_fraction=0.29, seed=2)
    assert not other["split"].equals(found["split"])


def test_a_larger_test_share_keeps_the_smaller_one(tmp_path):
    images = write_files(tmp_path / "in", {f"{number:03d}.png": image_bytes() for number in range(50)})
    few, _ = index(images, tmp_path, test_fraction=0.1)
    many, _ = index(images, tmp_path, test_fraction=0.5)
    assert set(few.loc[few["split"] == "test", "source_id"]) < set(many.loc[many["split"] == "test", "source_id"])


def test_linked_folders_are_entered_and_loops_end(tmp_path):
    write_files(tmp_path / "elsewhere", {"a.png": image_bytes()})
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    found, _ = index(tmp_path / "in", tmp_path)
    assert found["path"].tolist() == ["linked/a.png"]


def test_a_portrait_called_na_keeps_its_name(tmp_path):
    index(write_files(tmp_path / "in", {"NA.png": image_bytes(), "null.png": image_bytes()}), tmp_path)
    assert read_table(tmp_path / "index.csv", text=["source_id"])["source_id"].tolist() == ["NA", "null"]


@pytest.mark.parametrize("files", [{}, {"a.png": b"broken"}, {"notes.txt": b"text"}])
def test_no_portrait_at_all_is_an_error(tmp_path, files):
    (tmp_path / "in").mkdir()
    with pytest.raises(InputError, match="none could be read"):
        index(write_files(tmp_path / "in", files), tmp_path)


def test_missing_or_other_input_is_an_error(tmp_path):
    with pytest.raises(InputError, match="found nothing"):
        index(tmp_path / "absent", tmp_path)
    (tmp_path / "a.tar.gz").write_bytes(b"no zip")
    with pytest.raises(InputError, match="no zip"):
        index(tmp_path / "a.tar.gz", tmp_path)


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", "absent.png"])
def test_reading_stays_inside_the_folder(tmp_path, path):
    (tmp_path / "secret.txt").write_text("secret")
    images = write_files(tmp_path / "in", {"a.png": image_bytes()})
    with open_source(images) as read, pytest.raises(InputError, match=r"leads out|cannot be opened"):
        read(path)


def test_damaged_member_of_a_zip_names_itself(tmp_path):
    images = write_zip(tmp_path / "in.zip", {"a.png": image_bytes(40, 40, value=9)})
    data = bytearray(images.read_bytes())
    data[60] ^= 0xFF  # inside the stored bytes, so the checksum fails
    images.write_bytes(bytes(data))
    with open_source(images) as read, pytest.raises(InputError, match=r"a\.png in"):
        read("a.png")
