"""What counts as a change of the user's files, and what does not."""

import hashlib
import os
import shutil
import zipfile

import pytest

from synface.study.contents import Contents, written_hashes


@pytest.fixture
def folder(tmp_path):
    """Three pictures and a list, hours old."""
    for name, data in {"a/1.png": b"one", "a/2.png": b"two", "b/3.png": b"three", "labels.txt": b"1 happy\n"}.items():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(data)
        os.utime(tmp_path / "set" / name, (1_000_000, 1_000_000))
    return tmp_path / "set"


def hashes(folder):
    """What a job has written down: of the pictures, not of the list."""
    return lambda: {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.png")
    }


def digest(folder, known=dict, name="datasets.x", look=True, **how):
    return Contents(look=look, memory=folder.parent / "memory").of(name, str(folder), known, **how).digest


def replace(path, data, time=1_000_000):
    path.write_bytes(data)
    os.utime(path, (time, time))


def test_looking_again_changes_nothing(folder):
    first = digest(folder)
    assert first
    assert digest(folder) == first
    assert Contents(look=True, memory=folder.parent / "memory").of("datasets.x", str(folder)).number == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: replace(folder / "a/1.png", b"longer than before"),
        lambda folder: replace(folder / "a/1.png", b"ONE", time=2_000_000),
        lambda folder: replace(folder / "labels.txt", b"1 angry\n", time=2_000_000),
        lambda folder: (
            (folder / "b/deep/er").mkdir(parents=True),
            replace(folder / "b/deep/er/4.png", b"four"),
        ),
        lambda folder: (folder / "a/2.png").unlink(),
        lambda folder: (folder / "a/2.png").rename(folder / "a/3.png"),
        lambda folder: (folder / "a/4.png").symlink_to("nowhere"),
    ],
)
def test_what_is_another_content(folder, change):
    known = hashes(folder)()
    first = digest(folder, lambda: known)
    change(folder)
    changed = digest(folder, lambda: known)
    assert changed != first
    assert digest(folder, lambda: known) == changed


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: [os.utime(path, (3_000_000, 3_000_000)) for path in folder.rglob("*")],
        lambda folder: [(folder / name).touch() for name in (".DS_Store", "a/._1.png", "b/Thumbs.db")],
        lambda folder: os.utime(folder / "labels.txt"),
        lambda folder: (
            shutil.copytree(folder, folder.parent / "new"),
            shutil.rmtree(folder),
            (folder.parent / "new").rename(folder),
        ),
    ],
)
def test_what_is_the_same_content(folder, change):
    known = hashes(folder)()
    first = digest(folder, lambda: known)
    change(folder)
    assert digest(folder, lambda: known) == first
    assert digest(folder, lambda: known) == first


def test_a_copy_elsewhere_is_the_same_content(folder):
    known = hashes(folder)()
    first = digest(folder, lambda: known)
    shutil.copytree(folder, folder.parent / "elsewhere", copy_function=shutil.copyfile)
    assert digest(folder.parent / "elsewhere", lambda: known) == first


def test_a_touch_of_what_no_job_has_read_counts(folder):
    first = digest(folder)
    os.utime(folder / "a/1.png")
    assert digest(folder) != first


def test_a_small_folder_that_is_read_whole_needs_no_job(folder):
    first = digest(folder, whole=True)
    os.utime(folder / "a/1.png")
    assert digest(folder, whole=True) == first
    replace(folder / "a/1.png", b"ONE", time=2_000_000)
    assert digest(folder, whole=True) != first


def test_jobs_go_by_what_planning_saw(folder):
    first = digest(folder)
    replace(folder / "a/1.png", b"longer than before")
    assert digest(folder, look=False) == first
    assert digest(folder) != first


def test_a_file_is_known_by_its_bytes(tmp_path):
    weights = tmp_path / "weights.pth"
    replace(weights, b"0123")
    first = digest(weights)
    assert first == hashlib.sha256(b"0123").hexdigest()
    os.utime(weights)
    assert digest(weights) == first
    replace(weights, b"0124", time=2_000_000)
    assert digest(weights) != first
    assert digest(tmp_path / "nothing", name="another") == ""


def test_a_zip_file_is_known_by_its_directory(tmp_path):
    def write(name, data):
        with zipfile.ZipFile(tmp_path / "faces.zip", "w") as archive:
            archive.writestr(zipfile.ZipInfo("readme.txt"), b"hello")
            archive.writestr(name, data)

    write("1.png", b"one")
    first = digest(tmp_path / "faces.zip")
    assert Contents(look=True, memory=tmp_path / "other").of("s", str(tmp_path / "faces.zip")).number == 2
    write("1.png", b"one")  # with another time inside
    assert digest(tmp_path / "faces.zip") == first
    faces = tmp_path / "faces"
    faces.mkdir()
    (tmp_path / "faces.zip").rename(faces / "faces.zip")
    (faces / "3.png").touch()
    seen = Contents(look=True, memory=tmp_path / "folder").of("s", str(faces))
    assert seen.number == 3
    os.utime(faces / "faces.zip", (3_000_000, 3_000_000))
    assert Contents(look=True, memory=tmp_path / "folder").of("s", str(faces)) == seen
    write("1.png", b"ONE")
    assert digest(tmp_path / "faces.zip") != first


def test_a_damaged_memory_is_no_obstacle(folder):
    first = digest(folder)
    for path in (folder.parent / "memory").iterdir():
        path.write_text("{")
    assert digest(folder) == first


def test_written_hashes_are_read_from_the_tables_that_are_there(tmp_path):
    (tmp_path / "index.csv").write_text("source_id,path,sha256\n1,a.png,abc\n2,b.png,\n")
    assert written_hashes([str(tmp_path / "index.csv"), str(tmp_path / "absent.csv")]) == {"a.png": "abc"}
