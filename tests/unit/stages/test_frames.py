import io

import cv2
import numpy as np
import pandas as pd
from imaging import portrait, read_images, write_source
from PIL import Image

from synface.core.images import encode_png
from synface.core.resize import resize, shrink
from synface.stages.frames import prepare_frames


def prepared(folder, plan, shard="0", resolution=64):
    paths = {"frames": folder / f"frames/{shard}.tar", "rejects": folder / f"frames/{shard}.rejects.csv"}
    prepare_frames(images=folder, plan=plan, shard=shard, resolution=resolution, **paths)
    return read_images(paths["frames"]), pd.read_csv(paths["rejects"])


def test_portraits_are_scaled_down_by_averaging_and_never_up(tmp_path):
    large = np.random.default_rng(0).integers(0, 256, (192, 128, 3), dtype=np.uint8)
    small = portrait("0", 48)
    frames, rejects = prepared(tmp_path, write_source(tmp_path, {"large": large, "small": small}))
    # Halving by areas is the mean of each 2 x 2 block.
    means = large.reshape(96, 2, 64, 2, 3).mean(axis=(1, 3))
    assert np.abs(frames["large"] - means).max() <= 0.5
    np.testing.assert_array_equal(frames["small"], small)
    assert len(rejects) == 0


def test_grey_and_turned_portraits_become_upright_rgb(tmp_path):
    image = portrait("1", 64)[:, :40]
    grey, turned = io.BytesIO(), io.BytesIO()
    Image.fromarray(image).convert("L").save(grey, "PNG")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.ascontiguousarray(np.rot90(image))).save(turned, "PNG", exif=exif)
    frames, _ = prepared(tmp_path, write_source(tmp_path, {"grey": grey.getvalue(), "turned": turned.getvalue()}))
    assert frames["grey"].shape == (64, 40, 3)
    assert np.ptp(frames["grey"], axis=2).max() == 0
    np.testing.assert_array_equal(frames["turned"], image)


def test_what_cannot_be_read_is_rejected_with_its_reason(tmp_path):
    data = encode_png(portrait("0", 64))
    plan = write_source(tmp_path, {"000": data[: len(data) // 2], "001": data, "002": b"no image", "003": data})
    (tmp_path / "003.png").unlink()
    frames, rejects = prepared(tmp_path, plan)
    assert list(frames) == ["001"]
    rejects = pd.read_csv(tmp_path / "frames/0.rejects.csv", dtype=str).set_index("source_id")["reason"]
    assert list(rejects.index) == ["000", "002", "003"]
    assert all(f"{source_id}.png" in reason for source_id, reason in rejects.items())


def test_another_number_of_shards_gives_the_same_frames(tmp_path):
    portraits = {f"{index:03}": portrait(str(index % 2), 80) for index in range(5)}
    whole, _ = prepared(tmp_path / "one", write_source(tmp_path / "one", portraits))
    plan = write_source(tmp_path / "two", portraits, shards=2)
    halves = {**prepared(tmp_path / "two", plan, "0")[0], **prepared(tmp_path / "two", plan, "1")[0]}
    assert sorted(halves) == list(whole) == sorted(portraits)
    for source_id, frame in whole.items():
        np.testing.assert_array_equal(halves[source_id], frame)


def test_the_shorter_side_gets_the_resolution():
    image = np.zeros((300, 225, 3), np.uint8)
    assert shrink(image, 150).shape == (200, 150, 3)
    assert shrink(image.transpose(1, 0, 2), 150).shape == (150, 200, 3)
    assert shrink(np.zeros((2, 9000, 3), np.uint8), 1).shape == (1, 4500, 3)


def test_resize_takes_the_filter_that_fits():
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2] = 200
    assert np.unique(resize(stripes, 16, 16)).tolist() == [100]  # bilinear sampling at thirds would show stripes
    ramp = np.repeat(np.arange(0, 250, 10, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(4, axis=0)
    np.testing.assert_array_equal(resize(ramp, 75, 8), cv2.resize(ramp, (75, 8), interpolation=cv2.INTER_LINEAR))
