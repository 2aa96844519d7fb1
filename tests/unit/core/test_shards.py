import io
import tarfile

import numpy as np
import pytest
from imaging import portrait, read_images, write_images

from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.core.shards import read_shard, write_shard


def test_images_come_back_in_order(tmp_path):
    images = {"b": portrait("0", 32), "a_1-2": portrait("1", 24)}
    found = read_images(write_images(tmp_path / "0.tar", images))
    assert list(found) == ["b", "a_1-2"]
    for name, image in images.items():
        np.testing.assert_array_equal(found[name], image)


def test_only_the_named_images_are_decoded(tmp_path):
    path = tmp_path / "0.tar"
    with tarfile.open(path, "w") as archive:
        for name, data in (("a", b"no picture"), ("b", encode_png(portrait("0", 32))), ("c", b"none either")):
            member = tarfile.TarInfo(f"{name}.png")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    ((name, image),) = read_shard(path, only={"b", "elsewhere"})
    assert name == "b"
    np.testing.assert_array_equal(image, portrait("0", 32))


def test_equal_images_give_equal_bytes_without_time_or_owner(tmp_path):
    paths = [write_images(tmp_path / name, {"x": portrait("0", 32)}) for name in ("0.tar", "1.tar")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with tarfile.open(paths[0]) as archive:
        (member,) = archive.getmembers()
    assert (member.name, member.mtime, member.uid, member.uname) == ("x.png", 0, 0, "")


def test_a_failed_shard_leaves_nothing(tmp_path):
    def write_and_fail():
        with write_shard(tmp_path / "0.tar") as write:
            write("x", portrait("0", 32))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_members_that_are_no_files_are_passed_over_and_nothing_is_unpacked(tmp_path):
    path = write_images(tmp_path / "0.tar", {"x": portrait("0", 32)})
    with tarfile.open(path, "a") as archive:
        link = tarfile.TarInfo("y.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        data = tarfile.TarInfo("../../z.png")
        content = encode_png(portrait("0", 32))
        data.size = len(content)
        archive.addfile(data, io.BytesIO(content))
    assert [name for name, _ in read_shard(path)] == ["x", "z"]
    assert list(tmp_path.parent.parent.glob("z.png")) == []


def test_what_is_no_tar_is_named(tmp_path):
    (tmp_path / "0.tar").write_bytes(b"nonsense" * 100)
    with pytest.raises(InputError, match=r"0\.tar: not a readable shard"):
        read_images(tmp_path / "0.tar")
